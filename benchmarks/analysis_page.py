"""The page docs/analysis.md, from the outcomes of `benchmarks.analysis`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

Outcomes = Mapping[str, Mapping[str, Any]]
_MARKS = {"decided": "yes", "wrong": "WRONG", "unknown": "-"}


def page(fields: Sequence[str], ours: Mapping[str, Outcomes], plain: Mapping[str, Outcomes], limit: float) -> str:
    """Markdown: what each decides in sum, and family by family."""
    times = sorted(_total(outcomes) for outcomes in ours.values())
    missing = [name for name in ours if name not in plain]
    parts = [
        _INTRODUCTION.format(limit=f"{limit:g}"),
        "## In sum\n",
        f"symtrans, all fields of a family on one core: median {_at(times, 0.5):.2f} s, "
        f"95th percentile {_at(times, 0.95):.2f} s, slowest {times[-1]:.1f} s ({len(times)} families).\n",
        *_summary(fields, ours, plain),
        *([f"\nPlain SymPy has not been asked about {len(missing)}: {', '.join(missing)}."] if missing else []),
        "\n## Family by family\n",
        "`yes` decided and not contradicted by the samples, `-` open, `WRONG` contradicted; seconds for all fields.\n",
        *_families(fields, ours, plain),
    ]
    return "\n".join(parts) + "\n"


def _total(outcomes: Outcomes) -> float:
    return float(sum(outcome["seconds"] for outcome in outcomes.values()))


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _summary(fields: Sequence[str], ours: Mapping[str, Outcomes], plain: Mapping[str, Outcomes]) -> list[str]:
    lines = [
        "| field | symtrans: decided | wrong | open | SymPy: decided | wrong | open |",
        "|---|---|---|---|---|---|---|",
    ]
    for field in fields:
        cells = []
        for results in (ours, plain):
            counts = Counter(outcomes[field]["verdict"] for outcomes in results.values())
            cells += [str(counts[verdict]) for verdict in ("decided", "wrong", "unknown")]
        lines.append(f"| {field} | " + " | ".join(cells) + " |")
    return lines


def _families(fields: Sequence[str], ours: Mapping[str, Outcomes], plain: Mapping[str, Outcomes]) -> list[str]:
    head = ["family", *(f"{field}" for field in fields), "s", *(f"SymPy {field}" for field in fields), "s"]
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for name, outcomes in ours.items():
        cells = [name]
        for results in (outcomes, plain.get(name)):
            if results is None:
                cells += ["", *[""] * len(fields)]
            else:
                cells += [*(_MARKS[results[field]["verdict"]] for field in fields), f"{_total(results):.1f}"]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


_INTRODUCTION = """# The engine beside plain SymPy

Written by `python -m benchmarks analysis --plain FILE --write`; edit `benchmarks/analysis_page.py`, not this page.
Every family of the catalogue is entered with symbolic parameters in the column in which the literature gives it. Plain
SymPy 1.14 gets the same formula for x > 0 with positive parameters: `simplify` for the pointwise forms, `integrate`
for Psi, `maximum` and `minimum` of g and of Phi' for the bounds, `is_increasing` for monotonicity, each in a process of
its own with {limit} s of the processor. An answer counts as decided if it leaves nothing open, and as wrong if samples
of the formula at one choice of the parameters contradict it (of SymPy's only those for x > 0: it is not told of a jump
of Phi at 0). What is decided by cases or with a condition on the
parameters is read at that choice; symtrans counts only what is PROVED or ENCLOSED.
"""
