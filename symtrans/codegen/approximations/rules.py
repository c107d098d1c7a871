"""What each step of an approximation does to errors, on one piece of the domain: a method for each operation."""

from dataclasses import dataclass

from flint import arb, fmpq

from symtrans.codegen.approximations.formats import Format, two_to
from symtrans.codegen.approximations.polynomials import Polynomial
from symtrans.codegen.approximations.programs import SEED
from symtrans.codegen.approximations.steps import Argument, Program, Step, Table

_MOST_CHOICES = 64  # integers on one piece


def hull(low: fmpq, high: fmpq) -> arb:
    """A ball that holds an interval."""
    return arb(low).union(arb(high))


@dataclass(frozen=True)
class _Value:
    """A ball that holds the exact value, and a bound of the distance of the computed one."""

    ball: arb
    error: arb

    @property
    def reach(self) -> arb:
        """A ball that holds the computed value too."""
        return self.ball + arb(0, self.error.abs_upper())


class ChoiceError(Exception):
    """A step whose integer result may be any of several on this piece."""

    def __init__(self, numbers: range) -> None:
        super().__init__(numbers)
        self.numbers = numbers


class ImpossibleError(Exception):
    """The integer that was chosen does not come up on this piece."""


def error_of(what: Program, format: Format, low: fmpq, high: fmpq, chosen: int | None = None) -> arb:
    """A bound of the error of the last step on the piece (low, high].

    Where the integers in between may be any of several, `chosen` is the one that comes up.
    """
    return _Run(format, low, high, chosen, what.any_exponent).follow(what)


