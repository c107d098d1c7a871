"""Text to SymPy through a small grammar; the text itself is never evaluated.

    formula    := term (("+" | "-") term)*
    term       := ("+" | "-")* factor (("*" | "/" | nothing) factor)*
    factor     := primary (("^" | "**") exponent)?
    primary    := number | name | name "(" arguments ")" | "(" formula ")" | "|" formula "|"
                | "Piecewise" "(" case ("," case)* ")"
    case       := "(" formula "," condition ")"
    condition  := "True" | "otherwise" | formula (("<" | "<=" | ">" | ">=" | "==" | "!=") formula)+

A name is a symbol unless a bracket follows; ``lam`` and Greek letters mean
their English names, ``pi`` and ``e`` the constants. ``2 lambda`` is a
product. Decimals become exact fractions: 0.1 is 1/10.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from math import log2
from typing import NoReturn, TypeVar

import sympy as sp

from symtrans.errors import ParseError
from symtrans.language.cases import piecewise
from symtrans.language.polylogarithms import impolylog, repolylog
from symtrans.runtime.budgets import OutOfTime, time_limit

MAX_LENGTH = 10_000
MAX_DEPTH = 60
MAX_POWER = 256  # of a symbolic base
MAX_BITS = 4096  # of a number
MAX_EXPONENTIAL = 10_000  # exp(10_000) is the largest constant
MAX_SECONDS = 3.0
MAX_ARGUMENTS = 64  # of all Max and Min together
MAX_DIGITS = 60  # of a literal


@dataclass(frozen=True)
class _Call:
    """A function of the grammar: what it builds and how many arguments it takes."""

    build: Callable[..., sp.Expr]
    least: int = 1
    most: int = 1


_FUNCTIONS: Mapping[str, _Call] = {
    **{
        name: _Call(getattr(sp, name))
        for name in (
            *("exp", "log", "sqrt", "sign", "sin", "cos", "tan", "sinh", "cosh", "tanh"),
            *("atan", "asin", "acos", "asinh", "acosh", "atanh", "erf", "erfc", "erfi"),
            *("Ei", "Si", "Ci", "Shi", "Chi"),
        )
    },
    **{name: _Call(getattr(sp, name), 2, 2) for name in ("lowergamma", "uppergamma", "polylog")},
    **{part.__name__: _Call(part, 3, 3) for part in (repolylog, impolylog)},
    "LambertW": _Call(sp.LambertW, 1, 2),
    "Gamma": _Call(sp.gamma),
    "ln": _Call(sp.log),
    "abs": _Call(sp.Abs),
    "Abs": _Call(sp.Abs),
    "sgn": _Call(sp.sign),
    "arctan": _Call(sp.atan),
    "arcsin": _Call(sp.asin),
    "arccos": _Call(sp.acos),
    "arcsinh": _Call(sp.asinh),
    "arccosh": _Call(sp.acosh),
    "arctanh": _Call(sp.atanh),
    **{name: _Call(sp.Min, 1, 64) for name in ("Min", "min")},
    **{name: _Call(sp.Max, 1, 64) for name in ("Max", "max")},
    "Heaviside": _Call(sp.Heaviside, 2, 2),
}
FUNCTION_NAMES = tuple(sorted({*_FUNCTIONS, "Piecewise"}))
CONSTANTS: Mapping[str, sp.Expr] = {"pi": sp.pi, "e": sp.E}

_GREEK_NAMES = """
    alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi
    chi psi omega
