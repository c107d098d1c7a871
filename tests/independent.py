"""An independent judge of certificates: it evaluates the input itself and shares no code with the engine.

An expression is evaluated with its first two derivatives (Taylor arithmetic), once on a grid in
double precision, and then, at the places that the grid singles out, with 60 digits and local
refinement. What a certificate states is held against these numbers.
"""

import functools
import math
import operator
from itertools import pairwise

import mpmath
import numpy as np
import sympy as sp

from symtrans import Diffusivity, Evidence, Regulariser, Shrinkage, r

mp = mpmath.mp.clone()
mp.dps = 60
STRICT = mp.mpf("1e-24")  # relative: what no rounding of 60 digits explains
BESIDE = mp.mpf("1e-40")  # relative: how near to a break its limits are read
VISIBLE = mp.mpf("1e-28")  # relative: a jump
SHARP = mp.mpf("1e-7")  # relative: how near the samples come to a supremum that is claimed
ROOT2 = mp.sqrt(2)

# f, f', f'' by name
_CHAIN = {
    "exp": lambda m, u: (m.exp(u),) * 3,
    "log": lambda m, u: (m.log(u), 1 / u, -1 / u**2),
    "sin": lambda m, u: (m.sin(u), m.cos(u), -m.sin(u)),
    "cos": lambda m, u: (m.cos(u), -m.sin(u), -m.cos(u)),
    "sinh": lambda m, u: (m.sinh(u), m.cosh(u), m.sinh(u)),
    "cosh": lambda m, u: (m.cosh(u), m.sinh(u), m.cosh(u)),
    "tanh": lambda m, u: (t := m.tanh(u), s := m.cosh(u) ** -2, -2 * t * s),
    "atan": lambda m, u: (m.atan(u), 1 / (1 + u**2), -2 * u / (1 + u**2) ** 2),
    "asinh": lambda m, u: (m.asinh(u), (1 + u**2) ** -m.half, -u * (1 + u**2) ** (-3 * m.half)),
    "erf": lambda m, u: (m.erf(u), d := 2 / m.root_pi * m.exp(-(u**2)), -2 * u * d),
}


class _Digits:
    """Scalars of 60 digits."""

    exp, log, sin, cos, sinh, cosh, tanh, atan, asinh, erf = (
        *(mp.exp, mp.log, mp.sin, mp.cos, mp.sinh, mp.cosh, mp.tanh, mp.atan, mp.asinh, mp.erf),
    )
    half, root_pi = mp.mpf(1) / 2, mp.sqrt(mp.pi)

    @staticmethod
    def number(q):
        return mp.mpf(int(q.p)) / int(q.q)

    @staticmethod
    def choose(cases):
        for jet, condition in cases:
            if condition():
                return jet()
        return (mp.nan,) * 3

    sign = staticmethod(mp.sign)


class _Arrays:
    """Arrays in double precision."""

    exp, log, sin, cos, sinh, cosh, tanh, atan, asinh = (
        *(np.exp, np.log, np.sin, np.cos, np.sinh, np.cosh, np.tanh, np.arctan, np.arcsinh),
    )
    erf = staticmethod(np.vectorize(math.erf, otypes=[float]))
    half, root_pi = 0.5, math.sqrt(math.pi)

    @staticmethod
    def number(q):
        return int(q.p) / int(q.q)

    @staticmethod
    def choose(cases):
        cases = [(jet(), np.asarray(condition())) for jet, condition in cases]
        return tuple(
            np.select([c for _, c in cases], [np.asarray(j[k], dtype=float) for j, _ in cases], np.nan)
            for k in range(3)
        )

    sign = staticmethod(np.sign)


