"""Kernels of formulas with parameters over the whole range of a dtype, against as many digits as it takes.

    python -m benchmarks floats --dtypes float32 --target c
    python -m benchmarks floats "r/(1+|r/a|^p)^(1/p)"
    python -m benchmarks floats --own-digits "r*(1-tanh(|r|/a))"

Phi, its slope and its derivatives by parameters are looked at where |r| is 10^k, at the breaks and one step beside
them, for both signs. The command fails where one is no number, or off by more than roundings explain: of the largest
value so far, or, with --own-digits, of the value itself, but where that is small beside the largest one, squared.
"""

import argparse
import time
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import mpmath as mp
import numpy as np
import sympy as sp

from symtrans import Activation, Network
from symtrans.calculus.algebra.canonical import X

FORMULAS = (
    # Charbonnier, Barron, Geman-McClure, Welsch, Tukey, Huber, Student
    "r/sqrt(1+r^2/a^2)",
    "r/(1+r^2/a^2)^b",
    "r*(r^2/(a^2*b)+1)^(-1/p)",
    "r/(1+r^2/a^2)^2",
    "r*exp(-r^2/(2*a^2))",
    "Piecewise((r*(1-r^2/a^2)^2, |r|<a), (0, True))",
    "Piecewise((r, |r|<a), (a*sgn(r), True))",
    "(b+1)*r/(b*a^2+r^2)",
    "r*(a^2+r^2)^(p/2-1)",
    # what saturates
    "a*tanh(r/a)",
    "a*tanh(b*r/a)",
    "a*asinh(r/a)",
    "a*atan(r/a)",
    "a*erf(r/a)",
    "2*atan(tanh(a*r/2))",
    "a*sgn(r)*ln(1+|r|/a)",
    "a*ln(cosh(r/a))*sgn(r)",
    "r/(1+|r/a|^p)^(1/p)",
    "r/(a+|r|)",
    "ln((1+exp(a+r))/(1+exp(a-r)))",
    "ln(1+exp(b*r))/b-ln(1+exp(-b*r))/b-r/2",
    # Swish, logistic, Hill, Lorentz, generalised Gaussian
    "r*tanh(b*r/2)*sgn(r)/2",
    "r/(1+exp(b*(|r|-a)))",
    "r/(1+exp(b*(r^2-a^2)))",
    "sgn(r)*|r|^p/(a^p+|r|^p)",
    "r*a^2/(a^2+r^2)",
    "r*exp(-|r/a|^p)",
    "sgn(r)*|r|^(p-1)*exp(-|r/a|^p)",
    "r*(1-exp(-a/r^8))",
    "r*(1-exp(-1/|r/a|^p))",
    # rational, mixtures, products
    "r*(1+b*r^2/a^2)/(1+r^2/a^2)^2",
    "r*(1-b*r^2)/(1+r^4/a^4)",
    "r*(exp(-r^2/a^2)-b*exp(-r^2/(4*a^2)))",
    "r*erfc(|r|/a)",
    "r/(1+ln(1+r^2/a^2))",
    "r*ln(1+a^2/r^2)",
    "r*ln(1+|r|^p)/|r|^p/(1+|r|^q)",
    "r*|r|^p*exp(-|r|/a)",
    "sgn(r)*ln(1+|r/a|^p)",
    "r/sqrt(1+r^2/a^2)*exp(-b*|r|)",
    "r*a^2/(r^2+a^2)+b*r",
    "Piecewise((r*(1-|r/a|^p)^q, |r|<a), (0, True))",
    "r/(1+(r^2/a^2)^p)+b*tanh(r/a)",
)
SIZES = (0, -10, 10)  # powers of 2 that parameters are tried at, but those in exponents
_TOLERANCE = 400  # in eps of the largest value so far
_BESIDE = (-4, -2, -1, -0.5, 0.5, 1, 2, 4)  # steps that r may be off where a function is steep
_NORMAL = 2.0**14  # times the least normal number: from there on all digits count
_DIGITS = 60
_GROWING, _FEW_BITS = ("exp", "sinh", "cosh", "tanh"), 590


class Fault(NamedTuple):
    """A computed value that is not what it should be."""

    output: str
    at: float
    given: str
    value: float
    exact: float

    def __str__(self) -> str:
        return f"{self.output}({self.at:g}) = {self.value:.9g}, not {self.exact:.9g}, for {self.given}"


def _of_large_numbers(name: str) -> Callable[[mp.mpf], mp.mpf]:
    """The same with few digits where the argument is large, for which mpmath takes a power of e, factor by factor."""
    function = getattr(mp, name)

    def value(x: mp.mpf) -> mp.mpf:
        with mp.workprec(min(mp.mp.prec, _FEW_BITS) if abs(x) > 2**40 else mp.mp.prec):
            return function(x)

    return value


def judge(function: sp.Expr) -> Callable[[float], mp.mpf]:
    """A function by mpmath, with 60 digits more than may cancel."""
    compiled = sp.lambdify(X, function, [{name: _of_large_numbers(name) for name in _GROWING}, "mpmath"])

    def value(at: mp.mpf) -> mp.mpf:
        with mp.workdps(_DIGITS + 4 * abs(int(mp.log10(at)))):  # as many as may cancel where r is far from 1
            try:
                return mp.re(mp.mpmathify(compiled(mp.mpf(at))))
            except (ZeroDivisionError, ValueError):
                return mp.nan

    return value


