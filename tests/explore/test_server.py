"""The server of the page: who may drive it, what it refuses, and that no request costs another."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from symtrans.catalogue import catalogue
from symtrans.cli import pages
from symtrans.explore.questions import BadQuestion, Question, SourceQuestion
from symtrans.explore.server import Desk
from tests.cli.results import run as at_terminal

SOFT = {"family": "soft"}
# sums of incommensurable waves on a long way: no step of the calculus decides their signs in time
ENDLESS = "exp(-r^2/10^6) (9 + " + " + ".join(f"cos(sqrt({p}) r) sin(r^2/{p})^2" for p in (2, 3, 5, 7, 11, 13)) + ")"


def run(question):
    """The result of a coroutine, in a thread of its own: browser tests leave a running loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, question).result()


def test_a_family_is_answered(server):
    status, answer = server.ask("/translate", SOFT)
    assert status == 200
    assert answer["model"]["name"] == "soft"
    assert answer["model"]["parameters"] == ["theta"]
    assert answer["html"].count('<math display="block">') == 5  # S for tau = 1/4, and for any tau
    assert "proved" in answer["html"]


def test_a_formula_in_any_column(server):
    forms = catalogue["perona-malik-rational"].forms
    for form in forms:
        question = {"kind": type(form).__name__.lower(), "formula": repr(form).split("'")[1]}
        status, answer = server.ask("/translate", question)
        assert status == 200, answer
        assert set(answer["model"]["forms"]) == {"diffusivity", "regulariser", "shrinkage", "activation"}


@pytest.mark.parametrize(
    ("question", "field", "column", "words"),
    [
        ({"kind": "diffusivity", "formula": "exp(-r^2"}, "formula", 8, "expected ')'"),
        ({"kind": "diffusivity", "formula": "1 + foo(r)"}, "formula", 4, "foo is not a function"),
        ({"kind": "activation", "formula": "r^2"}, "formula", None, "not odd"),
        ({"kind": "diffusivity", "formula": "1", "tau": "0"}, "step", None, "must be positive"),
        ({"kind": "diffusivity", "formula": "1", "tau": "1/"}, "step", 2, "the formula ends"),
        ({"family": "sofd"}, "family", None, "did you mean"),
        (
            {"kind": "diffusivity", "formula": "__import__('os').system('true')"},
            "formula",
            11,
            "not part of the formula",
        ),
    ],
)
def test_an_error_points_into_the_input(server, question, field, column, words):
    status, answer = server.ask("/translate", question)
    assert status == 422
    assert words in answer["error"]
    assert answer["field"] == field
    if column is not None:
        assert answer["column"] == column


def test_latex_is_read_as_such_whatever_is_said_of_it(server):
    status, answer = server.ask("/translate", {"kind": "activation", "formula": r"\tanh(\beta x)", "tau": "1/4"})
    assert status == 200, answer


def test_hostile_text_comes_back_escaped(server):
    status, answer = server.ask("/translate", {"kind": "diffusivity", "formula": "1/(1 + x_lt^2)", "tau": "1/4"})
    assert status == 200
    assert "<script" not in answer["html"]


def test_sources_are_those_of_the_command_line(server):
    status, answer = server.ask("/sources", {**SOFT, "step": "0.2", "blocks": 3, "boundary": "periodic"})
    assert status == 200
    code, header = answer["c"], answer["header"]
    command = ["generate", "soft", "--blocks", "3", "--tau", "1/5", "--boundary", "periodic"]
    status, _, printed, _ = at_terminal(*command, "--json", terminal=())
    assert status == 0
    assert json.loads(printed) == dict([code, header])
    assert answer["latex"][1].startswith("\\documentclass")
    assert "import numpy" in answer["numpy"][1]


def test_an_unstable_step_gives_sources_that_say_so(server):
    status, answer = server.ask("/sources", {**SOFT, "step": "0.75", "blocks": 1})
    assert status == 200
    assert "--unstable" in answer["c"][1]


# -- who may drive it --


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:80"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "localhost.evil.example"},
        {"Host": "192.168.1.7"},
        {"Host": ""},
        {"Host": None},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "https://127.0.0.1"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
