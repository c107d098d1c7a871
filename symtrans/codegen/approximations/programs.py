"""The elementary functions as straight-line programs of floating-point operations.

A program is data. `symtrans.codegen.targets.c` prints its steps, `rounding` proves its
error: what is proved and what is printed cannot differ. Each runs without
branches on whole vectors.

The reductions are those of W. J. Cody, W. Waite, Software Manual for the
Elementary Functions (1980): exp by x = n ln 2 + r, log by x = 2^k (1 + f),
atan by 1/x; tanh and erf rest on expm1, as E/(E + 2) with E = expm1(2|x|), which
has at most the relative error of E, and as -expm1(log erfc|x|). 1/sqrt(x) begins
with an instruction of the processor, good to 11 bits, y say; with e = 1 - x y² it is y/sqrt(1 - e) exactly. 2^x is
an entry of a table of eight, one instruction, times a polynomial (P. T. P. Tang, ACM Trans. Math. Softw. 15, 1989).
"""

from collections.abc import Callable
from functools import lru_cache, partial

from flint import arb, ctx, fmpq

from symtrans.codegen.approximations.formats import FORMATS, Format
from symtrans.codegen.approximations.polynomials import Cofactor, polynomial
from symtrans.codegen.approximations.steps import Argument, Program, Step, Table


class _Builder:
    """Collects steps."""

    def __init__(self, format: Format) -> None:
        self.format = format
        self.steps: list[Step] = []

    def __call__(self, name: str, operation: str, *arguments: Argument, comment: str = "") -> str:
        self.steps.append(Step(name, operation, arguments, comment))
        return name

    def polynomial(self, name: str, cofactor: Cofactor, t: str, z: str) -> str:
        return self(name, "polynomial", polynomial(cofactor, self.format), t, z)

    def exponential(self, t: str, shift: int = 0) -> tuple[str, str]:
        """Steps for s = 2^(n - shift) and g = expm1(r), where t = n ln 2 + r."""
        stored, bias = self.format.stored, self.format.bias
        magic = 1.5 * 2.0**stored + (bias - shift)
        high = self.format.round(arb(2).log())
        low = self.format.round(arb(2).log() - arb(high))
        y = self(
            "y", "round", t, self.format.round(1 / arb(2).log()), magic, comment="t/ln 2 to nearest, in the last bits"
        )
        n = self("n", "integer", y, magic)
        r = self("r", "reduce", n, high, low, t, comment="t - n ln 2")
        s = self("s", "power", y, shift, comment=f"2^(n - {shift})" if shift else "2^n")
        z = self("z", "mul", r, r)
        q = self.polynomial("q", EXPM1, r, r)
        return s, self("g", "fma", z, q, r, comment="exp(r) - 1")

    def logarithm(self, u: str, correction: str | None = None) -> str:
        """Steps for log(u + correction) where u = 2^k (1 + f) and the correction is below the last bit of u."""
        i = self("i", "offset", u)
        k = self("k", "exponent", i)
        m = self("m", "mantissa", i, u, comment="u = 2^k m, sqrt(1/2) <= m < sqrt(2)")
        f = self("f", "less_one", m)
        if correction is not None:
            near = self("b", "min", 2.0**64, u)  # beyond, the correction is nothing, but 2^-k may leave the range
            j = self("j", "offset", near)
            inverse = self("s", "inverse_power", j, comment="2^-k")
            f = self("v", "corrected", inverse, correction, f)
        z = self("z", "mul", f, f)
        q = self.polynomial("q", LOG1P, f, f)
        g = self("g", "fma", z, q, f, comment="log(1 + f)")
        return self("w", "add_exponent", k, self.format.round(arb(2).log()), g)


def _erf_weight(t: arb) -> arb:
    """By d erf/erf = t erfc(t)/erf(t) dq; t/erf(t) is at most 0.9 next to 0."""
    return arb(0, 0.9) if t.contains(0) else t * t.erfc() / t.erf()