"""
GREEK: Mapping[str, str] = {
    **dict(zip("αβγδεζηθικλμνξοπρστυφχψω", _GREEK_NAMES.split(), strict=True)),
    "ϵ": "epsilon",
    "ϑ": "theta",
    "ϕ": "phi",
    "ϱ": "rho",
    "µ": "mu",
}
CAPITALS: Mapping[str, str] = {
    **{"Γ": "Gamma", "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi"},
    **{"Σ": "Sigma", "Υ": "Upsilon", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega"},
}

_RELATIONS: Mapping[str, type[sp.Rel]] = {
    "<": sp.StrictLessThan,
    "<=": sp.LessThan,
    "≤": sp.LessThan,
    ">": sp.StrictGreaterThan,
    ">=": sp.GreaterThan,
    "≥": sp.GreaterThan,
    "==": sp.Equality,
    "!=": sp.Unequality,
    "≠": sp.Unequality,
}
_TOKEN = re.compile(
    r"(?P<space>[ \t\r\n]+)"
    r"|(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    rf"|(?P<name>[A-Za-z_][A-Za-z_0-9]*|[{''.join(GREEK)}](?:_?[0-9]+)?)"
    r"|(?P<op>\*\*|<=|>=|==|!=|[-+*/^()|,<>=≤≥≠·×−²³])"
)
_SAME: Mapping[str, str] = {"**": "^", "·": "*", "×": "*", "−": "-"}
_SUPERSCRIPTS: Mapping[str, int] = {"²": 2, "³": 3}


@dataclass(frozen=True)
class Token:
    """One word of the grammar, and where in the user's text it stands.

    Its kind is "number", "name", "symbol" (a name that no bracket makes a
    function; only LaTeX has it), "op" or "end".
    """

    kind: str
    text: str
    column: int


def parse(text: str) -> sp.Expr:
    """Read a formula; every name becomes a plain Symbol of that name.

    Parameters
    ----------
    text : str
        For example ``"exp(-r^2/(2 lambda^2))"``.

    Returns
    -------
    Expr
        Built from numbers, symbols and the functions `FUNCTION_NAMES` only.

    Raises
    ------
    ParseError
        With a caret under the place of the fault.

    Examples
    --------
    >>> parse("exp(-r²/(2 λ²))")
    exp(-r**2/(2*lambda**2))
    >>> parse("Piecewise((1, |r| <= 0.5), (0, otherwise))")
    Piecewise((1, Abs(r) <= 1/2), (0, True))
    """
    return read_tokens(text, _tokens)


def read_tokens(text: str, split: Callable[[str], list[Token]]) -> sp.Expr:
    """Read text that `split` cuts into tokens of the grammar, within the limits of this room."""
    if len(text) > MAX_LENGTH:
        raise ParseError(
            f"the formula has {len(text)} characters; at most {MAX_LENGTH} are read. "
            "Build a longer one as a SymPy expression.",
            text[:60],
            MAX_LENGTH,
        )
    parser = _Parser(text, split(text))
    try:
        with time_limit(MAX_SECONDS):
            return parser.whole()
    except OutOfTime:
        parser.fail("this takes too long to read; build it as a SymPy expression")
    except (ArithmeticError, RecursionError, TypeError, ValueError) as error:
        if isinstance(error, ParseError):
            raise
        # SymPy on numbers that it cannot hold; the place reached is the place to show.
        parser.fail(f"this cannot be computed exactly ({error})")


def canonical_name(name: str) -> str:
    """The name a symbol gets: ``lam`` and ``λ`` are ``lambda``.

    Examples
    --------
    >>> canonical_name("λ"), canonical_name("lam"), canonical_name("width")
    ('lambda', 'lambda', 'width')
    """
    if name == "lam":
        return "lambda"
    return GREEK.get(name[:1], name[:1]) + name[1:]


def _tokens(text: str) -> list[Token]:
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            sign = text[position]
            shown = f"'{sign}'" if sign.isprintable() else repr(sign)
            latex = "; LaTeX is given as latex=, or with --latex-in" if sign == "\\" else ""
            fail_at(text, position, f"{shown} is not part of the formula language{latex}")
        kind = match.lastgroup or ""
        if kind != "space":
            token = match.group()
            tokens.append(Token(kind, _SAME.get(token, token), position))
            if kind == "name" and len(tokens) > 1:
                _check_slip(text, tokens[-2], tokens[-1])
        position = match.end()
    tokens.append(Token("end", "", len(text)))
    return tokens


def _check_slip(text: str, previous: Token, name: Token) -> None:
    """0x10, 1_000 and 1e are slips of typing, not products."""
    touching = previous.kind == "number" and previous.column + len(previous.text) == name.column
    if touching and (name.text[0] in "_eE" or (name.text[0] in "xXbBoO" and previous.text == "0")):
        fail_at(text, name.column, "this is not a number; write * between a number and a name")


def suggestion(word: str, known: Sequence[str]) -> str:
    """The end of a message about an unknown word: what it may stand for, or nothing."""
    near = get_close_matches(word, known, 1, 0.6)
    return f"; did you mean {near[0]}?" if near else ""


def fail_at(text: str, column: int, what: str) -> NoReturn:
    """Raise with the line and a caret; a long line is shown around the place only."""
    start = max(0, column - 40)
    window = text[start : column + 30].replace("\n", " ").replace("\t", " ")
    window = "".join(c if c.isprintable() else "?" for c in window)
    lead = "..." if start else ""
    tail = "..." if column + 30 < len(text) else ""
    pad = " " * (len(lead) + column - start)
    raise ParseError(f"{what}\n    {lead}{window}{tail}\n    {pad}^", text[:200], column)


_Item = TypeVar("_Item")


class _Parser:
    """Recursive descent over the tokens of one formula."""

    def __init__(self, text: str, tokens: list[Token]) -> None:
        self.text = text
        self.tokens = tokens
        self.index = 0
        self.depth = 0
        self.open_bars = 0
        self.extrema = 0

    # -- helpers --

    @property
    def token(self) -> Token:
        return self.tokens[self.index]

    def fail(self, what: str, token: Token | None = None) -> NoReturn:
        fail_at(self.text, (token or self.token).column, what)

    def accept(self, *texts: str) -> Token | None:
        token = self.token
        if token.kind == "op" and token.text in texts:
            self.index += 1
            return token
        return None

    def expect(self, text: str, opened: Token | None = None) -> None:
        if self.accept(text) is None:
            since = f" to close the one at column {opened.column + 1}" if opened else ""
            found = "the formula ends" if self.token.kind == "end" else f"found {self.token.text!r}"
            self.fail(f"expected {text!r}{since}, but {found}")

    @contextmanager
    def deeper(self, what: str, token: Token | None = None) -> Iterator[None]:
        """One level further in; Python's own stack has an end."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"{what} are nested more than {MAX_DEPTH} deep", token)
        yield
        self.depth -= 1

    @contextmanager
    def brackets(self) -> Iterator[None]:
        """Round brackets, in which a bar opens anew."""
        opened = self.token
        self.expect("(")
        bars, self.open_bars = self.open_bars, 0
        yield
        self.open_bars = bars
        self.expect(")", opened)

    def listed(self, item: Callable[[], _Item]) -> list[_Item]:
        """Items in brackets, with commas between them."""
        with self.brackets():
            items = [item()]
            while self.accept(","):
                items.append(item())
        return items

    def negative(self) -> bool:
        """Whether the signs that stand here turn the sign of what follows."""
        negative = False
        while (operator := self.accept("+", "-")) is not None:
            negative ^= operator.text == "-"
        return negative

    # -- grammar --

    def whole(self) -> sp.Expr:
        if self.token.kind == "end":
            self.fail("the formula is empty")
        value = self.formula()
        if self.token.kind != "end":
            hint = " (write == for a condition)" if self.token.text == "=" else ""
            if self.token.text in _RELATIONS:
                hint = "; a condition belongs inside Piecewise((value, condition), ...)"
            self.fail(f"{self.token.text!r} is not expected here{hint}")
        return value

    def formula(self) -> sp.Expr:
        with self.deeper("brackets"):
            terms = [self.term()]
            while (operator := self.accept("+", "-")) is not None:
                term = self.term()
                terms.append(term if operator.text == "+" else -term)
        return sp.Add(*terms)

    def term(self) -> sp.Expr:
        negative = self.negative()
        factors = [self.factor()]  # multiplied at once: 2*(a + b) alone would be multiplied out, whatever follows
        divided = False
        while True:
            if self.accept("*"):
                factors.append(self.signed_factor())
                divided = False
            elif (slash := self.accept("/")) is not None:
                divisor = self.signed_factor()
                if divisor.is_zero:
                    self.fail("division by zero", slash)
                factors.append(1 / divisor)
                divided = True
            elif self.starts_factor():
                if divided:
                    self.fail("is this factor above or below the fraction bar? write * or brackets")
                factors.append(self.factor())
            else:
                return sp.Mul(*([sp.S.NegativeOne] if negative else []), *factors)

    def signed_factor(self) -> sp.Expr:
        negative = self.accept("-") is not None
        value = self.factor()
        return -value if negative else value

    def starts_factor(self) -> bool:
        token = self.token
        if token.kind == "number":
            previous = self.tokens[self.index - 1]
            if previous.kind in ("number", "name"):
                self.fail("two values stand side by side; write * between them")
            return True
        if token.kind == "name":
            return token.text not in ("otherwise",)
        return token.kind == "symbol" or token.text == "(" or (token.text == "|" and self.open_bars == 0)

    def factor(self) -> sp.Expr:
        base = self.primary()
        if (mark := self.accept(*_SUPERSCRIPTS)) is not None:
            return self.power(base, sp.Integer(_SUPERSCRIPTS[mark.text]), mark)
        if (mark := self.accept("^")) is None:
            return base
        with self.deeper("powers", mark):
            negative = self.negative()
            exponent = self.factor()
        return self.power(base, -exponent if negative else exponent, mark)

    def power(self, base: sp.Expr, exponent: sp.Expr, mark: Token) -> sp.Expr:
        if isinstance(exponent, sp.Rational):
            size = abs(int(exponent.p))
            if isinstance(base, sp.Rational):
                bits = size * log2(max(abs(int(base.p)), int(base.q), 2))
                if bits > MAX_BITS or size > MAX_BITS:
                    self.fail(f"this power has more than {MAX_BITS} bits", mark)
                if base == 0 and exponent < 0:
                    self.fail("division by zero", mark)
            if not base.free_symbols and not isinstance(base, sp.Rational) and base.is_positive:
                self.limit_size(exponent * sp.log(base), mark)
            value = base**exponent
            outer = value.exp if isinstance(value, sp.Pow) else exponent
            height = size if exponent.is_Integer else abs(exponent)  # r^0.12345 is no high power
            if not isinstance(base, sp.Rational) and (height > MAX_POWER or abs(outer) > MAX_POWER):
                self.fail(f"exponents are limited to {MAX_POWER}", mark)
            return value
        self.limit_size(exponent * sp.log(base) if base.is_positive else exponent, mark)
        return base**exponent

    def limit_size(self, exponent: sp.Expr, token: Token) -> None:
        """Refuse a constant as large as exp(exponent); all smaller parts have passed here before."""
        if not exponent.free_symbols and abs(exponent.evalf(5)) > MAX_EXPONENTIAL:
            self.fail(f"this number is larger than exp({MAX_EXPONENTIAL})", token)

    def primary(self) -> sp.Expr:
        token = self.token
        if token.kind == "number":
            self.index += 1
            return self.number(token)
        if token.kind == "name":
            self.index += 1
            return self.named(token)
        if token.kind == "symbol":
            self.index += 1
            return CONSTANTS.get(token.text) or sp.Symbol(token.text)
        if token.text == "(":
            with self.brackets():
                return self.formula()
        if self.accept("|"):
            self.open_bars += 1
            value = self.formula()
            self.open_bars -= 1
            self.expect("|", token)
            return sp.Abs(value)
        if token.kind == "end":
            self.fail("the formula ends where a value is expected")
        self.fail(f"found {token.text!r} where a value is expected")

    def number(self, token: Token) -> sp.Rational:
        mantissa, _, exponent = token.text.lower().partition("e")
        if len(mantissa) > MAX_DIGITS or len(exponent) > 4 or abs(int(exponent or 0)) > 400:
            self.fail(f"numbers are limited to {MAX_DIGITS} digits and exponents to 400", token)
        return sp.Rational(token.text)

    def named(self, token: Token) -> sp.Expr:
        name = canonical_name(token.text)
        is_call = self.token.kind == "op" and self.token.text == "("
        if name == "Piecewise" and is_call:
            return piecewise(self.listed(self.case))
        call = _FUNCTIONS.get(name)
        if call is not None and is_call:
            return self.call(name, call, token)
        if call is not None or name == "Piecewise":
            self.fail(f"the function {name} needs its argument in brackets: {name}(...)", token)
        if is_call:
            mean = suggestion(name, FUNCTION_NAMES) or f"; for a product write {token.text}*(...)"
            self.fail(f"{token.text} is not a function that symtrans knows{mean}", token)
        if name in ("True", "False", "otherwise"):
            self.fail(f"{name} stands only as a condition of Piecewise", token)
        return CONSTANTS.get(name) or sp.Symbol(name)

    def call(self, name: str, call: _Call, token: Token) -> sp.Expr:
        arguments = self.listed(self.formula)
        if not call.least <= len(arguments) <= call.most:
            if name == "Heaviside":
                self.fail("give Heaviside its value at 0: Heaviside(x, 1/2)", token)
            self.fail(f"{name} takes {call.least} argument(s), not {len(arguments)}", token)
        if name in ("exp", "sinh", "cosh"):
            self.limit_size(arguments[0], token)
        if name.lower() in ("max", "min"):
            self.extrema += len(arguments)
            if self.extrema > MAX_ARGUMENTS:
                self.fail(f"all Max and Min together have more than {MAX_ARGUMENTS} arguments", token)
        value = call.build(*arguments)
        if not isinstance(value, sp.Expr) or value.has(sp.zoo, sp.nan):
            self.fail(f"{name} has no value there", token)
        return value

    def case(self) -> tuple[sp.Expr, sp.Basic]:
        with self.brackets():
            value = self.formula()
            self.expect(",")
            return value, self.condition()

    def condition(self) -> sp.Basic:
        token = self.token
        if token.kind == "name" and token.text in ("True", "otherwise"):
            self.index += 1
            return sp.true
        sides, links = [self.formula()], []
        while (link := self.accept(*_RELATIONS)) is not None:
            links.append(_RELATIONS[link.text])
            sides.append(self.formula())
        if not links:
            self.fail("expected a comparison such as |r| <= 1")
        steps = zip(links, sides, sides[1:], strict=False)
        # a Piecewise of few cases evaluates its conditions itself
        return sp.And(*(relation(a, b, evaluate=not a.free_symbols | b.free_symbols) for relation, a, b in steps))
