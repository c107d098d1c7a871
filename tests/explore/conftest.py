"""A running server, as a user starts it, and a real browser."""

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


@dataclass(frozen=True)
class Server:
    """Where it listens, and requests to it."""

    port: int

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/"

    def request(self, method, path, body=None, **headers):
        """A request with exactly these headers beside Host; a header of None is not sent."""
        fields = {"Host": f"127.0.0.1:{self.port}", **{k.replace("_", "-"): v for k, v in headers.items()}}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in fields.items():
                if value is not None:
                    connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            return response, response.read()
        finally:
            connection.close()

    def ask(self, path, question, **headers):
        """Status and JSON of a question."""
        headers = {"Content_Type": "application/json", **headers}
        response, body = self.request("POST", path, json.dumps(question).encode(), **headers)
        return response.status, json.loads(body)


@contextmanager
def serving(*options):
    """A server as a user starts it, until the block is left."""
    process = subprocess.Popen(
        [sys.executable, "-m", "symtrans", "explore", "--port", "0", *options],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        line = process.stdout.readline()
        assert "http://127.0.0.1:" in line
        yield Server(int(line.split("http://127.0.0.1:")[1].split("/")[0]))
        assert process.poll() is None, "the server has ended by itself"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)
        process.stdout.close()


@pytest.fixture(scope="session")
def server():
    with serving("--seconds", "60") as running:
        yield running


@pytest.fixture
def hasty_server():
    """One that gives a formula two seconds only."""
    with serving("--seconds", "2") as running:
        yield running


@pytest.fixture(scope="session")
def chromium():
    """Debian's chromium, driven by Playwright."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def pages(chromium):
    """Opens pages; at the end none may have complained on its console."""
    contexts, complaints = [], []

    def open_page(url, **options):
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(url)
        return page

    open_page.complaints = complaints
    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