EXPM1 = Cofactor("expm1", lambda t: t.exp() - 1, 1, 2, False, abs, fmpq(-34700, 100000), fmpq(34700, 100000))
EXP2 = Cofactor(
    "exp2",
    lambda t: (t * arb(2).log()).exp() - 1,
    *(0, 1, False, lambda t: abs(t) * (-t * arb(2).log()).exp()),
    *(fmpq(-63, 1000), fmpq(63, 1000)),
    tolerance=1.0,
)
LOG1P = Cofactor("log1p", lambda t: (1 + t).log(), 1, 2, False, abs, fmpq(-2930, 10000), fmpq(4143, 10000))
ATAN = Cofactor("atan", lambda t: t.atan(), 1, 3, True, lambda t: t * t, fmpq(-1, 1000), fmpq(1001, 1000))
SEED = {"float32": fmpq(3, 2**13), "float64": fmpq(513, 2**20)}
"""The largest relative error of the first guess at 1/sqrt(x).

float32: 1.5 2^-12, of rsqrtps: Intel's manual (vol. 2), and AMD's (vol. 4) for theirs.
float64: what `CHECK` leaves, of whatever the guess was: |e| < 2^-10 has |d| < 2^-11 (1 + 2^-11), and e is rounded.
Where x is a normal float, 1.5 2^-12 and what rounding x to a float adds are less.
"""
CHECK = 2.0**-10
RSQRT = {
    name: Cofactor(
        "1/sqrt(1 - e) - 1",
        lambda e: (1 - e).rsqrt() - 1,
        *(0, 1, False, abs),
        *(-fmpq(21, 10) * seed, fmpq(21, 10) * seed),  # -2 d - d² for |d| <= seed, and rounding
    )
    for name, seed in SEED.items()
}
# log erfc is cut at 4 or 6, where erf is 1 to rounding; balls reach a little further
LOG_ERFC = {
    name: Cofactor(
        "log erfc",
        lambda t: t.erfc().log(),
        *(FORMATS[name].round(-2 / arb.pi().sqrt()), 1, False, _erf_weight),
        *(fmpq(-1, 1000), fmpq(end) * fmpq(1001, 1000)),
        tolerance=1.0,
    )
    for name, end in (("float32", 4), ("float64", 6))
}


def _octaves(low: int, high: int, parts: int, about: int = 0, side: int = 1) -> list[tuple[fmpq, fmpq]]:
    """[2^low, 2^high] in octaves, each in equal parts; shifted and mirrored."""
    found = []
    for k in range(low, high):
        size = fmpq(2) ** k
        for i in range(parts):
            a, b = about + side * size * (1 + fmpq(i, parts)), about + side * size * (1 + fmpq(i + 1, parts))
            found.append((min(a, b), max(a, b)))
    return found


def _from_zero(format: Format, high: int) -> list[tuple[fmpq, fmpq]]:
    """[0, 2^high]: the subnormal numbers as one piece, then octaves, finer where the function bends."""
    fine = -format.precision // 2 - 2
    return [
        (fmpq(0), fmpq(2) ** format.least),
        *_octaves(format.least, fine, 2),
        *_octaves(fine, -4, 4),
        *_octaves(-4, high, 16),
    ]


def _even_parts(low: fmpq, high: fmpq, count: int) -> list[tuple[fmpq, fmpq]]:
    width = (high - low) / count
    return [(low + k * width, low + (k + 1) * width) for k in range(count)]


def _exp(format: Format) -> Program:
    b = _Builder(format)
    bias = format.bias
    ln2 = arb(2).log()
    # overflow to infinity must come from the last addition, not from s
    lowest, highest = format.round(-(bias - fmpq(3, 4)) * ln2), format.round((bias + 1 + fmpq(1, 4)) * ln2)
    b("c", "max", lowest, "x")
    b("t", "min", highest, "c")
    s, g = b.exponential("t", shift=1)
    w = b("w", "exp", s, g)
    b("value", "add", w, w)
    return Program(
        "exp",
        "exp(x)",
        arb.exp,
        tuple(b.steps),
        tuple(_even_parts(EXPM1.low, EXPM1.high, 64)),
        any_exponent=bias + 1,
        note=f"below 2^-{bias - 3} the result falls to 0; beyond the range it is infinite; NaN stays NaN",
    )


