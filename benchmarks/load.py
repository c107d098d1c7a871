"""Twenty users of `symtrans explore` at once, on loopback: failed requests, and the time of a catalogue family.

    python -m benchmarks load [--users 20] [--requests 25]

Each user fetches the page and then asks for families, one after the other; the
number of requests is bounded, and so is the time of each.
"""

import argparse
import http.client
import json
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

FAMILIES = ("soft", "hard", "garrote", "perona-malik", "charbonnier", "constant", "tv", "fair")


def ask(port: int, method: str, path: str, question: dict[str, str] | None) -> tuple[bool, float]:
    """Whether one request was answered, and after how many seconds."""
    started = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        body = None if question is None else json.dumps(question)
        connection.request(method, path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        response.read()
        return response.status == 200, time.perf_counter() - started
    except OSError:
        return False, time.perf_counter() - started
    finally:
        connection.close()


def user(port: int, number: int, requests: int) -> list[tuple[bool, float]]:
    results = [ask(port, "GET", "/", None)]
    for k in range(requests):
        results.append(ask(port, "POST", "/translate", {"family": FAMILIES[(number + k) % len(FAMILIES)]}))
    return results


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--users", type=int, default=20, choices=range(1, 101), metavar="1-100")
    options.add_argument("--requests", type=int, default=25, choices=range(1, 201), metavar="1-200")
    given = options.parse_args()
    command = [sys.executable, "-u", "-m", "symtrans", "explore", "--port", "0", "--seconds", "60"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        port = int(server.stdout.readline().split("127.0.0.1:")[1].split("/")[0])
        cold = [ask(port, "POST", "/translate", {"family": name}) for name in FAMILIES]
        started = time.perf_counter()
        with ThreadPoolExecutor(given.users) as pool:
            jobs = [pool.submit(user, port, number, given.requests) for number in range(given.users)]
            results = [result for job in jobs for result in job.result()]
        took = time.perf_counter() - started
    finally:
        server.terminate()
        server.wait(20)
    failed = sum(not good for good, _ in (*cold, *results))
    times = sorted(1000 * seconds for _, seconds in results)
    print(f"{len(results)} requests of {given.users} users at once in {took:.2f} s; failed: {failed}")
    print(f"first time each: median {1000 * statistics.median(s for _, s in cold):.0f} ms")
    print(f"after that: median {statistics.median(times):.1f} ms, worst {times[-1]:.1f} ms")
    return 1 if failed else 0
