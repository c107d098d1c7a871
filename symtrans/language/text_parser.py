"""Text to SymPy through a small grammar; the text itself is never evaluated.

    anything   := logical ("if" condition "else" anything | "?" anything ":" anything)?
    logical    := "not" logical | comparison (("and" | "or" | "&" | "|") logical)*
    comparison := formula (("<" | "<=" | ">" | ">=" | "==" | "!=") formula)*
    formula    := term (("+" | "-") term)*
    term       := ("+" | "-")* factor (("*" | "/" | nothing) factor)*
    factor     := primary "_+"? (("^" | "**") exponent)?
    primary    := number | name | name "(" arguments ")" | "(" anything ")" | "|" formula "|"
                | "Piecewise" "(" case ("," case)* ")"
    case       := "(" formula "," condition ")"
    argument   := (word "=")? anything

A condition is a `logical` that is true or false; as a factor it is 1 or 0.
A name is a symbol unless a bracket follows; ``lam`` and Greek letters mean
their English names, ``pi`` and ``e`` the constants. ``2 lambda`` is a
product, and ``r.clamp(min=0)`` is ``clamp(r, min=0)``. Decimals become exact fractions: 0.1 is 1/10. What `str` and
`sympy.srepr` print is read too.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from inspect import signature
from math import log2
from typing import NoReturn, TypeVar

import sympy as sp

from symtrans.errors import ParseError
from symtrans.language.cases import MOST_COMPARED, piecewise
from symtrans.language.contradictions import contradiction
from symtrans.language.text_lexer import NO_STEPS, Token, fail_at, suggestion, tokens_of
from symtrans.language.vocabulary import (
    BUILDERS,
    CALLED,
    CHOICES,
    COMPARISONS,
    CONNECTIVES,
    CONSTANTS,
    FUNCTIONS,
    GREEK,
    INTERVALS,
    NUMBERS,
    OF_MODULES,
    PRINTED_CONSTANTS,
    RELATIONS,
    TRUTHS,
    WRITTEN_OUT,
    Call,
    absolute,
    call_of,
    canonical_name,
    is_parameter,
    root_of,
    why_no_name,
)
from symtrans.runtime.budgets import BUSY, OutOfTime, OutOfWork, time_limit

MAX_LENGTH = 20_000
MAX_DEPTH = 60
MAX_POWER = 256  # of a symbolic base
MAX_BITS = 4096  # of a number
MAX_EXPONENTIAL = 10_000  # exp(10_000) is the largest constant
MAX_SECONDS = 3.0  # of the processor
MAX_ARGUMENTS = 64  # of all Max and Min together
MAX_DIGITS = 60  # of a literal


_AFTER_A_COMMA = "; cases are given by Piecewise or cases, what holds of parameters by assume="
_AT_A_COLON = "; cases are value if |r| <= 1 else other, or |r| <= 1 ? value : other"
_CONNECTIVES: Mapping[str, int] = {"or": 0, "|": 0, "and": 1, "&": 1}
_NEGATIONS = ("not", "~")
_CONVERSIONS = ("astype", "float", "double", "int", "long", "to", "type", "item", "numpy", "detach", "cpu")
"""Methods that change no value."""
_MEANT: Mapping[str, str] = {
    "Phi": "; that of the normal distribution is (1 + erf(x/sqrt(2)))/2",
    "sigma": "; the logistic function is sigmoid(x)",
    "cases": "; cases are value if |r| <= 1 else other",
    **dict.fromkeys(("floor", "ceil", "ceiling", "round", "rint", "trunc", "frac"), NO_STEPS),
    **dict.fromkeys(("mod", "fmod", "rem", "remainder"), NO_STEPS),
}
"""What people may mean by a function of this name."""
_LINKS = (*_CONNECTIVES, "not", "if", "else")
_RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def parse(text: str, variable: str = "") -> sp.Expr:
    """Read a formula; every name becomes a plain Symbol of that name.

    Parameters
    ----------
    text : str
        For example ``"exp(-r^2/(2 lambda^2))"``.
    variable : str
        That of the formula, where it is known: of I, it is no imaginary unit.

    Returns
    -------
    Expr
        Built from numbers, symbols and the functions of `vocabulary` only.

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
    return read_tokens(text, tokens_of, variable=variable)


