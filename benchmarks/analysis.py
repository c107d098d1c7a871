"""The engine beside plain SymPy: ``python -m benchmarks analysis [--families a,b] [--write]``.

Every family of the catalogue is asked for its forms and bounds, from the column in which the
literature gives it, each time in a forked process. Plain SymPy gets the same formula on the half
line x > 0 with positive parameters, the best function that it has for each question, and 12 s of the
processor for each. Both answers are held against samples of the formula in double precision.

``--plain FILE`` runs plain SymPy and keeps its answers in FILE (one that exists is continued; what was asked
about another formula or at other numbers is asked again); ``--kept FILE`` takes what is there. ``--ours`` runs
symtrans, ``--write`` makes docs/analysis.md of both.
"""

import argparse
import json
import math
import os
import select
import signal
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import sympy as sp
from sympy.calculus.singularities import is_increasing
from sympy.calculus.util import maximum, minimum

import symtrans as st
from benchmarks.analysis_page import page

LIMIT = 12.0
FIELDS = ("g, S, Phi", "Psi", "g_max", "g_min", "L", "monotone")
HALF_LINE = sp.Interval.open(0, sp.oo)
QUARTER = sp.Rational(1, 4)
_NO_OVERFLOW = 300  # beyond it exp(2 x) is no double, and a right formula may give a wrong number
VALUES = {"p": sp.Rational(3, 4), "nu": 4, "d": sp.Rational(3, 2), "n": 3}
PAGE = Path(__file__).parent.parent / "docs" / "analysis.md"

Outcome = dict[str, Any]  # verdict ("decided", "wrong", "unknown"), seconds, answer


class Problem:
    """One family as plain SymPy sees it: formulas in a positive symbol, and numbers to judge by."""

    def __init__(self, name: str) -> None:
        entry = st.catalogue.entry(name)
        given = entry.kind(entry.formula if isinstance(entry.formula, str) else entry.formula())
        self.given = given
        self.x = x = sp.Symbol("x", positive=True)
        f = given.expr.subs(given.variable, x)
        root2 = sp.sqrt(2)
        flux = {
            st.Diffusivity: lambda: f * x,
            st.Regulariser: lambda: sp.diff(f, x) / 2,
            st.Shrinkage: lambda: (x - root2 * f.subs(x, x / root2)) / (4 * QUARTER),
            st.Activation: lambda: f,
        }
        self.phi = flux[entry.kind]()
        self.g = f if entry.kind is st.Diffusivity else self.phi / x
        self.shrinkage = x - 2 * root2 * QUARTER * self.phi.subs(x, root2 * x)
        self.values = {
            s: sp.Rational(VALUES.get(s.name, sp.Rational(6 + k, 5))) for k, s in enumerate(given.parameters)
        }

    @property
    def question(self) -> str:
        """What is asked, by which kept answers are known to be answers to it."""
        return f"{self.phi} at {self.values}"

    def numeric(self, expr: sp.Expr) -> Callable[[np.ndarray], np.ndarray]:
        """An expression in x at the numbers, on arrays."""
        modules = [{"LambertW": lambda z, k=0: complex(sp.LambertW(z, k)).real}, "scipy", "numpy"]
        f = sp.lambdify(self.x, expr.subs(self.values).doit(), modules)

        def evaluate(x: np.ndarray) -> np.ndarray:
            with np.errstate(all="ignore"):
                return np.broadcast_to(np.asarray(f(x), dtype=float), x.shape)

        return evaluate

    def breaks(self) -> list[float]:
        """Where the formula changes its case."""
        conditions = self.phi.subs(self.values).atoms(sp.core.relational.Relational)
        ends = (end for c in conditions for end in sp.solve(c.lhs - c.rhs, self.x))
        return sorted(float(end) for end in ends)

    def places(self) -> np.ndarray:
        """From 1e-5 to 1e5, dense in the middle and close to the breaks."""
        near = [b * (1 + s * 10.0**-k) for b in self.breaks() for k in (3, 6, 9) for s in (-1, 1)]
        grid = [np.geomspace(1e-5, 1e5, 4000), np.linspace(1e-3, 30, 30000), [n for n in near if n > 0]]
        return np.unique(np.concatenate(grid))


# ---------------------------------------------------------------------------
# The judge: samples, no calculus