def jet(expr, x, m):
    """Value and the first two derivatives at x."""
    if expr == r:
        return x, x * 0 + 1, x * 0
    if isinstance(expr, sp.Rational):
        return x * 0 + m.number(expr), x * 0, x * 0
    if isinstance(expr, sp.NumberSymbol):
        value = {sp.pi: mp.pi, sp.E: mp.e}[expr]
        return x * 0 + (float(value) if m is _Arrays else +value), x * 0, x * 0
    if isinstance(expr, sp.Add):
        parts = [jet(a, x, m) for a in expr.args]
        return tuple(sum(p[k] for p in parts) for k in range(3))
    if isinstance(expr, sp.Mul):
        v, d, e = jet(expr.args[0], x, m)
        for arg in expr.args[1:]:
            w, f, g = jet(arg, x, m)
            v, d, e = v * w, d * w + v * f, e * w + 2 * d * f + v * g
        return v, d, e
    if isinstance(expr, sp.Pow):
        return _power(jet(expr.base, x, m), expr.exp, m)
    if isinstance(expr, sp.Abs):
        v, d, e = jet(expr.args[0], x, m)
        s = m.sign(v)
        return s * v, s * d, s * e
    if isinstance(expr, sp.sign):
        return m.sign(jet(expr.args[0], x, m)[0]), x * 0, x * 0
    if isinstance(expr, sp.Max | sp.Min):
        parts = [jet(a, x, m) for a in expr.args]
        best = parts[0]
        for part in parts[1:]:
            first = part[0] > best[0] if isinstance(expr, sp.Max) else part[0] < best[0]
            best = m.choose([(lambda p=part: p, lambda c=first: c), (lambda p=best: p, lambda c=first: c == c)])
        return best
    if isinstance(expr, sp.Piecewise):
        return m.choose([(lambda f=f: jet(f, x, m), lambda c=c: _holds(c, x, m)) for f, c in expr.args])
    value, first, second = _CHAIN[type(expr).__name__](m, (u := jet(expr.args[0], x, m))[0])
    return value, first * u[1], second * u[1] ** 2 + first * u[2]


def _power(base, exponent, m):
    b, d, e = base
    if isinstance(exponent, sp.Integer):
        n = int(exponent)
        first = n * b ** (n - 1) if n - 1 else b * 0 + 1
        second = n * (n - 1) * b ** (n - 2) if n - 2 else b * 0 + 2
    else:
        n = m.number(exponent)
        first, second = n * b ** (n - 1), n * (n - 1) * b ** (n - 2)
    if m is _Arrays and n < 0:  # far out, where cosh(x) is infinite, 1/cosh(x) is nothing, and so are its slopes
        return b**n, _unless_nothing(first, d), _unless_nothing(second, d**2) + _unless_nothing(first, e)
    return b**n, first * d, second * d**2 + first * e


def _unless_nothing(factor, other):
    return np.where(factor == 0, 0.0, factor * other)


def _holds(condition, x, m):
    if condition == sp.true:
        return x == x
    if isinstance(condition, sp.Or):
        return functools.reduce(operator.or_, (_holds(c, x, m) for c in condition.args))
    left, right = jet(condition.lhs, x, m)[0], jet(condition.rhs, x, m)[0]
    compare = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq}
    return compare[condition.rel_op](left, right)