def read_tokens(
    text: str, split: Callable[[str], list[Token]], longest: int = MAX_LENGTH, variable: str = ""
) -> sp.Expr:
    """Read text that `split` cuts into tokens of the grammar, within the limits of this room."""
    if len(text) > longest:
        raise ParseError(
            f"the formula has {len(text)} characters; at most {longest} are read. "
            "Build a longer one as a SymPy expression.",
            text[:60],
            longest,
        )
    parser = _Parser(text, split(text), variable)
    try:
        with time_limit(BUSY * MAX_SECONDS, processor=MAX_SECONDS):
            return parser.whole()
    except (OutOfTime, OutOfWork):
        parser.fail("this takes too long to read; build it as a SymPy expression")
    except (ArithmeticError, RecursionError, TypeError, ValueError) as error:
        if isinstance(error, ParseError):
            raise
        # SymPy on numbers that it cannot hold; the place reached is the place to show.
        parser.fail(f"this cannot be computed exactly ({error})")


_Item = TypeVar("_Item")


class _Parser:
    """Recursive descent over the tokens of one formula."""

    def __init__(self, text: str, tokens: list[Token], variable: str = "") -> None:
        self.text = text
        self.variable = variable
        self.tokens = tokens
        self.index = 0
        self.depth = 0
        self.open_bars = 0
        self.extrema = 0
        self.is_condition = False  # a comparison is complete, so that a bar may mean "or"
        self.relation: Token | None = None
        self.is_endpoint = False
        self.ors: dict[int, int] = {}  # how many bars are one "or"
        self.products: dict[tuple[int, int], list[sp.Expr]] = {}  # by the places where they begin and end

    # -- helpers --

    @property
    def token(self) -> Token:
        return self.tokens[self.index]

    def fail(self, what: str, token: Token | None = None) -> NoReturn:
        column = (token or self.token).column
        if column and re.match(r"\d,\d", self.text[column - 1 :]):
            what = f"{what.partition(';')[0]}; is it a decimal comma? decimals are written with a point, as in 0.5"
        fail_at(self.text, column, what)

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
        outer = self.open_bars, self.is_condition
        self.open_bars, self.is_condition = 0, False
        yield
        self.open_bars, self.is_condition = outer
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

    def accept_word(self, *words: str) -> Token | None:
        token = self.token
        if token.kind in ("name", "op") and token.text in words:
            self.index += 1
            return token
        return None

    # -- grammar --

    def whole(self) -> sp.Expr:
        if self.token.kind == "end":
            self.fail("the formula is empty")
        value = self.anything()
        if self.token.kind != "end":
            hint = {"=": " (write == for a condition)", ",": _AFTER_A_COMMA, ":": _AT_A_COLON}.get(self.token.text, "")
            self.fail(f"{self.token.text!r} is not expected here{hint}")
        if not isinstance(value, sp.Expr):
            belongs = "a condition belongs inside Piecewise((value, condition), ...)"
            if self.relation is not None and self.relation.text == "==":
                belongs = f"give one formula, not two that are equal; {belongs}"
            shown = self.relation.text if self.relation else self.tokens[0].text
            self.fail(f"{shown!r} is not expected here; {belongs}", self.relation or self.tokens[0])
        return value

    def value(self) -> sp.Expr:
        """A value; a condition counts as 1 or 0."""
        return self.as_value(self.anything())

    def as_value(self, value: sp.Basic) -> sp.Expr:
        if isinstance(value, sp.Expr):
            return value
        if value in (sp.true, sp.false):
            self.fail(f"{value} stands only as a condition of Piecewise", self.tokens[self.index - 1])
        return piecewise([(sp.S.One, value), (sp.S.Zero, sp.true)])

    def condition(self) -> sp.Basic:
        return self.as_condition(self.anything())

    def as_condition(self, value: sp.Basic) -> sp.Basic:
        if isinstance(value, sp.Expr):
            self.fail("expected a comparison such as |r| <= 1")
        return value

    def anything(self) -> sp.Basic:
        """A value, or a condition."""
        value = self.logical(0)
        if (mark := self.accept("?")) is not None:
            condition = self.as_condition(value)
            with self.deeper("cases", mark):
                held = self.value()
                self.expect(":")
                return piecewise([(held, condition), (self.value(), sp.true)])
        if self.accept_word("if") is None:
            return value
        condition = self.as_condition(self.logical(0))
        if self.accept_word("else") is None:
            self.fail("expected else: write value if condition else value")
        with self.deeper("cases"):
            return piecewise([(self.as_value(value), condition), (self.value(), sp.true)])

    def logical(self, least: int) -> sp.Basic:
        if (mark := self.accept_word(*_NEGATIONS)) is not None:
            with self.deeper("negations", mark):
                left: sp.Basic = sp.Not(self.as_condition(self.logical(2)))
        else:
            left = self.comparison()
        while True:
            self.is_condition = not isinstance(left, sp.Expr)
            rank = _CONNECTIVES.get(self.token.text, -1) if self.token.kind in ("name", "op") else -1
            if rank < least or (self.token.text == "|" and not self.is_or()):
                return left
            self.as_condition(left)
            self.index += self.ors.get(self.index, 1)
            right = self.as_condition(self.logical(rank + 1))
            left = (sp.And if rank else sp.Or)(left, right)

    def is_or(self) -> bool:
        """Whether the bar that stands here means "or": a condition stands before it, and one can be read after it."""
        if self.open_bars or not self.is_condition:
            return False
        start = self.index
        if start not in self.ors:
            before = self.depth, self.extrema, self.relation
            one, other = self.tokens[start : start + 2]
            width = 2 if other.text == "|" and one.column + 1 == other.column else 1  # || of C
            self.index += width
            try:
                with self.deeper("conditions"):
                    self.is_condition = False
                    self.ors[start] = 0 if isinstance(self.logical(1), sp.Expr) else width
            except ParseError:
                self.ors[start] = 0
            self.index, self.open_bars, self.is_condition = start, 0, True
            self.depth, self.extrema, self.relation = before
        return self.ors[start] > 0

    def comparison(self) -> sp.Basic:
        self.is_condition = False
        first = self.formula()
        sides, links = [first], []
        while (link := self.accept(*RELATIONS)) is not None:
            self.relation = self.relation or link
            links.append(RELATIONS[link.text])
            self.is_condition = True
            sides.append(self.as_value(self.formula()))
        if not links:
            return first
        sides[0] = self.as_value(first)
        return sp.And(*(_related(link, a, b) for link, a, b in zip(links, sides, sides[1:], strict=False)))

    def formula(self) -> sp.Basic:
        with self.deeper("brackets"):
            first = self.term()
            if self.token.kind != "op" or self.token.text not in "+-":
                return first
            terms = [self.as_value(first)]
            while (operator := self.accept("+", "-")) is not None:
                term = self.as_value(self.term())
                terms.append(term if operator.text == "+" else -term)
        return sp.Add(*terms)

    def term(self) -> sp.Basic:
        start = self.index
        negative, bars = self.negative(), self.token.text  # what stands here side by side since a bar
        first = self.factor()
        if not negative and not isinstance(first, sp.Expr):
            self.is_condition = True
            if not (self.token.kind == "op" and self.token.text in ("*", "/")) and not self.starts_factor():
                return first
        factors = [self.as_value(first)]  # multiplied at once: 2*(a + b) alone would be multiplied out
        divided = False
        while True:
            if self.accept("*"):
                bars = self.token.text
                factors.append(self.signed_factor())
                divided = False
            elif (slash := self.accept("/")) is not None:
                opening = self.index
                divisor = self.signed_factor()
                if divisor.is_zero:
                    self.fail("division by zero", slash)
                self.refuse_lost_bar(factors, slash)
                # 1/(2*(a + b)) is no 1/(2*a + 2*b); bars are brackets, too, but those of another value
                is_round = self.tokens[opening].text == "("
                inside = self.products.get((opening + 1, self.index - 1)) if is_round else None
                factors += [1 / factor for factor in inside or [divisor]]
                divided, bars = True, ""
            elif self.starts_factor():
                if divided:
                    self.fail("is this factor above or below the fraction bar? write * or brackets")
                if self.token.text == "|" and bars == "|...":
                    self.fail(
                        "which bars belong together? |2|r| - 1| may be |2| r |-1|; write * between factors, or abs"
                    )
                bars = "|" if self.token.text == "|" else f"{bars[:1]}..."
                factors.append(self.as_value(self.factor()))
            else:
                factors = [*([sp.S.NegativeOne] if negative else []), *factors]
                if len(factors) == 2:
                    self.products[start, self.index] = factors
                return sp.Mul(*factors)

    def signed_factor(self) -> sp.Expr:
        negative = self.accept("-") is not None
        value = self.as_value(self.factor())
        return -value if negative else value

    def starts_factor(self) -> bool:
        token = self.token
        if token.kind == "number":
            previous = self.tokens[self.index - 1]
            if previous.kind in ("number", "name"):
                self.fail("two values stand side by side; write * between them")
            if (
                previous.text in (")", "|") and previous.column + 1 == token.column
            ):  # as (s/K)2 of a page that has lost what stood above the line
                self.fail(f"is it a power? write ^{token.text}, or * for a product")
            return True
        if token.kind == "name":
            return token.text != "otherwise" and token.text not in _LINKS
        if token.text == "|" and self.open_bars == 0:
            return not self.is_or()
        return token.kind == "symbol" or token.text in ("(", "√")

    def factor(self) -> sp.Basic:
        first = self.primary()
        while self.token.kind in ("method", "part"):
            first = self.method(self.as_value(first)) if self.token.kind == "method" else self.part(first)
        if (raised := self.token).kind == "raised":
            self.index += 1
            return self.power(self.as_value(first), sp.Integer(raised.text.translate(_RAISED)), raised)
        if (mark := self.accept("^")) is None:
            return first
        base = self.as_value(first)
        with self.deeper("powers", mark):
            negative, one, *after = self.negative(), *self.tokens[self.index : self.index + 3]
            if one.text == "1" and [part.text for part in after[:1]] == ["/"] and after[1].kind == "number":
                self.fail(
                    f"is the power 1/{after[1].text} meant? write ^(1/{after[1].text}), or brackets before /", one
                )
            exponent = self.as_value(self.factor())
        return self.power(base, -exponent if negative else exponent, mark)

    def part(self, value: sp.Basic) -> sp.Expr:
        """(...)_+, the positive part."""
        token = self.token
        self.index += 1
        return self.built_of("max", FUNCTIONS["max"], token, [self.as_value(value), sp.S.Zero])

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
            outer, _ = (value.exp if isinstance(value, sp.Pow) else exponent).as_coeff_Mul()  # 2 of (r^p)^2
            height = size if exponent.is_Integer else abs(exponent)  # r^0.12345 is no high power
            if not isinstance(base, sp.Rational) and (height > MAX_POWER or abs(outer) > MAX_POWER):
                self.fail(f"exponents are limited to {MAX_POWER}", mark)
            return value
        self.limit_size(exponent * sp.log(base) if base.is_positive else exponent, mark)
        return base**exponent

    def limit_size(self, exponent: sp.Expr, token: Token) -> None:
        """Refuse a constant as large or as small as exp(exponent); all its parts have passed here before."""
        if not exponent.free_symbols and abs(exponent.evalf(5)) > MAX_EXPONENTIAL:
            ends = f"larger than exp({MAX_EXPONENTIAL}) or smaller than exp(-{MAX_EXPONENTIAL})"
            self.fail(f"this number is {ends}", token)

    def primary(self) -> sp.Basic:
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
                return self.anything()
        if self.accept("√", "∛"):
            with self.deeper("roots", token):
                root = call_of("sqrt" if token.text == "√" else "cbrt")
                assert root is not None
                is_open = self.token.kind in ("number", "name") and self.tokens[self.index + 1].text != "("
                value = root.build(self.as_value(self.primary()))
                is_raised = self.token.kind == "raised" or self.token.text == "^"
                if is_open and (is_raised or (value.is_Rational and self.token.text in ("+", "-"))):
                    self.fail(f"how far does the root reach? write {token.text}(...)")  # text has lost the bar above it
                return value
        if self.accept("|"):
            self.open_bars += 1
            value = self.as_value(self.formula())
            self.open_bars -= 1
            self.expect("|", token)
            return absolute(value)
        if token.kind == "end":
            self.fail("the formula ends where a value is expected")
        self.fail(f"found {token.text!r} where a value is expected")

    def number(self, token: Token) -> sp.Rational:
        mantissa, _, exponent = token.text.lower().partition("e")
        if len(mantissa) > MAX_DIGITS or len(exponent) > 4 or abs(int(exponent or 0)) > 400:
            self.fail(f"numbers are limited to {MAX_DIGITS} digits and exponents to 400", token)
        return sp.Rational(token.text)

    def named(self, token: Token) -> sp.Basic:
        module, _, word = ("", "", token.text) if token.text in INTERVALS else token.text.rpartition(".")
        name = canonical_name(word)
        if (raised := self.raised_function(name)) is not None:
            mark = self.token
            self.index += 1 if mark.kind == "raised" else 2
            return self.power(self.as_value(self.named_call(name, module, token)), raised, mark)
        if self.token.kind != "op" or self.token.text != "(":
            return (OF_MODULES.get(word) if module else None) or self.lone(name, token)
        return self.named_call(name, module, token)

    def raised_function(self, name: str) -> sp.Integer | None:
        """The power of sin²(x) or sin^2(x); None where none stands here."""
        mark, *after = self.tokens[self.index : self.index + 4]
        if mark.kind == "raised":
            number = mark.text.translate(_RAISED)
        elif mark.text == "^":
            number = "".join(one.text for one in after[: 1 + (after[0].text == "-")])
        else:
            return None
        if not re.fullmatch(r"-?\d+", number) or call_of(name) is None or is_parameter(name):
            return None
        if number.startswith("-"):
            inverse = f"a{name}" if call_of(f"a{name}") else "the inverse"
            self.fail(f"{name} to the power {number}: is {inverse} meant, or 1/{name}(...)?", mark)
        return sp.Integer(number) if after[mark.text == "^"].text == "(" else None

    def named_call(self, name: str, module: str, token: Token) -> sp.Basic:
        """A function of what stands in brackets here."""
        if name == "Piecewise":
            return self.cases()
        if name in ("Symbol", *NUMBERS):
            return self.printed(name, token)
        if name in INTERVALS:
            return self.interval(name, token)
        if name.lower() in CHOICES:
            given = self.listed(self.anything)
            if len(given) < 3:
                self.fail(f"{name} takes a condition, the value where it holds, and the value elsewhere", token)
            if len(given) % 2:
                given.insert(-1, sp.true)  # what holds where none of the conditions does
            pairs = zip(given[::2], given[1::2], strict=True)
            return piecewise([(self.as_value(value), self.as_condition(condition)) for condition, value in pairs])
        if name in CONNECTIVES:
            return CONNECTIVES[name](*self.listed(self.condition))
        if name in COMPARISONS or name in BUILDERS:
            return self.built(name, token)
        call = call_of(name, module)
        if call is not None:
            return (self.layer if name not in CALLED and name[0].isupper() else self.call)(name, call, token)
        written = "; write out its formula" if module else f"; for a product write {token.text}*(...)"
        mean = _MEANT.get(name) or suggestion(name, CALLED, 0.75) or written
        self.fail(f"{token.text} is not a function that symtrans knows{mean}", token)

    def layer(self, name: str, call: Call, token: Token) -> sp.Expr:
        """Softshrink(0.5)(r), a layer of PyTorch, as softshrink(r, 0.5); Tanh(r) as tanh(r)."""
        start = self.index
        close = self.closing(start)
        if self.tokens[close + 1].text == "(" and self.tokens[close + 1].kind == "op":
            place = sp.Dummy()
            given = self.arguments(name, call, token, place)
            inside = self.listed(self.value)
            if len(inside) != 1:
                self.fail(f"{name}(...) is a layer, which takes one argument", token)
            return self.built_of(name, call, token, [inside[0], *given[1:]])
        value = self.call(name, call, token)
        if all(one.kind != "name" for one in self.tokens[start:close]):
            self.fail(f"{token.text} is a layer, and its argument is missing: {token.text}(...)(r)", token)
        return value

    def closing(self, start: int) -> int:
        """The place of the bracket that closes the one at `start`."""
        depth = 0
        for k in range(start, len(self.tokens) - 1):
            if self.tokens[k].kind == "op":
                depth += {"(": 1, ")": -1}.get(self.tokens[k].text, 0)
            if depth == 0:
                return k
        return len(self.tokens) - 2

    def lone(self, name: str, token: Token) -> sp.Basic:
        """A word without brackets: a constant or a symbol, and no word that means something else."""
        if name == self.variable and name not in CONSTANTS:
            return sp.Symbol(name)
        if name in TRUTHS:
            return TRUTHS[name]
        if name in PRINTED_CONSTANTS:
            self.refuse_fallen(token)
            return PRINTED_CONSTANTS[name]
        if self.is_endpoint and name == "oo":
            return sp.oo
        if not is_parameter(name):
            why = why_no_name(name) + _AT_A_COLON * (name == "if")
            is_argument = self.token.kind == "name" and call_of(canonical_name(self.token.text)) is None
            self.fail(why.replace("(...)", f"({self.token.text})") if is_argument else why, token)
        return sp.Symbol(name)

    def refuse_fallen(self, e: Token) -> None:
        """Ask about e-x, which a page has that has lost what stood above the line; e - 1 and e-1 are differences."""
        minus, *after = self.tokens[self.index : self.index + 2]
        is_tight = (e.column + 1, minus.column + 1) == (minus.column, after[0].column) if after else False
        if e.text in ("e", "E") and minus.text == "-" and is_tight and after[0].kind != "number":
            self.fail(f"is a power of {e.text} meant? write exp(-...), or blanks around the minus", minus)

    def refuse_lost_bar(self, above: list[sp.Expr], slash: Token) -> None:
        """Ask about 1/1 + x^2, and x/1+x^2 without blanks, of which a page has lost how far the bar reaches."""
        one, sign = self.tokens[self.index - 1], self.token
        is_sum = self.tokens[self.index - 2] is slash and one.text == "1" and sign.text in ("+", "-")
        if is_sum and (one.column + 1 == sign.column or above == [sp.S.One]):
            self.fail(f"is 1 {sign.text} ... below the fraction bar? write /(1 {sign.text} ...)", slash)

    def method(self, first: sp.Expr) -> sp.Expr:
        """``r.clamp(-1, 1)`` is ``clamp(r, -1, 1)``."""
        token, name = self.token, self.token.text[1:]
        self.index += 1
        call = call_of(name, "torch")
        if name in _CONVERSIONS:
            start, self.index = self.index, self.closing(self.index) + 1
            if any(re.search("int|long", one.text) for one in self.tokens[start - 1 : self.index]):
                self.refuse_cut(first, token)
            return first
        if name in ("pow", "powi", "powf"):
            return self.power(first, self.listed(self.value)[0], token)
        if call is None:
            self.fail(f"{name} is not a function that symtrans knows{suggestion(name, CALLED)}", token)
        base, inside = self.tokens[self.index - 2], self.tokens[self.index : self.closing(self.index)]
        is_word = (
            base.kind == "name" and re.fullmatch(r"[A-Za-z]{2,}\w*", base.text) and base.text not in GREEK.values()
        )
        if is_word and "=" not in [one.text for one in inside[2:3]] and any(one.kind == "name" for one in inside):
            written = f"{name}(...); if it is a value, write {name}({base.text}, ...)"
            self.fail(f"if {base.text} is a module, leave it out: {written}", base)
        return self.call(name, call, token, first)

    def refuse_cut(self, value: sp.Expr, token: Token) -> None:
        """Refuse to take for itself what a conversion to whole numbers would cut digits off; (r > 0).int() is whole."""
        if not value.is_integer:
            self.fail(f"{token.text} cuts digits off, and such steps are not read; leave it out", token)

    def argument(self, call: Call) -> tuple[str, sp.Expr | None]:
        """An argument with its keyword; empty where it has none."""
        token = self.token
        if token.kind == "name" and self.tokens[self.index + 1].text == "=":
            if call.place_of(token.text) is None:
                self.fail(f"there is no argument {token.text}", token)
            self.index += 2
            return token.text, self.value_or_none(call)
        return "", self.value_or_none(call)

    def value_or_none(self, call: Call) -> sp.Expr | None:
        """A value; clip(r, 0, None) has no upper end."""
        if self.token.text == "None" and call.build is WRITTEN_OUT["clip"].build:
            self.index += 1
            return None
        return self.value()

    def arguments(self, name: str, call: Call, token: Token, *first: sp.Expr) -> list[sp.Expr | None]:
        """The arguments of a call in order; None for one that others follow by their keywords."""
        is_empty = bool(first) and self.tokens[self.index + 1].text == ")"
        if is_empty:
            self.index += 2
        given = [] if is_empty else self.listed(lambda: self.argument(call))
        found: dict[int, sp.Expr | None] = dict(enumerate(first))
        for keyword, value in given:
            place = call.place_of(keyword) if keyword else len(found)
            assert place is not None
            if place in found:
                self.fail(f"{name} is given {keyword or 'an argument'} twice", token)
            found[place] = value
        return [found.get(k) for k in range(max(found) + 1)]

    def call(self, name: str, call: Call, token: Token, *first: sp.Expr) -> sp.Expr:
        listed = self.arguments(name, call, token, *first)
        if first and len(listed) > call.most:
            base = self.tokens[self.tokens.index(token) - 1].text
            self.fail(f"{name} takes {call.most} argument(s); if {base} is a module, leave it out: {name}(...)", token)
        return self.built_of(name, call, token, listed)

    def built_of(self, name: str, call: Call, token: Token, listed: list[sp.Expr | None]) -> sp.Expr:
        """What a function is of its arguments."""
        if None in listed:
            usual = [parameter.default for parameter in signature(call.build).parameters.values()]
            listed = [usual[k] if value is None and k >= call.least else value for k, value in enumerate(listed)]
        if None in listed and call.build is not WRITTEN_OUT["clip"].build:
            self.fail(f"{name} is not given its argument {listed.index(None) + 1}", token)
        arguments: list[sp.Expr] = listed
        if not call.least <= len(arguments) <= call.most:
            if call.build is sp.Heaviside:
                self.fail(f"give {name} its value at 0: {name}(x, 1/2)", token)
            many = f"{call.least}" if call.least == call.most else f"{call.least} to {call.most}"
            self.fail(f"{name} takes {many} argument(s), not {len(arguments)}", token)
        if call.build in (sp.exp, sp.sinh, sp.cosh):
            self.limit_size(arguments[0], token)
        if call.build in (sp.Max, sp.Min):
            if 2 <= sum(isinstance(value, sp.Rational) for value in arguments) < len(arguments):
                why = "two arguments are numbers, of which one would do; is it a decimal comma? write 0.5 for 0,5"
                self.fail(f"{name}: {why}", token)
            self.extrema += len(arguments)
            if self.extrema > MAX_ARGUMENTS:
                self.fail(f"all Max and Min together have more than {MAX_ARGUMENTS} arguments", token)
        value = call.build(*arguments, **({"evaluate": False} if len(arguments) > MOST_COMPARED else {}))
        if not isinstance(value, sp.Expr) or value.has(sp.zoo, sp.nan):
            self.fail(f"{name} has no value there", token)
        return value

    def cases(self) -> sp.Expr:
        """Piecewise((value, condition), ...), of which no two say different values of one place."""
        begins: list[Token] = []

        def one() -> tuple[sp.Expr, sp.Basic]:
            begins.append(self.token)
            return self.case()

        found = self.listed(one)
        if (wrong := contradiction(found)) is not None:
            self.fail(f"{wrong.words}; write < or > in one of them", begins[wrong.case])
        return piecewise(found)

    def case(self) -> tuple[sp.Expr, sp.Basic]:
        if self.token.text == "ExprCondPair":
            self.index += 1
        with self.brackets():
            value = self.value()
            self.expect(",")
            return value, self.condition()

    # -- what SymPy prints --

    def built(self, name: str, token: Token) -> sp.Basic:
        """Add(...), Pow(...), Eq(...) and the like."""
        arguments = self.listed(self.value)
        if name in ("Add", "Mul"):
            return BUILDERS[name](*arguments)
        if len(arguments) != 2:
            self.fail(f"{name} takes 2 arguments, not {len(arguments)}", token)
        if BUILDERS.get(name) is sp.Pow:
            return self.power(arguments[0], arguments[1], token)
        if name in BUILDERS:
            if (root := root_of(*arguments)) is None:
                self.fail(
                    f"{name} takes a polynomial in one letter with rational coefficients and the number of a real root",
                    token,
                )
            return root
        return _related(COMPARISONS[name], *arguments)

    def printed(self, name: str, token: Token) -> sp.Basic:
        """Symbol('a', positive=True), Integer(2), Rational(1, 2), Float('0.5', precision=53)."""
        with self.brackets():
            given = self.token
            if given.kind == "quoted":
                self.index += 1
            numbers = [self.value()] if given.kind != "quoted" else []
            known: dict[str, bool] = {}
            while self.accept(","):
                key = self.token
                if key.kind == "name" and self.tokens[self.index + 1].text == "=":
                    self.index += 2
                    known[key.text] = self.token.text == "True"
                    self.index += 1
                else:
                    numbers.append(self.value())
        if given.kind != "quoted" and name != "Symbol":
            if name in ("int", "Integer"):
                self.refuse_cut(numbers[0], token)
            if len(numbers) == 1 or name == "Float":  # the second is its precision
                return numbers[0]
            if name != "Rational" or len(numbers) != 2 or not all(one.is_Rational for one in numbers) or not numbers[1]:
                self.fail(f"{name} of two values is no number; a quotient is written p/q", token)
            return numbers[0] / numbers[1]
        if name == "Float":
            return self.number(Token("number", given.text, given.column))
        if name != "Symbol" or not given.text.isidentifier():
            self.fail(f"{given.text!r} is not the name of a symbol", given)
        return sp.Symbol(given.text, **{fact: holds for fact, holds in known.items() if fact in _FACTS})

    def interval(self, name: str, token: Token) -> sp.Basic:
        """Interval(a, b).contains(r) as a <= r <= b."""
        with self.brackets():
            outer, self.is_endpoint = self.is_endpoint, True
            low = self.value()
            self.expect(",")
            high = self.value()
            self.is_endpoint = outer
            is_open = [name in ("Interval.open", "Interval.Lopen"), name in ("Interval.open", "Interval.Ropen")]
            for side in range(2):
                if self.accept(","):
                    is_open[side] = self.condition() == sp.true
        if self.accept(".contains") is None:
            self.fail("an interval is read as a condition: Interval(a, b).contains(r)", token)
        with self.brackets():
            place = self.value()
        return sp.And(
            *([] if low == -sp.oo else [_related(sp.Lt if is_open[0] else sp.Le, low, place)]),
            *([] if high == sp.oo else [_related(sp.Lt if is_open[1] else sp.Le, place, high)]),
        )


_FACTS = frozenset(sp.Symbol("x", integer=True, positive=True).assumptions0) | {"even", "odd", "prime"}


def _related(link: type[sp.Rel], left: sp.Expr, right: sp.Expr) -> sp.Basic:
    """A comparison; a Piecewise of few cases evaluates its conditions itself."""
    return link(left, right, evaluate=not left.free_symbols | right.free_symbols)