def _exp2_negative(format: Format) -> Program:
    b = _Builder(format)
    parts = 8
    powers = Table(tuple(format.round((arb(2).log() * j / parts).exp()) for j in range(parts)))
    # below, 2^n is 0 to the bit, so that infinity gives 0
    t = b("t", "max", -float(format.bias), "x")
    magic = 1.5 * 2.0**format.stored / parts
    y = b("y", "nearest", t, magic, comment="the eighths of t, to nearest, in the last bits")
    n = b("n", "part", y, magic, parts)
    f = b("f", "rest", t, n, parts)
    s = b("s", "lookup", y, powers, comment="2^n")
    q = b.polynomial("q", EXP2, f, f)
    w = b("w", "mul", f, q, comment="2^f - 1")
    b("value", "fma", s, w, s)
    return Program(
        "exp2_negative",
        "2^x for x <= 0",
        lambda x: (x * arb(2).log()).exp(),
        tuple(b.steps),
        # from one unit to the next the numbers f are no others, and the result is half as large: the first and the last
        (*_even_parts(fmpq(-1), fmpq(0), 128), *_even_parts(fmpq(2 - format.bias), fmpq(3 - format.bias), 128)),
        note=f"below 2^-{format.bias - 2} the result falls to 0; NaN stays NaN",
    )


def _expm1_negative(format: Format) -> Program:
    b = _Builder(format)
    end = fmpq(20) if format.precision == 24 else fmpq(40)
    t = b("t", "max", -float(end.p), "x")
    s, g = b.exponential(t)
    m = b("m", "sub", s, 1.0)
    b("value", "expm1", s, g, m, t)
    pieces = [*_from_zero(format, 2), *_even_parts(fmpq(4), end, 4 * int(end - 4))]
    return Program(
        "expm1_negative",
        "exp(x) - 1 for x <= 0",
        arb.expm1,
        tuple(b.steps),
        tuple((-high, -low) for low, high in pieces),
        beyond=-end,
        note="NaN stays NaN",
    )


def _tanh(format: Format) -> Program:
    b = _Builder(format)
    end = fmpq(10) if format.precision == 24 else fmpq(20)
    b("a", "abs", "x")
    b("c", "min", float(end.p) / float(end.q), "a")
    t = b("t", "mul", 2.0, "c")
    s, g = b.exponential(t)
    m = b("m", "sub", s, 1.0)
    e = b("e", "expm1", s, g, m, t, comment="exp(2 |x|) - 1")
    d = b("d", "add", e, 2.0)
    w = b("w", "to_more", e, d, 2.0)
    b("value", "copysign", w, "x")
    # next to 1 the quotient is that of two large numbers, which a wide piece does not tell from one above 1
    pieces = (*_from_zero(format, 2), *_even_parts(fmpq(4), end, 16 * int(end - 4)))
    return Program("tanh", "tanh(x)", arb.tanh, tuple(b.steps), pieces, odd=True, beyond=end, note="NaN stays NaN")


def _erf(format: Format) -> Program:
    b = _Builder(format)
    cofactor = LOG_ERFC[format.name]
    end = cofactor.high.floor()
    b("a", "abs", "x")
    b("c", "min", float(end), "a")
    p = b.polynomial("p", cofactor, "c", "c")
    w = b("w", "mul", "c", p)
    t = b("t", "fma", "c", cofactor.head, w, comment="log(1 - erf|x|)")
    s, g = b.exponential(t)
    m = b("m", "sub", s, 1.0)
    e = b("e", "expm1", s, g, m, t, comment="-erf|x|")
    b("value", "copysign", e, "x")
    # Horner's rule in balls needs narrow pieces here
    pieces = (*_from_zero(format, 0), *_even_parts(fmpq(1), fmpq(end), 96 * int(end)))
    return Program("erf", "erf(x)", arb.erf, tuple(b.steps), pieces, odd=True, beyond=fmpq(end), note="NaN stays NaN")


def _atan(format: Format) -> Program:
    b = _Builder(format)
    half_pi = format.round(arb.pi() / 2)
    b("a", "abs", "x")
    far = b("far", "greater", "a", 1.0)
    inverse = b("b", "div", 1.0, "a")
    t = b("t", "select", far, inverse, "a")
    z = b("z", "mul", t, t)
    w = b("w", "mul", z, t)
    q = b.polynomial("q", ATAN, t, z)
    y = b("y", "fma", w, q, t, comment="atan(t)")
    v = b("v", "complement", half_pi, y, comment="atan(1/t) = pi/2 - atan(t)")
    u = b("u", "select", far, v, y)
    b("value", "copysign", u, "x")
    # no number lies between 1 and 1 + 2^-stored, so 1/x is below 1: narrow pieces next to 1 show this
    pieces = [piece for piece in _from_zero(format, 4) if piece[0] != 1]
    pieces += [*_octaves(-format.stored, -4, 1, about=1), *_octaves(4, format.bias + 1, 1)]
    return Program("atan", "atan(x)", arb.atan, tuple(b.steps), tuple(pieces), odd=True, note="NaN stays NaN")