def parameters(half: object, size: int) -> dict[sp.Symbol, sp.Rational]:
    """A number for each parameter, in order of their names; those of a size are larger by powers of 2."""
    in_exponents = {s for p in half.pieces for power in p.expr.atoms(sp.Pow) for s in power.exp.free_symbols}  # type: ignore[attr-defined]
    found = {}
    for k, symbol in enumerate(sorted(half.parameters, key=str)):  # type: ignore[attr-defined]
        found[symbol] = sp.Rational(4 + k, 4) * (1 if symbol in in_exponents else sp.Integer(2) ** size)
    return found


def places(breaks: list[float], dtype: str, step: int) -> np.ndarray:
    """10^k over the whole range, with the breaks and one number on either side of each."""
    format, kind = np.finfo(dtype), np.dtype(dtype).type
    least, most = (int(np.floor(np.log10(float(end)))) for end in (format.smallest_subnormal, format.max / 2))
    found = {float(kind(float(f"1e{k}"))) for k in (*range(least + 1, most + 1, step), *range(-9, 10), most)}
    found |= {0.3, 2.0, 30.0, 90.0, float(format.tiny)}
    for place in map(kind, breaks):
        found |= {float(place), *(float(np.nextafter(place, kind(end))) for end in (0, np.inf))}
    return np.array(sorted(found), dtype=dtype)


def faults(
    text: str,
    dtype: str,
    target: str = "c",
    sizes: tuple[int, ...] = SIZES,
    step: int = 1,
    own_digits: bool = False,
) -> Iterator[Fault]:
    """Of a formula: errors are measured by the largest value so far, or by the value itself."""
    network = Network(Activation(text), blocks=1, tau="1/8", unstable="allow")
    half = network.activation.half
    kernel = network.compile(target, dtype, clamp=False)
    symbols: Mapping[str, sp.Symbol] = dict(zip(kernel._keys, kernel._symbols, strict=True))
    wanted = {"Phi": lambda e: e, "slope": lambda e: e.diff(X)}
    wanted |= {f"d/d{key}": lambda e, symbol=symbol: e.diff(symbol) for key, symbol in symbols.items()}
    eps, tiny, most = (float(x) for x in (np.finfo(dtype).eps, np.finfo(dtype).tiny, np.finfo(dtype).max))
    for size in sizes:
        values = parameters(half, size)
        named = {key: float(values[symbol]) for key, symbol in symbols.items()}
        given = ", ".join(f"{key} = {value:g}" for key, value in named.items())
        exact_breaks = [mp.mpf(sp.N(place.subs(values), 60)) for place in half.breaks]
        r = places([float(place) for place in exact_breaks], dtype, step)
        for side in (1, -1):
            pairs = np.stack([0 * r, side * r], axis=1)
            rows = [kernel.vjp(pair, np.array([1, 0], dtype), **named) for pair in pairs]
            found = {"Phi": 8 * side * kernel(pairs, **named)[:, 0].astype(float)}
            found["slope"] = np.array([8 * float(grad[1]) for grad, _ in rows])
            found |= {f"d/d{key}": np.array([8 * side * float(by[key]) for _, by in rows]) for key in symbols}
            for output, derive in wanted.items():
                yield from _faults(
                    output, [judge(derive(piece.expr).subs(values)) for piece in half.pieces], exact_breaks,
                    r, found[output], (eps, tiny, most), given if side > 0 else f"{given} and r < 0", own_digits,
                )  # fmt: skip


def _faults(
    output: str,
    judges: list[Callable[[float], mp.mpf]],
    breaks: list[mp.mpf],
    r: np.ndarray,
    found: np.ndarray,
    format: tuple[float, float, float],
    given: str,
    own_digits: bool,
) -> Iterator[Fault]:
    eps, tiny, most = format
    reach = mp.mpf(0)
    for at, value in zip(map(float, r), found, strict=True):
        right = judges[sum(at > place for place in breaks)]
        here = right(mp.mpf(at))
        if mp.isnan(here):
            continue
        reach = max(reach, abs(here))
        if abs(here) > most / 64:
            continue
        largest = min(reach, mp.mpf(most))
        allowed = _TOLERANCE * eps * (abs(here) + eps * largest if own_digits else largest) + 64 * tiny
        if at < _NORMAL * tiny:  # r over a scale may have few digits: logarithms of it are held where it is normal
            allowed += abs(here)
        if abs(value - here) <= allowed:
            continue
        near = [here, *(right(mp.mpf(at) * (1 + k * eps)) for k in _BESIDE)]
        if not min(near) - allowed <= value <= max(near) + allowed:
            yield Fault(output, at, given, float(value), float(here))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("formulas", nargs="*", default=FORMULAS)
    parser.add_argument("--dtypes", nargs="+", default=["float32", "float64"])
    parser.add_argument("--target", default="c", choices=["c", "numpy"])
    parser.add_argument("--step", type=int, default=1, help="decades from one place to the next")
    parser.add_argument("--own-digits", action="store_true", help="small values have digits of their own, too")
    parser.add_argument("--most", type=int, default=6, help="faults of a formula that are printed")
    given = parser.parse_args()
    wrong = 0
    for text in given.formulas:
        for dtype in given.dtypes:
            start = time.perf_counter()
            try:
                kept = faults(text, dtype, given.target, step=given.step, own_digits=given.own_digits)
                found: list[Fault | Exception] = [*kept]
            except Exception as failure:  # any is a fault of ours, and the run goes on
                found = [failure]
            wrong += bool(found)
            print(f"{len(found):4} faults {time.perf_counter() - start:6.1f} s  {dtype}  {text}", flush=True)
            for fault in found[: given.most]:
                print(f"     {fault}", flush=True)
    return 1 if wrong else 0
