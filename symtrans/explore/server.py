"""The server: reads requests, hands questions to processes, keeps answers; it computes nothing itself."""

import asyncio
import json
import logging
import socket
from collections import OrderedDict
from collections.abc import Coroutine
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import uvicorn
from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from symtrans._version import __version__
from symtrans.catalogue import catalogue
from symtrans.explore.access import Guard
from symtrans.explore.answers import Answer, answer, refusal
from symtrans.explore.questions import BadQuestion, Question, SourceQuestion
from symtrans.present.html import explore_page
from symtrans.runtime import workers
from symtrans.runtime.budgets import OutOfMemory, OutOfTime
from symtrans.runtime.templates import text_of

_log = logging.getLogger("uvicorn.error")

_MOST_BYTES = 100_000  # of a request
_MOST_SECONDS = 10.0  # for its arrival
_MOST_WAITING = 64  # questions at a time
_MOST_KEPT = 512  # answers
_STATIC = {
    **{f"{name}.js": "text/javascript" for name in ("formula", "signal", "image", "plot", "panel", "explore")},
    "page.css": "text/css",
}


@dataclass
class _Computation:
    """One that is under way: its answer to come, who waits for it, and how it is ended."""

    stop: workers.Stop
    answer: asyncio.Task[Answer] = field(init=False)
    waiting: int = 0


class Desk:
    """Answers questions: from what is kept, from a computation under way, or from a new one.

    Each computation runs in a process of its own, which ends when nobody waits for it any
    more. Families of the catalogue have places of their own, so that no formula that
    somebody typed is before them.

    Parameters
    ----------
    places : int
        How many formulas are translated at a time.
    seconds : float
    memory : int
        The most that one of them may take.
    """

    _closed = False

    def __init__(self, places: int = 6, seconds: float = 20.0, memory: int = 2**29) -> None:
        self._seconds = seconds
        self._memory = memory
        self._kept: OrderedDict[object, Answer] = OrderedDict()
        self._running: dict[object, _Computation] = {}
        self._places = {"catalogue": CapacityLimiter(2), "own": CapacityLimiter(places)}

    def close(self) -> None:
        """End what is being computed; whoever waits for it is told."""
        self._closed = True
        workers.end()

    async def ask(self, question: Question | SourceQuestion) -> Answer:
        """The answer, or a refusal that says why there is none; who no longer waits is cancelled here."""
        if question in self._kept:
            self._kept.move_to_end(question)
            return self._kept[question]
        if question not in self._running:
            if len(self._running) >= _MOST_WAITING:
                return refusal(503, "Too many formulas are being translated; try again in a moment.")
            self._running[question] = begun = _Computation(workers.Stop())
            begun.answer = asyncio.create_task(self._compute(question, begun))
        computation = self._running[question]
        computation.waiting += 1
        try:
            return await asyncio.shield(computation.answer)
        finally:
            computation.waiting -= 1
            if not computation.waiting:
                computation.stop()
                self._forget(question, computation)

    def _forget(self, question: Question | SourceQuestion, computation: _Computation) -> None:
        if self._running.get(question) is computation:
            del self._running[question]

    async def _compute(self, question: Question | SourceQuestion, computation: _Computation) -> Answer:
        asked = question.nonlinearity if isinstance(question, SourceQuestion) else question
        places = self._places["catalogue" if asked.family else "own"]
        try:
            result, final = await to_thread.run_sync(self._apart, question, computation.stop, limiter=places)
        finally:
            self._forget(question, computation)
        if final:
            self._kept[question] = result
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return result

    def _apart(self, question: Question | SourceQuestion, stop: workers.Stop) -> tuple[Answer, bool]:
        """The answer, computed in another process, and whether it would be the same next time."""
        if self._closed:
            return refusal(503, "The server has been stopped."), False
        try:
            budget = 0.4 * self._seconds  # what is not found by then is left open, and said so
            seconds = self._seconds
            found = workers.call(
                answer, question, budget, seconds=seconds, clock=seconds, memory=self._memory, stop=stop
            )
            return found, True
        except workers.Stopped:
            return refusal(503, "Nobody waits for this any more."), False
        except OutOfTime:
            return refusal(422, f"This takes longer than the {self._seconds:g} s that the page waits."), False
        except OutOfMemory:
            return refusal(422, f"This takes more memory than the {self._memory >> 20} MiB of one request."), False
        except Exception as error:  # a fault of ours: this request is lost, the server goes on
            _log.error("%s: %s", type(error).__name__, error)
            return refusal(500, f"symtrans failed at this input ({type(error).__name__}: {error})."), False


