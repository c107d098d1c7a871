"""Who may drive the server: only its own page, however the browser was led here."""

from ipaddress import ip_address

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
}


class Guard:
    """Refuses requests for another host or from another page, and sends a strict policy with every answer.

    A page elsewhere that has its own name point at this machine (DNS
    rebinding) sends that name as Host, so only addresses and the names that
    the server was given are served. A page elsewhere that sends a request here
    says so in Origin or Sec-Fetch-Site.

    Parameters
    ----------
    app : ASGI application
    name : str
        The host that the server was told to listen on.
    """

    def __init__(self, app: ASGIApp, name: str) -> None:
        self._app = app
        self._name = name.lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        reason = self._objection(Headers(scope=scope))
        app = self._app if reason is None else PlainTextResponse(reason, status_code=403)
        await app(scope, receive, send_with_policy)

    def _objection(self, headers: Headers) -> str | None:
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        if len(hosts) != 1 or not self._is_ours(hosts[0]):
            return "refused: this server answers only under its own address"
        if any(origin != f"http://{hosts[0]}" for origin in origins):
            return "refused: the request comes from another page"
        if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            return "refused: another page leads here; type the address yourself"
        return None

    def _is_ours(self, host: str) -> bool:
        """An address or a name of ours; an attacker's own name is neither."""
        bare = host.lower()
        head, colon, port = bare.rpartition(":")
        if colon and port.isdigit():
            bare = head
        bare = bare.strip("[]") if bare.startswith("[") else bare
        if bare in ("localhost", self._name):
            return True
        try:
            address = ip_address(bare)
        except ValueError:
            return False
        return address.is_loopback or not _is_loopback(self._name)


def _is_loopback(name: str) -> bool:
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"
