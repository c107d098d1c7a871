"""Random nonlinearities against 60 digits, as many as wanted: decided, unknown, wrong.

    python -m benchmarks fuzz --cases 20000 --budget 2 --output fuzz.jsonl

Every chunk of 50 cases has a seed of its own and its line in the output; a run that was
interrupted goes on where it stopped. Two processes share the work. The command fails where a statement is wrong.
"""

import argparse
import json
import multiprocessing
import time
import warnings
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from symtrans import Evidence, SymtransError, certify
from tests.independent import Judge, contradictions
from tests.strategies import members

CHUNK = 50
FIELDS = (
    *("g_max", "g_min", "slope_max", "slope_min", "lipschitz"),
    *("nonnegative", "monotone", "convex", "continuous"),
)


def one_case(kind, expr, budget, counts):
    try:
        start = time.perf_counter()
        certificate = certify(kind(expr), budget=budget)
        counts["seconds"].append(round(time.perf_counter() - start, 3))
        found = contradictions(Judge(kind, expr), certificate)
    except SymtransError as refusal:
        counts["refused"] += 1
        counts["notes"].append(f"refused: {kind.__name__} {expr}: {str(refusal)[:200]}")
        return
    except Exception as failure:  # any other is a fault of ours, and the run goes on
        counts["wrong"] += 1
        counts["notes"].append(f"wrong: {kind.__name__} {expr}: raises {failure!r}"[:1000])
        return
    unknown = sum(getattr(certificate, name).evidence is Evidence.UNKNOWN for name in FIELDS)
    counts["unknown"] += unknown
    counts["decided"] += len(FIELDS) - unknown
    counts["wrong"] += bool(found)
    counts["notes"] += [f"wrong: {kind.__name__} {expr}: {words}" for words in found]


def chunk(number, budget):
    counts = {"chunk": number, "cases": 0, "refused": 0, "decided": 0, "unknown": 0, "wrong": 0}
    counts |= {"seconds": [], "notes": []}
    warnings.simplefilter("ignore")

    @seed(number)
    @settings(
        max_examples=CHUNK,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(members())
    def run(member):
        counts["cases"] += 1
        one_case(*member, budget, counts)

    run()
    return counts


def _chunk(task):
    return chunk(*task)


def summary(lines):
    total = {name: sum(line[name] for line in lines) for name in ("cases", "refused", "decided", "unknown", "wrong")}
    seconds = sorted(s for line in lines for s in line["seconds"])
    if seconds:
        total["median seconds"] = seconds[len(seconds) // 2]
        total["95th percentile"] = seconds[int(0.95 * len(seconds))]
        total["slowest"] = seconds[-1]
    return total


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--cases", type=int, default=20_000)
    arguments.add_argument("--budget", type=float, default=2.0)
    arguments.add_argument("--processes", type=int, default=2)
    arguments.add_argument("--output", type=Path, help="a record, from which a later run goes on")
    given_ = arguments.parse_args()
    record = given_.output
    lines = [json.loads(line) for line in record.read_text().splitlines()] if record and record.exists() else []
    done = {line["chunk"] for line in lines}
    tasks = [(n, given_.budget) for n in range(-(-given_.cases // CHUNK)) if n not in done]
    # each process leaves after some chunks: hypothesis and SymPy's caches grow
    with multiprocessing.get_context("spawn").Pool(given_.processes, maxtasksperchild=20) as pool:
        for line in pool.imap_unordered(_chunk, tasks):
            lines.append(line)
            if record:
                with record.open("a") as output:
                    output.write(json.dumps(line) + "\n")
            for note in line["notes"]:
                print(note, flush=True)
    found = summary(lines)
    for name, value in found.items():
        print(f"{name:>16}  {value}")
    return 1 if found["wrong"] else 0