@pytest.mark.parametrize("path", ["/", "/static/page.css", "/translate"])
def test_a_page_elsewhere_cannot_drive_it(server, headers, path):
    method = "POST" if path == "/translate" else "GET"
    body = json.dumps(SOFT).encode() if method == "POST" else None
    try:
        response, text = server.request(method, path, body, Content_Type="application/json", **headers)
    except ConnectionResetError:
        assert headers == {"Host": None}  # not HTTP/1.1: the server may hang up before it has read the body
        return
    assert response.status in (400, 403)  # without a Host the request is not HTTP/1.1
    assert b"symtrans" not in text
    assert b"html" not in text


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]", "LOCALHOST"])
def test_its_own_names_are_served(server, name):
    host = f"{name}:{server.port}"
    response, _ = server.request("GET", "/", Host=host, Origin=f"http://{host}", Sec_Fetch_Site="same-origin")
    assert response.status == 200


def test_a_form_elsewhere_cannot_send_json(server):
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None):
        response, _ = server.request("POST", "/translate", json.dumps(SOFT).encode(), Content_Type=kind)
        assert response.status == 415


def test_every_answer_carries_the_policy(server):
    for path in ("/", "/static/panel.js", "/nowhere", "/translate"):
        response, _ = server.request("GET", path)
        policy = response.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in response.headers


def test_it_listens_on_loopback_only(server):
    found = {entry[4][0] for entry in socket.getaddrinfo(socket.gethostname(), None)}
    for address in found:
        if not address.startswith(("127.", "::1")):
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection((address, server.port), timeout=2)


# -- what it refuses --


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b"null", 400),
        (b'"soft"', 400),
        (b"\xff\xfe", 400),
        (b"[" * 50_000, 400),
        (b'{"kind": "flux", "formula": "r"}', 400),
        (b'{"kind": "activation", "formula": 7}', 400),
        (b'{"family": ["soft"]}', 400),
        (b'{"kind": "activation", "formula": "' + b"r" * 20_000 + b'"}', 400),
        (b'{"family": "soft", "tau": "' + b"1" * 300 + b'"}', 400),
        (b" " * 200_000, 413),
    ],
)
def test_a_malformed_request_is_refused(server, body, status):
    response, text = server.request("POST", "/translate", body, Content_Type="application/json")
    assert response.status == status
    assert json.loads(text)["error"]


@pytest.mark.parametrize("blocks", [0, -1, 10**9, 1.5, "3", True, None])
def test_blocks_are_bounded(server, blocks):
    status, answer = server.ask("/sources", {**SOFT, "blocks": blocks})
    assert status == 400
    assert "blocks" in answer["error"]


@pytest.mark.parametrize(
    ("formula", "kind", "remedy"),
    [
        ("relu(r)", "activation", "r/2, which may be entered instead"),
        ("exp(-(x/k)^2)", "diffusivity", "Say which: write a head, g(x) ="),
        ("max(|r|, a) - max(|r|, b)", "diffusivity", "is a < b? Give the parameters numbers."),
        ("huber(2)", "", "say 'huber' without brackets"),
        ("qqqq", "", "the page lists all"),
    ],
)
def test_a_refusal_names_nothing_that_the_page_does_not_have(server, formula, kind, remedy):
    status, answer = server.ask("/translate", {"family": "" if kind else formula, "kind": kind, "formula": formula})
    assert status == 422
    assert answer["error"].endswith(remedy) or remedy in answer["error"]
    assert not re.search(r"odd_part|variable=|--|assume|catalogue", answer["error"])


@pytest.mark.parametrize(
    "path", ["/static/../pyproject.toml", "/static/%2e%2e%2fpage.css", "/static/report.html", "/x"]
)
def test_there_is_nothing_else_to_fetch(server, path):
    response, _ = server.request("GET", path)
    assert response.status == 404


def test_questions_are_values():
    question = SourceQuestion.read({**SOFT, "blocks": 4})
    assert question == SourceQuestion(Question("soft", "", "", "1/4"), "", 4, "reflecting")
    assert hash(question) == hash(SourceQuestion.read({**SOFT, "blocks": 4}))
    with pytest.raises(BadQuestion, match="boundary"):
        SourceQuestion.read({**SOFT, "blocks": 4, "boundary": "open"})


# -- one request never costs another --