class Judge:
    """The numbers of one nonlinearity, given as kind and expression without parameters (tau = 1/4)."""

    def __init__(self, kind, expr):
        self.kind, self.expr = kind, expr
        scale = ROOT2 if kind is Shrinkage else 1
        relations = expr.atoms(sp.core.relational.Relational)
        self._places = {abs(_Digits.number(n)) for c in relations for n in c.atoms(sp.Rational)} - {0}
        self.breaks = sorted(p * scale for p in self._places)
        self.grid = self._grid()
        with np.errstate(all="ignore"):
            flux, slope = self._flux(self.grid, _Arrays)
            self.samples = {"g": flux / self.grid, "slope": slope}

    def _flux(self, x, m):
        """Phi and Phi' at x > 0."""
        if self.kind is Shrinkage:
            root = ROOT2 if m is _Digits else math.sqrt(2)
            inner = self._snapped(x / root) if m is _Digits else x / root
            v, d, _ = jet(self.expr, inner, m)
            return x - root * v, 1 - d
        v, d, e = jet(self.expr, x, m)
        if self.kind is Diffusivity:
            return x * v, v + x * d
        if self.kind is Regulariser:
            return d / 2, e / 2
        return v, d

    def _snapped(self, x):
        """The break itself where sqrt(2) and its inverse left the last digit different."""
        return next((p for p in self._places if abs(x - p) < p * mp.mpf("1e-55")), x)

    def value(self, what, x):
        """g or Phi' with 60 digits."""
        flux, slope = self._flux(x, _Digits)
        return flux / x if what == "g" else flux if what == "flux" else slope

    def _grid(self):
        places = [np.geomspace(1e-10, 1e10, 1600)]
        ends = [0.0, *map(float, self.breaks)]
        for low, high in pairwise(ends):
            places.append(np.linspace(low, high, 200)[1:-1])
        places.append(ends[-1] + np.linspace(0, 4 * max(1.0, ends[-1]), 400)[1:])
        grid = np.unique(np.concatenate(places))
        return grid[(grid > 0) & ~np.isin(grid, np.array(ends))]

    def edges(self):
        """Places near 0, near infinity and on both sides of every break."""
        small = mp.mpf(10) ** -28
        yield from (small, 1 / small, mp.mpf(10) ** 9)
        for place in self.breaks:
            yield from (place * (1 - small), place * (1 + small))

    def extreme(self, what, side):
        """The largest (`side` 1) or smallest value found, with local refinement, and where."""
        values = side * self.samples[what]
        values = np.where(np.isfinite(values), values, -np.inf)
        found = []
        for place in self.edges():
            found.append((side * self.value(what, place), place))
        if what == "g":
            found += [(side * self.value(what, place), place) for place in self.breaks]
        peaks = np.flatnonzero((values >= np.append(values[1:], -np.inf)) & (values >= np.append(-np.inf, values[:-1])))
        for k in peaks[np.argsort(values[peaks])[::-1][:4]]:
            low, high = self.grid[max(k - 1, 0)], self.grid[min(k + 1, len(self.grid) - 1)]
            ends = [mp.mpf(place) for place in self._zoom(what, side, low, high)]
            for place in ends:  # beside a kink only one of them is on its side
                if min((abs(place - b) for b in self.breaks), default=1) > 1e-30:
                    found.append((side * self.value(what, place), place))
            found += self._polish(what, side, sum(ends) / 2, mp.mpf(low), mp.mpf(high))
        best = max((f for f in found if mp.isfinite(f[0])), key=lambda f: f[0])
        return side * best[0], best[1]

    def _zoom(self, what, side, low, high):
        for _ in range(9):
            places = np.linspace(low, high, 60)
            with np.errstate(all="ignore"):
                flux, slope = self._flux(places, _Arrays)
            values = side * (flux / places if what == "g" else slope)
            k = int(np.argmax(np.where(np.isfinite(values), values, -np.inf)))
            low, high = places[max(k - 1, 0)], places[min(k + 1, 59)]
        return low, high

    def _polish(self, what, side, place, low, high):
        """The vertex of the parabola through three points, twice."""
        found = []
        step = (high - low) * mp.mpf("1e-6")
        for _ in range(2):
            left, middle, right = (side * self.value(what, p) for p in (place - step, place, place + step))
            found.append((middle, place))
            bend = left - 2 * middle + right
            if bend >= 0:
                return found
            place += step * (left - right) / (2 * bend)
            if not low < place < high:
                return found
            step *= mp.mpf("1e-4")
        found.append((side * self.value(what, place), place))
        return found

    def jumps(self):
        """Measured jumps of Phi: from left to right by place, or the height of an isolated value."""
        small = BESIDE
        start = self.value("flux", small)
        found = {}
        if abs(start) > 1e-13:
            found[mp.zero] = 2 * start
        for place in self.breaks:
            before, at, after = (self.value("flux", place * (1 + s)) for s in (-small, 0, small))
            size = 1 + abs(before) + abs(after)
            if abs(after - before) > VISIBLE * size:
                found[place] = after - before
            elif abs(at - before) > VISIBLE * size:
                found[place] = at - before
        return found


def number(expr):
    """A constant of a certificate with 60 digits."""
    if expr in (sp.oo, -sp.oo):
        return mp.inf if expr is sp.oo else -mp.inf
    return mp.mpf(str(sp.N(expr, 60)))