async def _body(request: Request) -> object:
    """The JSON of a request, within the limits of size and time."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise HTTPException(415, "the request is not application/json")
    chunks = bytearray()
    try:
        async with asyncio.timeout(_MOST_SECONDS):
            async for chunk in request.stream():
                chunks += chunk
                if len(chunks) > _MOST_BYTES:
                    raise HTTPException(413, f"the request has more than {_MOST_BYTES} bytes")
    except TimeoutError:
        raise HTTPException(408, "the request did not arrive in time") from None
    try:
        return json.loads(chunks)
    except (ValueError, RecursionError):
        raise HTTPException(400, "the request is not JSON") from None


def application(host: str, desk: Desk) -> Starlette:
    """The page as an ASGI application.

    Parameters
    ----------
    host : str
        Where it is served; requests for other hosts are refused.
    desk : Desk
        Who answers.
    """
    page = explore_page(list(catalogue), __version__).encode()
    static = {name: (text_of(f"html/{name}").encode(), kind) for name, kind in _STATIC.items()}

    async def index(request: Request) -> Response:
        return Response(page, media_type="text/html")

    async def static_file(request: Request) -> Response:
        if request.path_params["name"] not in static:
            raise HTTPException(404, "no such file")
        text, kind = static[request.path_params["name"]]
        return Response(text, media_type=kind)

    async def ask(request: Request, read: type[Question] | type[SourceQuestion]) -> Response:
        try:
            question = read.read(await _body(request))
        except BadQuestion as error:
            return _response(refusal(400, str(error)))
        except ClientDisconnect:
            return Response(status_code=400)
        return await _unless_left(request, desk.ask(question))

    async def translate(request: Request) -> Response:
        return await ask(request, Question)

    async def sources(request: Request) -> Response:
        return await ask(request, SourceQuestion)

    return Starlette(
        routes=[
            Route("/", index),
            Route("/static/{name}", static_file),
            Route("/translate", translate, methods=["POST"]),
            Route("/sources", sources, methods=["POST"]),
        ],
        middleware=[Middleware(Guard, name=host)],
        exception_handlers={HTTPException: _as_json},
    )


async def _unless_left(request: Request, answer: Coroutine[Any, Any, Answer]) -> Response:
    """The answer, or none where the client hangs up first: then nobody waits for it."""
    answering = asyncio.create_task(answer)
    leaving = asyncio.create_task(_left(request))
    await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
    leaving.cancel()
    if answering.done():
        return _response(answering.result())
    answering.cancel()
    return Response(status_code=503)


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _response(result: Answer) -> Response:
    return Response(result.body, result.status, media_type="application/json")


async def _as_json(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _response(refusal(error.status_code, error.detail))


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes a free one.

    Raises
    ------
    OSError
        If the address is not of this machine, or taken.
    """
    (kind, _, _, _, address), *_ = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    listening = socket.socket(kind, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(128)
    except OSError:
        listening.close()
        raise
    return listening


class _Server(uvicorn.Server):
    """Ends what is being computed as soon as it is told to stop."""

    def __init__(self, config: uvicorn.Config, desk: Desk) -> None:
        super().__init__(config)
        self._desk = desk

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal to stop has come."""
        self._desk.close()
        super().handle_exit(sig, frame)


def serve(listening: socket.socket, host: str, seconds: float) -> None:
    """Serve the page until interrupted; `seconds` is the most that one formula may take."""
    desk = Desk(seconds=seconds)
    settings = uvicorn.Config(
        application(host, desk),
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=256,
        timeout_keep_alive=10,
        timeout_graceful_shutdown=3,
    )
    try:
        _Server(settings, desk).run(sockets=[listening])
    except KeyboardInterrupt:  # uvicorn raises again what it has dealt with
        pass
    finally:
        desk.close()