def test_an_endless_formula_costs_its_own_request_only(hasty_server):
    while hasty_server.ask("/translate", {"family": "garrote"})[0] != 200:
        pass  # on a busy machine the first may take longer than two seconds
    with ThreadPoolExecutor(9) as pool:
        endless = [
            pool.submit(hasty_server.ask, "/translate", {"kind": "diffusivity", "formula": f"{k} + {ENDLESS}"})
            for k in range(1, 8)
        ]
        time.sleep(1)
        started = time.perf_counter()
        assert hasty_server.ask("/translate", {"family": "garrote"})[0] == 200
        assert time.perf_counter() - started < 2
        assert not all(answer.done() for answer in endless)
        for answer in endless:
            status, found = answer.result(timeout=120)
            if status == 200:  # the calculus gave up in time, and says so
                assert '<span class="value">unknown</span>' in found["html"]
            else:
                assert status == 422
                assert "longer than the 2 s" in found["error"]


def test_a_computation_is_stopped_at_its_limits():
    hard = Question("", "diffusivity", ENDLESS, "1/4")

    async def ask(desk, question):
        return await desk.ask(question)

    slow = run(ask(Desk(seconds=0.3), hard))
    assert slow.status == 422
    assert b"longer than the 0.3 s" in slow.body
    starved = run(ask(Desk(memory=2**16), Question("soft", "", "", "1/3")))
    assert starved.status in (422, 500)  # out of memory, or a thread for which there was none
    assert json.loads(starved.body)["error"]


def test_one_question_is_computed_once():
    async def many():
        desk = Desk()
        started = time.perf_counter()
        answers = await asyncio.gather(*(desk.ask(Question("hard", "", "", "1/4")) for _ in range(40)))
        first = time.perf_counter() - started
        started = time.perf_counter()
        again = await desk.ask(Question("hard", "", "", "1/4"))
        return answers, again, first, time.perf_counter() - started

    answers, again, first, later = run(many())
    assert {answer.status for answer in answers} == {200}
    assert all(answer is again for answer in answers)
    assert later < first / 10


def test_too_many_questions_at_a_time_are_refused():
    async def flood():
        desk = Desk(seconds=0.2)
        questions = [Question("", "diffusivity", f"{k} + {ENDLESS}", "1/4") for k in range(1, 90)]
        return await asyncio.gather(*(desk.ask(question) for question in questions))

    answers = run(flood())
    busy = [answer for answer in answers if answer.status == 503]
    assert len(busy) == 89 - 64
    assert all(answer.status in (200, 422, 503) for answer in answers)


def test_what_nobody_waits_for_any_more_is_ended():
    async def leave():
        desk = Desk(places=1, seconds=120)
        await desk.ask(Question("", "activation", "r", "1/4"))  # the server of processes is there
        asked = asyncio.create_task(desk.ask(Question("", "diffusivity", ENDLESS, "1/4")))
        await asyncio.sleep(0.5)
        asked.cancel()
        started = time.perf_counter()
        answer = await desk.ask(Question("", "activation", "2 r", "1/4"))  # the one place is free again
        return answer, time.perf_counter() - started

    answer, seconds = run(leave())
    assert answer.status == 200
    assert seconds < 30


def test_a_client_that_hangs_up_frees_its_place(server):
    """Six places for formulas, each of which would be taken for 60 seconds."""
    for k in range(1, 7):
        body = json.dumps({"kind": "diffusivity", "formula": f"{k} + 3 + {ENDLESS}"}).encode()
        with socket.create_connection(("127.0.0.1", server.port)) as line:
            head = f"POST /translate HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Type: application/json\r\n"
            line.sendall(head.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
            time.sleep(0.2)
    started = time.perf_counter()
    assert server.ask("/translate", {"kind": "activation", "formula": "3 r"})[0] == 200
    assert time.perf_counter() - started < 30


# -- the command --


def test_a_taken_port_is_an_error(server):
    status, _, _, err = at_terminal("explore", "--port", str(server.port))
    assert status == 2
    assert "--port 0" in err


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(pages, "find_spec", lambda name: None if name == "uvicorn" else name)
    status, _, _, err = at_terminal("explore")
    assert status == 2
    assert "symtrans[explore]" in err


def test_an_interrupt_ends_it_with_everything_under_way():
    process = subprocess.Popen(
        [sys.executable, "-m", "symtrans", "explore", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    port = int(process.stdout.readline().split("127.0.0.1:")[1].split("/")[0])
    body = json.dumps({"kind": "diffusivity", "formula": ENDLESS}).encode()
    lines = ["POST /translate HTTP/1.1", f"Host: 127.0.0.1:{port}", "Content-Type: application/json"]
    head = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""])
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(head.encode() + body)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        started = time.perf_counter()
        _, errors = process.communicate(timeout=20)
    assert time.perf_counter() - started < 15
    assert "Traceback" not in errors