def contradictions(judge, certificate):
    """Every statement of the certificate that the numbers contradict, in words."""
    found = []
    jumps = judge.jumps()
    isolated = any(_isolated(judge, place) for place in jumps if place)
    up = isolated or any(height > 0 for height in jumps.values())
    down = isolated or any(height < 0 for height in jumps.values())
    unseen = not all(map(_visible, certificate.jumps))
    limits = {}
    for what, name in (("g", "g"), ("slope", "slope")):
        for side, suffix in ((1, "max"), (-1, "min")):
            bound = getattr(certificate, f"{name}_{suffix}")
            limits[what, side] = judge.extreme(what, side)
            infinite = what == "slope" and (up if side == 1 else down)
            if infinite:
                limits[what, side] = side * mp.inf, None
            found += _bound(judge, f"{name}_{suffix}", bound, what, side, limits[what, side], infinite, unseen)
    found += _verdicts(certificate, limits, jumps)
    found += _jumps(certificate, jumps)
    found += _smoothness(judge, certificate, jumps)
    found += _steps(certificate, limits)
    return found


def _isolated(judge, place):
    """Whether the value at a break lies outside the interval of the limits."""
    small = BESIDE
    before, at, after = (judge.value("flux", place * (1 + s)) for s in (-small, 0, small))
    slack = VISIBLE * (1 + abs(before) + abs(after))
    return not min(before, after) - slack <= at <= max(before, after) + slack


def _bound(judge, name, bound, what, side, limit, infinite, unseen):
    if bound.evidence is Evidence.UNKNOWN:
        return []
    value, place = limit
    size = 1 + abs(value) if mp.isfinite(value) else mp.one
    low = high = None
    if bound.value is not None:
        low = high = number(bound.value)
    if bound.evidence is Evidence.ENCLOSED:
        # an enclosure of a number like 1e-84007 is not written out as two fractions
        low, high = (number(bound.value if end is None else end) for end in (bound.lower, bound.upper))
        if not high - low <= mp.mpf("1.0001e-9") * max(abs(low), abs(high)):
            return [f"{name} is enclosed in [{low}, {high}] only"]
    elif bound.lower is not None and not number(bound.lower) - STRICT <= low <= number(bound.upper) + STRICT:
        return [f"{name} = {bound.value} is not in [{bound.lower}, {bound.upper}]"]
    outer, inner = (high, low) if side == 1 else (low, high)
    words = f"{name} = {bound.value} ({mp.nstr(inner, 20)})"
    if infinite:
        return [] if mp.isinf(outer) and side * outer > 0 else [f"{words}, but Phi jumps"]
    if side * (value - outer) > STRICT * size:
        return [f"{words}, but {mp.nstr(value, 25)} at {mp.nstr(place, 20)}"]
    if mp.isinf(outer) and what == "slope" and unseen:  # 60 digits do not tell the jump from none
        return []
    if mp.isinf(outer):  # unbounded: the samples must at least grow large
        return [] if abs(value) > 20 * _ordinary(judge, what) else [f"{words}, but samples stay within {value}"]
    if side * (inner - value) > SHARP * size:
        return [f"{words} is not sharp: only {mp.nstr(value, 20)}"]
    if bound.attained is not None and bound.attained != 0:
        there = number(bound.attained)
        if min((abs(there - b) for b in judge.breaks), default=1) > 1e-30 * (1 + there):
            at_place = judge.value(what, there)
            if abs(at_place - inner) > mp.mpf("1e-9") * size:
                return [f"{words} is not attained at {bound.attained}: {mp.nstr(at_place, 20)}"]
    return []


def _ordinary(judge, what):
    values = np.abs(judge.samples[what])
    return float(np.median(values[np.isfinite(values)]))


def _verdicts(certificate, limits, jumps):
    found = []
    invisible = [j for j in certificate.jumps if not _visible(j)]
    lowest, steepest = limits["g", -1][0], limits["slope", -1][0]
    for name, value in (("nonnegative", lowest), ("monotone", steepest), ("convex", steepest)):
        verdict = getattr(certificate, name)
        if verdict.value is True and value < -STRICT * 10:
            found.append(f"{name} is said to hold, but {mp.nstr(value, 20)}")
        if verdict.value is False and value > STRICT and not mp.isinf(value) and not invisible:
            found.append(f"{name} is denied, but the least value found is {mp.nstr(value, 20)}")
        if verdict.when is not None:
            found.append(f"{name} depends on {verdict.when} without parameters")
    if certificate.continuous.value is (bool(jumps)) and not invisible:
        found.append(f"continuous is {certificate.continuous.value}, jumps measured: {jumps}")
    return found