def judged(problem: Problem, field: str, answer: Any, whole: bool) -> str:
    """Whether an answer stands against the samples; `whole` if it is one for all r, a jump at 0 included."""
    if answer is None:
        return "unknown"
    x = problem.places()
    if field == "g, S, Phi":
        exact = (problem.g, problem.shrinkage, problem.phi)
        near = x[::400] <= _NO_OVERFLOW
        return _same(
            [np.asarray(values)[near] for values in answer], [problem.numeric(e)(x[::400])[near] for e in exact]
        )
    if field == "Psi":
        return _same([answer], [_integrated(problem, x[::400])])
    phi = problem.numeric(problem.phi)(x)
    good = np.isfinite(phi)
    x, phi = x[good], phi[good]
    if field == "monotone":
        rises = bool(np.all(np.diff(phi) >= -1e-9 * (1 + np.abs(phi[1:]))))
        return "decided" if rises == bool(answer) else "wrong"
    inner = (x > 1e-3) & (x < 1e3) & np.all([np.abs(x - b) > 1e-4 * b for b in [1e-9, *problem.breaks()]], axis=0)
    if field == "L":
        slopes, wide = np.abs(np.diff(phi) / np.diff(x)), np.diff(x) > 1e-8 * x[1:]
        jump = max((abs(phi[np.searchsorted(x, b * (1 + 5e-10))] - phi[np.searchsorted(x, b * (1 - 1.5e-9))])
                    for b in problem.breaks() if b > 0), default=0.0)  # fmt: skip
        if jump > 1e-6 or (whole and abs(phi[0]) > 1e-2):
            return "decided" if answer == math.inf else "wrong"
        return _is_bound(float(answer), float(slopes[wide].max()), float(slopes[wide & inner[1:] & inner[:-1]].max()))
    g = phi / x
    if field == "g_max":
        return _is_bound(float(answer), float(g.max()), float(g[inner].max()))
    return _is_bound(-float(answer), float(-g.min()), float(-g[inner].min()))


def _is_bound(claimed: float, sampled: float, inner: float) -> str:
    """Whether the samples stay below and come near; what still grows at the ends may have any bound above them."""
    slack = 2e-3 * max(1.0, min(abs(claimed), abs(sampled)))
    if claimed < sampled - slack:
        return "wrong"
    is_growing = sampled > inner + 0.2 * abs(inner)
    return "decided" if is_growing or claimed <= sampled + slack else "wrong"


def _same(found: Sequence[Any], wanted: Sequence[np.ndarray]) -> str:
    for values, exact in zip(found, wanted, strict=True):
        both = np.isfinite(exact) & np.isfinite(values)
        if not np.allclose(np.asarray(values)[both], exact[both], rtol=1e-6, atol=1e-7):
            return "wrong"
    return "decided"


def _integrated(problem: Problem, places: np.ndarray) -> np.ndarray:
    """Twice the integral of the flux by quadrature from break to break."""
    from scipy.integrate import quad

    phi = problem.numeric(problem.phi)
    found = []
    for k, place in enumerate(places):
        if k % 8 or place > 50:
            found.append(math.nan)
            continue
        ends = [1e-300, *(b for b in problem.breaks() if 0 < b < place), *(e for e in (1.0, 10.0) if e < place), place]
        parts = (quad(lambda y: float(phi(np.array(y))), lo, hi, limit=200)[0] for lo, hi in pairwise(sorted(ends)))
        found.append(2 * sum(parts))
    return np.array(found)


# ---------------------------------------------------------------------------
# Plain SymPy


def plain_answer(problem: Problem, field: str) -> Any:
    """What SymPy says, by the function that it has for the question; None where it leaves it open."""
    x, places = problem.x, problem.places()[::400]
    if field == "g, S, Phi":
        return [problem.numeric(sp.simplify(e))(places).tolist() for e in (problem.g, problem.shrinkage, problem.phi)]
    if field == "Psi":
        y = sp.Symbol("y", positive=True)
        psi = 2 * sp.integrate(problem.phi.subs(x, y), (y, 0, x))
        return None if psi.has(sp.Integral) else problem.numeric(psi)(places).tolist()
    if field == "monotone":
        found = is_increasing(problem.phi, HALF_LINE, x)
        return None if found is None else bool(found)
    if field == "L":
        slope = sp.diff(problem.phi, x)
        ends = [_number(problem, f(slope, x, HALF_LINE)) for f in (maximum, minimum)]
        return None if None in ends else max(map(abs, ends))
    return _number(problem, (maximum if field == "g_max" else minimum)(problem.g, x, HALF_LINE))


def _number(problem: Problem, value: sp.Expr) -> float | None:
    value = value.subs(problem.values)
    return None if value.free_symbols or not value.is_extended_real else float(value)


def our_answer(family: Any, problem: Problem, field: str) -> Any:
    """What symtrans proves or encloses, at the numbers of the problem."""
    places = problem.places()[::400]
    keywords = {("lam" if s.name == "lambda" else s.name): float(v) for s, v in problem.values.items()}
    if field == "g, S, Phi":
        return [f(places, **keywords).tolist() for f in (family.diffusivity, family.shrinkage, family.activation)]
    if field == "Psi":
        psi = family.regulariser
        return None if psi.expr.has(sp.Integral) else psi(places, **keywords).tolist()
    certificate = family.certificate
    if field == "monotone":
        verdict = certificate.monotone
        if verdict.value is None and verdict.when is not None:
            return bool(verdict.when.subs(problem.values))
        return verdict.value
    bound = {"g_max": certificate.g_max, "g_min": certificate.g_min, "L": certificate.lipschitz}[field]
    return None if bound.value is None else float(bound.value.subs(problem.values))


# ---------------------------------------------------------------------------
# Running