def _log(format: Format) -> Program:
    b = _Builder(format)
    w = b.logarithm("x")
    finite = b("e", "finite", "x", w)
    b("value", "positive", "x", float(fmpq(2).p) ** format.least, finite)
    last = -format.precision
    pieces = [(fmpq(1), fmpq(1)), *_octaves(last, -1, 8, 1, 1), *_octaves(last - 1, -2, 8, 1, -1)]
    pieces += [*_even_parts(fmpq(3, 2), fmpq(16), 256), *_even_parts(fmpq(1, 16), fmpq(3, 4), 64)]
    pieces += [*_octaves(4, format.bias + 1, 1), *_octaves(format.least, -4, 1)]
    return Program(
        "log",
        "log(x)",
        arb.log,
        tuple(b.steps),
        tuple(pieces),
        note="0 and subnormal numbers give -infinity, negative numbers NaN; infinity and NaN stay",
    )


def _log1p(format: Format) -> Program:
    b = _Builder(format)
    high = b("h", "max", "x", 1.0)
    low = b("l", "min", "x", 1.0)
    u = b("u", "sum", high, low)
    c = b("c", "sum_error", high, low, u, comment="1 + x = u + c exactly")
    w = b.logarithm(u, c)
    b("value", "finite", "x", w)
    pieces = (*_from_zero(format, 4), *_octaves(4, format.bias + 1, 1))
    return Program("log1p", "log(1 + x) for x >= 0", arb.log1p, tuple(b.steps), pieces, note="infinity and NaN stay")


def _rsqrt(format: Format, held: bool = False) -> Program:
    """Of an argument that is held far from 0 and infinity it takes less: no float overflows."""
    b = _Builder(format)
    # a guess for doubles goes through floats, whose range is smaller: it is looked at
    checked = format.precision > 24 and not held
    off = ", at most 1.5 2^-12 off" + ("" if format.precision == 24 else ", and 2^-24") if held else ""
    off = off if held or checked else ", at most 1.5 2^-12 off; 0 for infinity"
    y = b("y", "seed", "x", comment="about 1/sqrt(x)" + off)
    c = "x" if checked or held else b("c", "min", format.largest, "x")
    t = b("t", "mul", c, y)
    e = b("e", "deficit", t, y, comment="1 - x y^2")
    q = b.polynomial("q", RSQRT[format.name], e, e)
    w = b("w", "mul", e, q, comment="1/sqrt(1 - e) - 1")
    s = _Builder(format)
    s("s", "sqrt", "x")
    s("value", "div", 1.0, "s")
    b("value", "fma", y, w, y)
    if checked:
        b("good", "small", e, CHECK)
        b("value", "unless", "good", "value", "x", comment="hardly ever")
    # the bounds for [1, 4) are those for all x: a factor of 4 in x is one of 1/2 in the result and none in e
    return Program(
        "rsqrt_held" if held else "rsqrt",
        f"1/sqrt(x) for {'2^-100 <= x <= 2^100' if held else 'all x' if checked else 'normal x > 0'}",
        arb.rsqrt,
        tuple(b.steps),
        (*_even_parts(fmpq(1), fmpq(2), 64), *_even_parts(fmpq(2), fmpq(4), 64)),
        needs="NATIVE_RSQRT",
        otherwise=tuple(s.steps),
        note="NaN stays NaN" if held else "infinity gives 0; NaN stays NaN",
    )


_MAKERS: dict[str, Callable[[Format], Program]] = {
    "exp": _exp,
    "exp2_negative": _exp2_negative,
    "expm1_negative": _expm1_negative,
    "log": _log,
    "log1p": _log1p,
    "tanh": _tanh,
    "erf": _erf,
    "atan": _atan,
    "rsqrt": _rsqrt,
    "rsqrt_held": partial(_rsqrt, held=True),
}
NAMES = tuple(_MAKERS)


@lru_cache(maxsize=32)
def program(name: str, format: Format) -> Program:
    """The steps of one function in one format."""
    with ctx.workprec(256):
        return _MAKERS[name](format)