def _jumps(certificate, jumps):
    if certificate.continuous.evidence is Evidence.UNKNOWN:
        return []
    claimed = {number(j.place): number(j.height) for j in certificate.jumps if _visible(j)}
    # where 60 digits see no jump, a value of its own at the break is measured in its place
    hidden = [number(j.place) for j in certificate.jumps if not _visible(j)]
    seen = {p: height for p, height in jumps.items() if not any(abs(p - q) < mp.mpf("1e-12") * (1 + p) for q in hidden)}
    if len(claimed) != len(seen):
        return [f"jumps {certificate.jumps}, measured {jumps}"]
    for (place, height), (other, measured) in zip(sorted(claimed.items()), sorted(seen.items()), strict=True):
        size = mp.mpf("1e-12") * (1 + abs(measured))
        if abs(place - other) > size or (mp.isfinite(height) and abs(height - measured) > size):
            return [f"jumps {certificate.jumps}, measured {jumps}"]
    return []


def _visible(jump):
    """Whether 60 digits tell the jump from none."""
    return abs(number(jump.height)) > 2 * VISIBLE


def _smoothness(judge, certificate, jumps):
    k = certificate.smoothness
    if k is None or not all(map(_visible, certificate.jumps)):
        return []
    if (k == -1) != bool(jumps):
        return [f"smoothness {k}, jumps measured: {jumps}"]
    if k < 1:
        return []
    small = mp.mpf(10) ** -28
    for place in judge.breaks:
        before, after = (judge.value("slope", place * (1 + s)) for s in (-small, small))
        if abs(after - before) > 1e-12 * (1 + abs(before)):
            return [f"smoothness {k}, but Phi' jumps by {mp.nstr(after - before, 10)} at {mp.nstr(place, 10)}"]
    return []


def _steps(certificate, limits):
    """Each step size against its definition with the extremes that were measured."""
    found = []
    g, g_low = limits["g", 1][0], limits["g", -1][0]
    up, down = limits["slope", 1][0], limits["slope", -1][0]
    for name, step in certificate.steps().items():
        if step.value is None:
            continue
        tau = number(step.value)
        steepest, needed, ratio = {
            "max_min_step": (g, g_low, 0.5),
            "sign_step": (g, g_low, 0.25),
            "euclidean_step": (g, g_low, 0.5),
            "theorem2_step": (max(up, -down), g_low, 0.5),
            "nonexpansive_step": (up, down, 0.5),
            "energy_step": (up, 0, 0.5),
        }[name]
        if tau == 0 or mp.isinf(tau):
            if mp.isinf(tau) and steepest > STRICT:
                found.append(f"{name} = oo, but {mp.nstr(steepest, 15)}")
            continue
        if needed < -10 * STRICT:
            found.append(f"{name} = {step.value}, but {mp.nstr(needed, 15)} is negative")
        if tau * steepest > ratio * (1 + STRICT):
            found.append(f"{name} = {step.value} is too large: {mp.nstr(tau * steepest, 25)} > {ratio}")
    return found


def form_contradictions(judge, family):
    """The four forms against Table 1 at a few places, Psi by its derivative and Psi(0) = 0."""
    found = []
    for place in (mp.mpf(3) / 7, mp.mpf(11) / 5, mp.mpf(37) / 4, mp.mpf("0.0123")):
        if any(abs(place / b - 1) < 1e-3 for b in judge.breaks):
            continue
        flux, _ = judge._flux(place, _Digits)
        size = 1 + abs(flux)
        for form in family.forms:
            if form.expr.has(sp.Integral):
                continue
            try:
                value, slope, _ = jet(form.expr, place / ROOT2 if form.letter == "S" else place, _Digits)
            except KeyError:  # a special function that this page does not know
                continue
            value = {"g": value * place, "Phi": value, "S": place - ROOT2 * value, "Psi": slope / 2}[form.letter]
            if not abs(value - flux) <= mp.mpf("1e-30") * size:
                found.append(f"{form} at {mp.nstr(place, 8)}: {mp.nstr(value, 20)}, not {mp.nstr(flux, 20)}")
    return found