def forked(work: Callable[[], Any], limit: float) -> Any:
    """The result of `work` in a fork that has `limit` seconds of the processor; None if it has not ended then."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        _work_and_exit(work, limit, writing)
    os.close(writing)
    received = b""
    end = time.monotonic() + 4 * limit
    while select.select([reading], [], [], max(0.0, end - time.monotonic()))[0] and (part := os.read(reading, 1 << 16)):
        received += part
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(reading)
    return json.loads(received) if received else None


def _work_and_exit(work: Callable[[], Any], limit: float, writing: int) -> None:
    import resource

    try:
        resource.setrlimit(resource.RLIMIT_CPU, (int(limit) + 1, int(limit) + 1))
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
        os.write(writing, json.dumps(work()).encode())
    except Exception as error:  # SymPy raises many kinds; each is an open answer
        os.write(writing, json.dumps({"error": f"{type(error).__name__}: {error}"[:200]}).encode())
    finally:
        os._exit(0)


def run_plain(names: Sequence[str], file: Path, ask: bool) -> dict[str, dict[str, Outcome]]:
    """Plain SymPy on every family and field; its answers are kept after each. Without `ask`: what was kept."""
    kept = json.loads(file.read_text()) if file.exists() else {}
    results = {}
    for name in names:
        problem = Problem(name)
        answers = kept.get(name, {})
        if answers.get("question") != problem.question:
            answers = kept[name] = {"question": problem.question}
        if not ask and not answers.keys() >= set(FIELDS):
            continue
        for field in FIELDS:
            if field not in answers:
                answers[field] = _plain(problem, field)
                file.write_text(json.dumps(kept))
        results[name] = {
            field: {"verdict": judged(problem, field, found.get("answer"), whole=False), "seconds": found["seconds"]}
            for field, found in ((field, answers[field]) for field in FIELDS)
        }
        print(name, {f: (o["verdict"], round(o["seconds"], 2)) for f, o in results[name].items()}, flush=True)
    return results


def _plain(problem: Problem, field: str) -> Outcome:
    def work() -> Outcome:
        start = time.process_time()
        answer = plain_answer(problem, field)
        return {"answer": answer, "seconds": time.process_time() - start}

    start = time.monotonic()
    found = forked(work, LIMIT) or {"error": f"not within {LIMIT:g} s", "seconds": LIMIT}
    found.setdefault("seconds", min(LIMIT, time.monotonic() - start))
    return dict(found)


def run_ours(names: Sequence[str]) -> dict[str, dict[str, Outcome]]:
    """The engine on every family: one fork, in which the fields follow each other and share their work."""
    results = {}
    st.translate(st.Activation("r/(1 + r^6)")).certificate  # noqa: B018 - what Python loads on first use is loaded
    for name in names:
        problem = Problem(name)
        results[name] = forked(lambda name=name, problem=problem: _ours(name, problem), 10 * LIMIT) or {
            field: {"verdict": "unknown", "seconds": 10 * LIMIT} for field in FIELDS
        }
        total = sum(o["seconds"] for o in results[name].values())
        print(name, {f: o["verdict"] for f, o in results[name].items()}, f"{total:.2f} s", flush=True)
    return results


def _ours(name: str, problem: Problem) -> dict[str, Outcome]:
    entry = st.catalogue.entry(name)
    start = time.process_time()
    given = entry.kind(entry.formula if isinstance(entry.formula, str) else entry.formula())
    family = st.translate(given)
    translated = time.process_time() - start
    family.certificate  # noqa: B018 - all its fields at once
    certified = time.process_time() - start - translated
    seconds = {"g, S, Phi": 0.0, "Psi": translated} | dict.fromkeys(FIELDS[2:], certified / len(FIELDS[2:]))
    return {
        field: {
            "verdict": judged(problem, field, our_answer(family, problem, field), whole=True),
            "seconds": seconds[field],
        }
        for field in FIELDS
    }


def _chosen(text: str | None) -> list[str]:
    """The names of families, aliases resolved; an unknown one is an error that suggests others."""
    return list(st.catalogue) if text is None else [st.catalogue.entry(name).name for name in text.split(",")]


def main() -> int:
    """Run, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0])
    parser.add_argument("--families", help="names with commas between them; default: all")
    parser.add_argument("--plain", type=Path, help="run plain SymPy, its answers kept in this file")
    parser.add_argument("--kept", type=Path, help="the answers of an earlier --plain, without asking more")
    parser.add_argument("--ours", action="store_true", help="run symtrans")
    parser.add_argument("--write", action="store_true", help="write docs/analysis.md (runs symtrans too)")
    chosen = parser.parse_args()
    names = _chosen(chosen.families)
    file = chosen.plain or chosen.kept
    plain = run_plain(names, file, ask=chosen.plain is not None) if file else {}
    if chosen.ours or chosen.write:
        text = page(FIELDS, run_ours(names), plain, LIMIT)
        print(text)
        if chosen.write:
            PAGE.write_text(text, encoding="utf-8")
    return 0