class _Run:
    """Follows the steps on one piece."""

    def __init__(self, format: Format, low: fmpq, high: fmpq, chosen: int | None, any_exponent: int) -> None:
        self.format, self.low, self.high = format, low, high
        self.chosen, self.any_exponent = chosen, any_exponent
        self.values: dict[str, _Value] = {"x": _Value(hull(low, high), arb(0))}
        self.flags: dict[str, bool] = {}
        self.ln2 = arb(2).log()
        self.lost = arb(0)  # what `reduce` has lost of r

    def follow(self, what: Program) -> arb:
        for step in what.steps:
            self.values[step.name] = getattr(self, step.operation)(step)
        return self.values[what.steps[-1].name].error

    def value(self, argument: Argument) -> _Value:
        if isinstance(argument, str):
            return self.values[argument]
        if isinstance(argument, Polynomial | Table):
            raise TypeError("a polynomial or a table is not a number")
        return _Value(arb(argument), arb(0))

    def rounded(self, ball: arb, error: arb, rounds: bool = True) -> _Value:
        """The result of one operation: its inputs' error, and half a unit of what was computed."""
        reach = ball + arb(0, error.abs_upper())
        return _Value(ball, (error + (self.format.half_ulp(reach) if rounds else 0)).abs_upper())

    def choose(self, low: arb, high: arb) -> int:
        """The integer of this run; several are possible: one run for each."""
        first, last = int(low.lower().ceil().unique_fmpz()), int(high.upper().floor().unique_fmpz())
        if last - first > _MOST_CHOICES:
            raise ArithmeticError("an error has grown beyond use")
        if self.chosen is None:
            raise ChoiceError(range(first, last + 1))
        return self.chosen

    # arithmetic -------------------------------------------------------------

    def fma(self, step: Step) -> _Value:
        a, b, c = map(self.value, step.arguments)
        return self.rounded(a.ball * b.ball + c.ball, _product_error(a, b) + c.error)

    def mul(self, step: Step) -> _Value:
        a, b = map(self.value, step.arguments)
        exact = isinstance(step.arguments[0], float) and abs(step.arguments[0]) == 2.0
        return self.rounded(a.ball * b.ball, _product_error(a, b), rounds=not exact)

    def add(self, step: Step) -> _Value:
        a, b = map(self.value, step.arguments)
        # doubling is exact
        return self.rounded(a.ball + b.ball, a.error + b.error, rounds=step.arguments[0] != step.arguments[1])

    def sub(self, step: Step) -> _Value:
        a, b = map(self.value, step.arguments)
        difference = a.ball - b.ball
        return self.rounded(difference, a.error + b.error, rounds=not difference.is_zero())

    def div(self, step: Step) -> _Value:
        a, b = map(self.value, step.arguments)
        # |a~/b~ - a/b| <= (e_a + |a/b| e_b)/|b~|
        quotient = a.ball / b.ball
        return self.rounded(quotient, (a.error + abs(quotient) * b.error) / b.reach.abs_lower())

    def to_more(self, step: Step) -> _Value:
        """e/(e + c) = 1 - c/d of a positive e, where d = e + c was computed: an error of e moves both.

        The derivative by e is c/(e + c)^2; of the error of d only its own rounding is left.
        """
        e, d, c = map(self.value, step.arguments)
        quotient, least = (1 - c.ball / d.ball).intersection(e.ball / d.ball), d.reach.abs_lower()
        error = (c.ball / least**2 * e.error + abs(quotient) * (d.error - e.error) / least).abs_upper()
        # the computed e is not above the computed d: what is rounded is at most 1
        return _Value(quotient, error + self.format.half_ulp((quotient.abs_upper() + error).min(1)))

    # selections: decided on the whole piece, or the domain is cut at the wrong places -------

    def abs(self, step: Step) -> _Value:
        a = self.value(step.arguments[0])
        return _Value(abs(a.ball), a.error)

    def beyond(self, bound: float) -> bool:
        """Whether |x| lies above a constant on the whole piece; the piece owns its upper end."""
        place = fmpq(*bound.as_integer_ratio())
        if self.low >= place:
            return True
        if self.high <= place:
            return False
        raise ArithmeticError(f"the domain is not cut at {bound}")

    def cut(self, step: Step) -> tuple[_Value, _Value, bool]:
        """The constant and the variable of min or max, and whether the variable is the larger."""
        constant, variable = sorted(step.arguments, key=lambda a: isinstance(a, str))
        if self.any_exponent:  # the range in which exp is proved lies within its cuts
            return self.value(variable), self.value(variable), True
        assert isinstance(constant, float)
        return self.value(constant), self.value(variable), self.beyond(constant)

    def min(self, step: Step) -> _Value:
        constant, variable, above = self.cut(step)
        return constant if above else variable

    def max(self, step: Step) -> _Value:
        constant, variable, above = self.cut(step)
        return variable if above else constant

    def greater(self, step: Step) -> _Value:
        bound = step.arguments[1]
        assert isinstance(bound, float)
        self.flags[step.name] = self.beyond(bound)
        return _Value(arb(0), arb(0))

    def select(self, step: Step) -> _Value:
        mask, yes, no = step.arguments
        return self.value(yes if self.flags[str(mask)] else no)

    copysign = abs  # of an odd function, on its half x >= 0

    def finite(self, step: Step) -> _Value:
        return self.value(step.arguments[1])

    def positive(self, step: Step) -> _Value:
        return self.value(step.arguments[2])

    # polynomials ------------------------------------------------------------

    def polynomial(self, step: Step) -> _Value:
        """q(t): Horner's rule at the computed z, the truncation error there, and what an error of z does."""
        p, t, z = step.arguments
        assert isinstance(p, Polynomial)
        at, of = self.value(z), self.value(t)
        reach, error = at.reach, arb(0)
        value = arb(p.coefficients[-1])
        for c in reversed(p.coefficients[:-1]):
            value = value * reach + c
            error = abs(reach) * error
            error = error + self.format.half_ulp(value + arb(0, error.abs_upper()))
        away = p.error(of.reach) + p.slope * at.error
        ball = value + arb(0, away.abs_upper())
        if p.cofactor.order == 1 and not of.ball.contains(0):  # directly: narrower
            direct = p.cofactor.rest(of.ball, 1)[0] / of.ball
            ball = ball.intersection(direct) if ball.overlaps(direct) else arb.nan()
        return _Value(ball, (error + away).abs_upper())

    # 1/sqrt(x) = y/sqrt(1 - e) -------------------------------------------------

    def seed(self, step: Step) -> _Value:
        """What the processor gives, y, is exact by definition."""
        return _Value(self.value(step.arguments[0]).ball.rsqrt() * (1 + arb(0, SEED[self.format.name])), arb(0))

    def deficit(self, step: Step) -> _Value:
        """1 - t y by one fma; with y = (1 + d)/sqrt(x) and t = x y it is -2 d - d²."""
        t, y = map(self.value, step.arguments)
        seed = SEED[self.format.name]
        exact = (arb(-2) * seed - arb(seed) ** 2).union(arb(2) * seed)
        return self.rounded(exact, _product_error(t, y))

    def small(self, step: Step) -> _Value:
        """Whether |e| is below a bound; `seed` holds where it is."""
        return _Value(arb(0), arb(0))

    def unless(self, step: Step) -> _Value:
        """The value where the mask holds; elsewhere `otherwise`, of which a proof of its own is made."""
        return self.value(step.arguments[1])

    def sqrt(self, step: Step) -> _Value:
        """Of the argument itself."""
        x = self.value(step.arguments[0])
        if not x.error.is_zero():
            raise ArithmeticError("a square root of a rounded number")
        return self.rounded(x.ball.sqrt(), arb(0))

    # t = n ln 2 + r, t = k/8 + f -----------------------------------------------------------

    def round(self, step: Step) -> _Value:
        """Adding 1.5 2^stored + ... leaves the nearest integer to the product in the last bits: see `integer`."""
        t = self.value(step.arguments[0]).reach
        return _Value(t / self.ln2 + arb(0, fmpq(1, 100)), arb(0))  # and the rounding of 1/ln 2

    def nearest(self, step: Step) -> _Value:
        """The same of t itself."""
        return _Value(self.value(step.arguments[0]).reach, arb(0))

    def integer(self, step: Step) -> _Value:
        y = self.value(step.arguments[0]).ball
        if not abs(y) < two_to(self.format.stored - 2):
            raise ArithmeticError("the argument is too large for the rounding by a constant")
        return _Value(arb(self.choose(y - fmpq(1, 2), y + fmpq(1, 2))), arb(0))

    def part(self, step: Step) -> _Value:
        """The same where the last bit of y is 1/parts."""
        y, parts = self.value(step.arguments[0]).ball, step.arguments[2]
        assert isinstance(parts, int)
        if not abs(y) * parts < two_to(self.format.stored - 2):
            raise ArithmeticError("the argument is too large for the rounding by a constant")
        return _Value(arb(self.choose(y * parts - fmpq(1, 2), y * parts + fmpq(1, 2))) / parts, arb(0))

    def rest(self, step: Step) -> _Value:
        """Of f = t - n, exact: f is a multiple of the last bit of t, and no larger than t or half a part."""
        t, n = map(self.value, step.arguments[:2])
        parts = step.arguments[2]
        assert isinstance(parts, int)
        ball, inside = t.ball - n.ball, hull(fmpq(-1, 2 * parts), fmpq(1, 2 * parts))
        if not ball.overlaps(inside):
            raise ImpossibleError
        return _Value(ball.intersection(inside), t.error)

    def lookup(self, step: Step) -> _Value:
        """2^(k/parts) as the entry k mod parts times a power of two."""
        table = step.arguments[1]
        assert isinstance(table, Table)
        unit, entry = divmod(self.chosen or 0, len(table.values))
        exact = (arb(2).log() * arb(self.chosen or 0) / len(table.values)).exp()
        return _Value(exact, abs(arb(table.values[entry]) * two_to(unit) - exact).abs_upper())

    def reduce(self, step: Step) -> _Value:
        """Of r = t - n ln 2 by two fma with ln 2 = high + low.

        |r| <= ln 2 (1/2 + |t| |1/ln 2 - constant|): y was rounded to nearest. With n = 0 both are exact.
        Else |t| > 1/4: t is a multiple of 2^-(p+1), as n high is, and so is t - n high, which is below 1/2:
        it is a number of the format, and the first fma is exact.
        Here t is the computed one, and from here on r is too: `exp` and `expm1` add what their errors do.
        """
        n_name, high, low, t_name = step.arguments
        t, n = self.value(t_name), self.value(n_name).ball
        turns = arb(self.any_exponent).max(abs(n))
        size = self.ln2 * turns + 1
        limit = self.ln2 * (fmpq(1, 2) + size * two_to(-self.format.precision))
        ball = t.reach - n * self.ln2
        inside = arb(0, limit.abs_upper())
        if not ball.overlaps(inside):
            raise ImpossibleError
        ball = ball.intersection(inside)
        if turns.is_zero():
            self.lost = arb(0)
            return _Value(ball, arb(0))
        constant = turns * abs(self.ln2 - arb(high) - arb(low))
        if not abs(inside) + turns * abs(self.ln2 - arb(high)) < fmpq(1, 2):
            raise ArithmeticError("the first step of the reduction is not exact")
        self.lost = (constant + self.format.half_ulp(abs(ball) + constant)).abs_upper()
        return _Value(ball + arb(0, self.lost), arb(0))

    def exp(self, step: Step) -> _Value:
        """2^n g + 2^n = exp(t) by one fma, with g + 1 = exp(r)."""
        s, g = map(self.value, step.arguments)
        exact = s.ball * (g.ball + 1)
        return self.rounded(exact, _product_error(s, g) + exact.abs_upper() * self.lost.expm1())

    def expm1(self, step: Step) -> _Value:
        """2^n g + (2^n - 1) = exp(t) - 1 by one fma; exact for n = 0."""
        s, g, m, t = map(self.value, step.arguments)
        at = t.reach
        computed = s.ball * g.ball + m.ball
        exact = at.expm1()
        error = _product_error(s, g) + m.error + at.exp() * self.lost.expm1()
        if self.chosen:
            error += self.format.half_ulp(computed + arb(0, error.abs_upper()))
        return _Value(t.ball.expm1(), (error + at.exp() * t.error).abs_upper()) if exact.overlaps(computed) else _lost()

    def power(self, step: Step) -> _Value:
        shift = step.arguments[1]
        assert isinstance(shift, int)
        exponent = (self.chosen or 0) - shift
        if not self.format.least <= exponent <= self.format.bias:
            raise ArithmeticError("an exponent leaves the range of normal numbers")
        return _Value(two_to(exponent), arb(0))

    # u = 2^k m --------------------------------------------------------------

    def offset(self, step: Step) -> _Value:
        return self.value(step.arguments[0])

    def exponent(self, step: Step) -> _Value:
        u = self.value(step.arguments[0]).ball
        size = u.log() / self.ln2
        return _Value(arb(self.choose(size - fmpq(51, 100), size + fmpq(51, 100))), arb(0))

    def mantissa(self, step: Step) -> _Value:
        m = self.value(step.arguments[1]).ball * two_to(-(self.chosen or 0))
        inside = hull(fmpq(70710, 100000), fmpq(141422, 100000))
        if not m.overlaps(inside):
            raise ImpossibleError
        return _Value(m.intersection(inside), arb(0))

    def less_one(self, step: Step) -> _Value:
        """The difference m - 1 is exact for 1/2 <= m <= 2 (Sterbenz)."""
        return _Value(self.value(step.arguments[0]).ball - 1, arb(0))

    def add_exponent(self, step: Step) -> _Value:
        """Of k ln 2 + g: the constant is rounded too."""
        k, constant, g = map(self.value, step.arguments)
        error = abs(k.ball) * abs(self.ln2 - constant.ball) + g.error
        return self.rounded(k.ball * self.ln2 + g.ball, error, rounds=not k.ball.is_zero())

    def sum(self, step: Step) -> _Value:
        """The sum u is by definition the rounded 1 + x; `sum_error` knows what was lost."""
        x = self.value("x").ball
        return _Value((1 + x) * (1 + arb(0, two_to(-self.format.precision))), arb(0))

    def sum_error(self, step: Step) -> _Value:
        """1 + x - u, exact (T. J. Dekker 1971: the larger number comes first)."""
        return _Value(arb(0, self.format.half_ulp(1 + self.value("x").ball)), arb(0))

    def inverse_power(self, step: Step) -> _Value:
        return _Value(two_to(-(self.chosen or 0)), arb(0))

    def corrected(self, step: Step) -> _Value:
        """2^-k (1 + x) - 1 = (m - 1) + 2^-k c exactly; one rounding."""
        x = self.value("x").ball
        ball = (1 + x) * two_to(-self.chosen) - 1 if self.chosen else x
        inside = hull(LOG_LOW, LOG_HIGH)
        if not ball.overlaps(inside):
            raise ImpossibleError
        # with k = 0 the result is x itself
        # from 2^64 on c = 1 is multiplied by 2^-64 or more in place of 2^-k
        other = two_to(-63) if self.low >= fmpq(2) ** 64 else arb(0)
        return self.rounded(ball.intersection(inside), other, rounds=self.chosen != 0)

    def complement(self, step: Step) -> _Value:
        """pi/2 - y with the rounded pi/2."""
        constant, y = map(self.value, step.arguments)
        return self.rounded(arb.pi() / 2 - y.ball, abs(arb.pi() / 2 - constant.ball) + y.error)


def _lost() -> _Value:
    raise ArithmeticError("a step does not compute what it says")


LOG_LOW, LOG_HIGH = fmpq(-29293, 100000), fmpq(41425, 100000)


def _product_error(a: _Value, b: _Value) -> arb:
    return abs(a.ball) * b.error + abs(b.ball) * a.error + a.error * b.error
