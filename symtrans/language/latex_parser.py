r"""LaTeX to the tokens of the formula grammar; the same parser then reads them, within the same limits.

Nothing is evaluated here: ``\frac{a}{b}`` becomes the tokens ``((a)/(b))``,
cases become ``Piecewise``, and each token remembers its column in the LaTeX,
so that every error points into what the user wrote.

SymPy's own LaTeX parsers are not used: they know neither cases nor sgn, give
``r (1 - r^2)`` two meanings, and compute while they read.
"""

import re
from collections.abc import Callable
from functools import partial
from itertools import takewhile
from typing import NoReturn

import sympy as sp

from symtrans.language import latex_lexer as tex
from symtrans.language.latex_definitions import parted
from symtrans.language.latex_intervals import names_interval
from symtrans.language.latex_lexemes import closing
from symtrans.language.latex_lexer import Lexeme, function_name
from symtrans.language.latex_variants import length_before
from symtrans.language.text_lexer import Token, fail_at, suggestion
from symtrans.language.text_parser import MAX_DEPTH, read_tokens
from symtrans.language.vocabulary import CONSTANTS, RELATIONS, canonical_name, is_parameter


def parse_half_line(text: str) -> tuple[sp.Expr, frozenset[str]]:
    r"""Read a formula in LaTeX, and the names of which is said after it that they are positive.

    A head such as ``\Phi(r) =`` and dollar signs around the formula may stay,
    and names may be defined after it: ``..., \quad C = \frac{1}{3} \approx 0.333``.
    A letter is a symbol of its own, ``\lambda_{0}`` is ``lambda_0``, and a word
    is written ``\mathit{width}``.

    That a parameter is positive says nothing new; where it is the variable, the formula holds on half of the line.

    Raises
    ------
    ParseError
        With a caret under the place of the fault, in the LaTeX.

    Examples
    --------
    >>> parse_half_line(r"S(r) = \begin{cases} 0, & |r| \leq \theta \\ r, & |r| > \theta \end{cases}")
    (Piecewise((0, theta >= Abs(r)), (r, True)), frozenset())
    >>> parse_half_line(r"g(s) = e^{-a s}, \quad s \ge 0")
    (exp(-a*s), frozenset({'s'}))
    """
    above: set[str] = set()
    return read_tokens(text, partial(_tokens, above=above), MAX_LATEX), frozenset(above)


def _tokens(text: str, above: set[str]) -> list[Token]:
    """The formula as tokens of the grammar, with definitions in the place of their names."""
    formula, definitions, said = parted(tex.lexemes(text))
    reader, end = _Reader(text, formula), formula[-1]
    tokens = reader.tokens()
    above |= reader.above | tex.names_above(said) | tex.names_above(tex.beside(text))
    values: dict[str, list[Token]] = {}
    for definition in definitions:
        column = definition.name[0].column
        name, value = (_Reader(text, [*part, end]).tokens()[:-1] for part in definition)
        if [one.kind for one in name] != ["symbol"] or name[0].text in values:
            fail_at(text, column, "after a formula each name is defined once: name = value")
        if not value:
            fail_at(text, column, f"{name[0].text} is to be defined, and the value is missing")
        values[name[0].text] = [Token("op", "(", value[0].column), *value, Token("op", ")", value[-1].column)]
    columns = {name: definition.name[0].column for name, definition in zip(values, definitions, strict=True)}
    unused = {*values}
    for _ in values:  # one may stand in another
        unused -= {one.text for one in tokens if one.kind == "symbol"}
        tokens = [put for one in tokens for put in (values.get(one.text, [one]) if one.kind == "symbol" else [one])]
        if len(tokens) > MAX_LATEX:
            fail_at(text, min(columns.values()), "with these values in their places the formula is too long")
    for left in unused:
        fail_at(text, columns[left], f"{left} is defined, and does not occur in the formula")
    for one in tokens:
        if one.kind == "symbol" and one.text in values:
            fail_at(text, columns[one.text], f"{one.text} is defined by itself")
    return tokens


MAX_LATEX = 10_000  # characters
_INDICATORS = ("I", "chi")
_ONE = (("op", "("), ("number", "1"), ("op", "*"))
_STEPS = ("H", "Theta", "theta", "W")
_OF_SYMBOLS = r"H|Theta|W|f|g|phi|psi|[IJKY]_\w+"  # letters of functions: steps, densities, those of Bessel
# of tokens by the first letters of their kinds: 2x, -x, |x|, x^2, beta x; x/a
_ALONE = re.compile(r"-?(?:n\*?)?(?:(?:s\*?)*s|\(s\)|\|s\||n\(s\))(?:\^\(?n\)?)?")
_NUMBER = re.compile(r"-?n(?:/n)?")  # f(0), \zeta(3)
_QUOTIENT = re.compile(r"-?\(*(?:s\)*/\(*[sn]|n\)*/\(*s)\)*")
_STEP = re.compile(r"-?(?:(?:s|\|s\||n\(+s\)+|n)(?:[+-](?!$)|$))+")  # x - a, |x| - 1
_LONG = 4  # letters side by side that are a word, and no product
_LETTERS = re.compile(r"(?<![A-Za-z\\])[A-Za-z]{2,}")
_LISTED = re.compile(
    r"[^(),]+(?:\([^()]*\)[^(),]*)*,.*"
)  # a, b: a comma that stands in no brackets, but for those before
_POWER_OF_TEN = re.compile(r"[\d.]+[eE][+-]?\d")
_BEFORE_A_VALUE = (("", "(", "+", "-", "/"), (*RELATIONS, "+", "-", "/"))  # of a formula, of a condition
_AFTER_A_VALUE = ("", "}", ")", "]", "&", r"\\", r"\end", ",", ".", r"\right", "^")
_NO_VALUE = (*tex.LINKING, "undefined", "nan", "none", "const", "constant")
_TIMES = ("*", r"\cdot", r"\times")
_HEAVISIDE = r" as \operatorname{Heaviside}(x, 1/2), with its value at 0"
_MEANT = {
    "sigma": r" as \operatorname{sigmoid}(x) for the logistic function",
    **dict.fromkeys(_STEPS, _HEAVISIDE),
    "W": r" as \operatorname{LambertW}(x) for that of Lambert",
}
_OWN = {r"\Phi": r"; that of the normal distribution is \frac{1 + \operatorname{erf}(x/\sqrt{2})}{2}", r"\Psi": ""}
_IN_CASES = (
    "what holds on a part of the line only is written "
    r"\begin{cases} value & condition \\ other & \text{otherwise} \end{cases}"
)
_PARTS = {"Re": "repolylog", "Im": "impolylog"}


class _Reader:
    """Recursive descent over the lexemes of LaTeX, emitting tokens of the grammar."""

    def __init__(self, text: str, lexemes: list[Lexeme]) -> None:
        self.text = text
        self.lexemes = lexemes
        self.index = 0
        self.depth = 0
        self.in_condition = False
        self.is_turned = False  # in a polylogarithm of a exp(i b), where alone i has a meaning
        self.is_aligned = tex.is_aligned(text)
        self.variants: dict[str, str] = {}  # how each letter with two shapes is written
        self.applied = -1, Token("end", "", 0)  # where a bracket would begin directly behind a letter, and that letter
        self.above: set[str] = set()  # what is said to be positive
        self.out: list[Token] = []

    def tokens(self) -> list[Token]:
        """The whole formula as tokens of the grammar."""
        self.until("")
        return [*self.out, Token("end", "", len(self.text))]

    # -- helpers --

    @property
    def next(self) -> Lexeme:
        return self.lexemes[self.index]

    def take(self) -> Lexeme:
        lexeme = self.lexemes[self.index]
        self.index += lexeme.kind != "end"
        return lexeme

    def fail(self, what: str, at: Lexeme | None = None) -> NoReturn:
        fail_at(self.text, (at or self.next).column, what)

    def emit(self, text: str, at: Lexeme, kind: str = "op") -> None:
        self.out.append(Token(kind, text, at.column))

    def held(self, write: Callable[[], object]) -> list[Token]:
        """What `write` emits, to be put elsewhere."""
        start = len(self.out)
        write()
        tokens, self.out = self.out[start:], self.out[:start]
        return tokens

    # -- grammar --

    def until(self, closer: str, opened: Lexeme | None = None, ends: tuple[str, ...] = ()) -> Lexeme:
        r"""Everything up to the closing lexeme (one of several, with blanks between), which is taken too.

        A \big may begin a bracket or end one: what stands behind it, one of `ends`, tells.
        """
        closers = closer.split()
        start, bar = len(self.out), None
        while self.next.text not in closers or (ends and self.lexemes[self.index + 1].text not in ends):
            if self.next.kind == "end":
                if not closers:
                    break
                self.fail(f"{opened.text if opened else closers[0]} is never closed", opened)
            lexeme = self.take()
            if lexeme.text == r"\over":
                if bar is not None:
                    self.fail(r"a second \over; put the first fraction in braces", lexeme)
                bar = lexeme
                self.out.insert(start, Token("op", "(", lexeme.column))
                for text in (")", "/", "("):
                    self.emit(text, lexeme)
            else:
                self.item(lexeme)
        if bar is not None:
            self.emit(")", bar)
        return self.take()

    def item(self, lexeme: Lexeme) -> None:
        """One lexeme and all that belongs to it."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"groups are nested more than {MAX_DEPTH} deep", lexeme)
        self.part(lexeme)
        self.depth -= 1

    def part(self, lexeme: Lexeme) -> None:
        text = lexeme.text
        if text == "1" and self.next.text == "_":
            self.indicator(lexeme)
        elif lexeme.kind == "number":
            if _POWER_OF_TEN.match(self.text, lexeme.column):
                self.fail(r"is it a power of ten? it is written 3 \cdot 10^{-2}; e is a factor in 3 e - 2", lexeme)
            self.emit(text, lexeme, "number")
        elif text in tex.OPERATORS:
            self.emit(tex.OPERATORS[text], lexeme, "name" if tex.OPERATORS[text] == "or" else "op")
        elif text == "^":
            self.exponent(lexeme)
        elif text == "{" and self.next.text == "}":
            self.take()  # {} makes a sign one between two terms
        elif text == "{":
            before = self.out[-1] if self.out else None
            if before and self.next.text in ("+", "-") and (before.kind in ("number", "symbol") or before.text == ")"):
                self.fail(
                    r"a sign in braces behind a factor: write a - b, a \cdot (-b) or, for 3e-2, 3 \cdot 10^{-2}", lexeme
                )
            if before and before.text == "|" and self.next.text in ("+", "-"):
                self.until("}", lexeme)  # |x|{-a} and |{-a}|: without brackets both are what is printed
            else:
                self.group(lexeme)
        elif text in tex.OPEN or text in tex.LEFT_BARS or text in tex.BARS or tex.SIZES.match(text):
            self.bracket(lexeme)
        elif text in tex.FRACTIONS:
            self.fraction(lexeme)
        elif text == r"\sqrt":
            self.root(lexeme)
        elif text == r"\begin":
            self.environment(lexeme)
        elif text in tex.WORDS:
            self.word(lexeme)
        elif text == r"\Gamma" and self.next.text in (*tex.OPEN, r"\left"):
            self.call("uppergamma" if tex.two_arguments(self.lexemes, self.index) else "Gamma", lexeme)
        elif text == r"\gamma" and tex.two_arguments(self.lexemes, self.index):
            self.call("lowergamma", lexeme)
        elif lexeme.kind == "letter" or text in tex.LETTERS:
            self.check_word(lexeme)
            self.symbol(lexeme, tex.LETTERS.get(text, text))
        elif lexeme.kind == "command" and function_name(text[1:]):
            self.call(function_name(text[1:]), lexeme)
        elif text in tex.FONTS or text in tex.ACCENTS:
            self.accented(lexeme)
        elif text == r"\nabla" and (self.next.kind == "letter" or self.next.text in (*tex.FONTS, *tex.ACCENTS)):
            pass  # g(|\nabla u|) is a function of the gradient
        elif text in (r"\quad", r"\qquad") and self.depth == 1 and self.out and self.is_condition_next():
            self.fail(_IN_CASES)
        elif text in tex.SPACING or (text == r"\forall" and self.in_condition):
            pass
        elif self.depth == 1 and self.is_aligned and text in ("&", r"\\"):
            self.index += length_before(self.lexemes, self.index)
        elif text in ".,;" and self.next.kind == "end":
            pass  # the full stop of a sentence
        elif self.depth == 1 and text in ",;" and (what := tex.POSITIVE.match(self.text, lexeme.column)):
            self.index = next(k for k, one in enumerate(self.lexemes) if one.column >= what.end())
            self.above |= tex.names_above(what.group())
        elif text == ",":
            self.emit(",", lexeme)
        else:
            self.unknown(lexeme)

    def unknown(self, lexeme: Lexeme) -> NoReturn:
        text = lexeme.text
        if text in _OWN:
            self.fail(f"{text} is the function itself, and its formula is to be written out{_OWN[text]}", lexeme)
        if text in (r"\lfloor", r"\lceil", r"\mod", r"\bmod", r"\pmod", r"\pm", r"\mp", r"\approx", r"\sim"):
            self.fail(f"{text} is not read; give a formula of one value, without rounding", lexeme)
        if text in (r"\int", r"\sum", r"\prod", r"\lim", r"\infty", r"\partial"):
            self.fail(f"{text} is not read; give the formula in closed form", lexeme)
        if text in ")]}" or text in (r"\}", "&", r"\\", r"\rvert", r"\end"):
            self.fail(f"{text} closes or parts nothing that is open here", lexeme)
        if text in (r"\ldots", r"\dots", r"\cdots", r"\vdots"):
            self.fail(f"{text} leaves out what has to be read; write every term and every case", lexeme)
        if text in (r"\newcommand", r"\renewcommand", r"\providecommand", r"\def", r"\let", r"\DeclareMathOperator"):
            self.fail(f"{text} is not read; write what the new command stands for, where it stands", lexeme)
        if text in ("'", "′", r"\prime"):
            self.fail(
                "a prime is a derivative, which is not read; give one function, without a head such as f'(x) =",
                lexeme,
            )
        if text == "_":
            counted = r"; \|x\|_0 of one sample is \mathbf{1}_{x \ne 0}" if self.next.text == "0" else ""
            self.fail(f"a subscript belongs to a letter{counted}", lexeme)
        if not text.isprintable():
            self.fail(rf'{text!r} is no LaTeX; write it as a raw string, r"\frac{{...}}"', lexeme)
        mean = suggestion(text, tex.KNOWN, 0.7) if lexeme.kind == "command" else ""  # all begin with the same sign
        self.fail(f"{text!r} is not LaTeX that symtrans reads{mean}".replace("\\\\", "\\"), lexeme)

    def group(self, opened: Lexeme) -> None:
        """{...} as (...)."""
        if [one.text for one in self.lexemes[self.index : self.index + 2]] == [",", "}"]:
            self.fail("a comma in braces: write a decimal with a point, as 3.5, and no comma between thousands", opened)
        self.emit("(", opened)
        self.emit(")", self.until("}", opened))

    def argument(self, of: Lexeme) -> None:
        r"""What a command takes: {...}, or one digit, letter or command (``\frac12``)."""
        lexeme = self.next
        if lexeme.text == "{":
            self.group(self.take())
            return
        if lexeme.kind == "number":
            if len(lexeme.text) > 1:  # TeX takes one digit; the rest stands outside
                self.lexemes[self.index] = Lexeme("number", lexeme.text[1:], lexeme.column + 1)
            else:
                self.index += 1
            self.emit(lexeme.text[0], lexeme, "number")
            return
        if lexeme.kind == "end" or lexeme.kind == "char":
            self.fail(f"{of.text} lacks its argument; write {of.text}{{...}}", of)
        self.item(self.take())

    def exponent(self, mark: Lexeme) -> None:
        lexeme = self.next
        if lexeme.kind == "number" and len(lexeme.text) > 1:
            self.fail(f"TeX raises only the {lexeme.text[0]}; write ^{{{lexeme.text}}}", lexeme)
        first, *within = (one.text for one in self.lexemes[self.index : self.index + 5])
        if first == "{" and re.fullmatch(r"\(([A-Za-z]|\d+|\\[a-z]+)\)\}|\[([A-Za-z]|\d+)\]\}", "".join(within)):
            self.fail(
                "in brackets above stands an order of a derivative or an index, in print; a power is written x^{2}",
                lexeme,
            )
        base = self.out[-1] if self.out and self.out[-1].kind == "symbol" else None
        self.emit("^", mark)
        self.argument(mark)
        if base is not None:
            self.applied = len(self.out), base
        if self.next.text == "^":
            self.fail("a second exponent; write the first one in braces", self.next)

    def bracket(self, lexeme: Lexeme) -> None:
        r"""(...), \left(...\right), \bigl|...\bigr|, |...|."""
        size = tex.SIZES.match(lexeme.text)
        opening = self.take() if size else lexeme
        if lexeme.text.startswith(r"\right"):
            self.fail(r"\right has no \left", lexeme)
        closer = tex.CLOSERS.get(opening.text)
        if not closer:
            self.fail(f"{opening.text or 'the end'} is not a bracket", opening)
        is_bar = opening.text in tex.BARS or opening.text in tex.LEFT_BARS
        if opening.text in tex.BARS and not size:
            self.emit("|", lexeme)  # the parser knows which bar opens
            return
        if is_bar:
            self.emit("abs", lexeme, "name")
        start = len(self.out)
        place, name = self.applied
        self.emit("(", lexeme)
        ends = (*tex.BARS, *tex.LEFT_BARS.values()) if is_bar else (closer, ".") if opening.text == r"\{" else (closer,)
        closing = _closing_size(lexeme.text) if size else closer
        end = self.until(closing, lexeme, ends if size and closing == lexeme.text else ())
        if size:
            last = self.take()
            if last.text not in ends:
                self.fail(f"expected {closer if is_bar else ' or '.join(ends)} after {end.text}", last)
        if not is_bar and (sign := self.part_sign()):
            self.one_sided(start, sign, end)
        elif not is_bar and start == place and self.is_indicator(start, name, lexeme):
            self.out[start - 1 : start] = [Token(kind, text, lexeme.column) for kind, text in _ONE]
            self.emit(")", end)
        self.emit(")", end)

    def is_indicator(self, start: int, name: Token, opened: Lexeme) -> bool:
        r"""What stands in brackets behind a letter is a factor or an indicator; refuse what a function is applied to.

        I(|x| > t) is an indicator; \sigma(x), g(r^2), \psi(2x), H(|x| - t) and P(Y < y) are no products that anybody
        writes; r (|r| > t) may be one.
        """
        inside, is_raised = self.out[start + 1 :], self.out[start - 1] != name
        is_relation = any(one.text in RELATIONS for one in inside)
        if name.text in _INDICATORS and not is_raised and is_relation:
            return True
        if is_relation and name.text not in {one.text for one in inside}:
            self.fail(
                rf"is {name.text} a function here? 1 where a condition holds and 0 elsewhere is written "
                r"\mathbf{1}_{|x| > 1}; a product is written with \cdot",
                opened,
            )
        shape = "".join(
            "n" if one.kind == "number" or one.text == "pi" else one.kind[0] if one.kind != "op" else one.text
            for one in inside
        )
        is_alone = _ALONE.fullmatch(shape) or (
            not is_raised and (_NUMBER.fullmatch(shape) or (_QUOTIENT.fullmatch(shape) and self.next.text != "^"))
        )
        # SymPy prints Heaviside(x - 1) without a blank behind \theta, and a product with one
        is_step = name.text == "theta" and _STEP.fullmatch(shape) and self.text[opened.column - 1].isalpha()
        is_function = is_step or re.fullmatch(_OF_SYMBOLS, name.text)
        if name.text in ("i", "e") or not (is_alone or (is_function and "s" in shape) or _LISTED.fullmatch(shape)):
            return False
        self.fail(
            rf"is {name.text} a function here? its formula is written out{_MEANT.get(name.text, '')}; "
            r"a product is written with \cdot",
            opened,
        )

    def part_sign(self) -> str:
        """Take the + of (x)_+ or (x)^+ if it stands here."""
        ahead = [one.text for one in self.lexemes[self.index : self.index + 4]]
        for length, found in ((2, ahead[1:2]), (4, ahead[2:3] if ahead[1:2] == ["{"] and ahead[3:] == ["}"] else [])):
            if ahead[:1] in (["_"], ["^"]) and found in (["+"], ["-"]) and not (length == 2 and ahead[0] == "^"):
                self.index += length
                return found[0]
            if ahead[:2] == ["^", "+"]:
                self.index += 2
                return "+"
        return ""

    def one_sided(self, start: int, sign: str, at: Lexeme) -> None:
        """What was written since `start` as max(..., 0); of (x)_- as max(-(...), 0)."""
        inner = [Token("op", text, at.column) for text in ("-", "(")] if sign == "-" else []
        self.out[start : start + 1] = [Token("name", "max", at.column), Token("op", "(", at.column), *inner]
        if sign == "-":
            self.emit(")", at)
        self.emit(",", at)
        self.emit("0", at, "number")

    def fraction(self, command: Lexeme) -> None:
        if self.is_derivative():
            self.fail("a derivative is not read; give the formula in closed form", command)
        before = self.lexemes[self.index - 2] if self.index > 1 else command
        if before.kind == "number" and re.match(
            r"\\[tdcs]?frac\s*(?:\d\s*\d|\{\d+\}\s*\{\d+\})", self.text[command.column :]
        ):
            self.fail(
                rf"is it {before.text} and a fraction, or a product? write \frac{{3}}{{2}}, or \cdot between them",
                command,
            )
        self.emit("(", command)
        self.argument(command)
        self.emit("/", command)
        self.argument(command)
        self.emit(")", command)

    def is_derivative(self) -> bool:
        r"""Whether d/dx stands here, which would cancel to 1/x."""
        parts, start = [], self.index
        for _ in range(2):
            end = closing(self.lexemes, start) if self.lexemes[start].text == "{" else start
            within = (one.text for one in self.lexemes[start : end + 1])
            parts.append([text for text in within if text not in ("{", "}", *tex.SPACING, *tex.WORDS, r"\rm")])
            start = min(end + 1, len(self.lexemes) - 1)
        return [letters[:1] for letters in parts] == [["d"], ["d"]] and len(parts[1]) == 2

    def root(self, command: Lexeme) -> None:
        r"""\sqrt[n]{x} as ((x)^(1/(n)))."""
        order = [Token("number", "2", command.column)]
        if self.next.text == "[":
            opened = self.take()
            order = self.held(lambda: self.until("]", opened))
        if len(order) == 1 and order[0].text in ("3", "5", "7", "9"):
            self.emit("real_root", command, "name")
            self.emit("(", command)
            self.argument(command)
            self.emit(",", command)
            self.out += order
            self.emit(")", command)
            return
        self.emit("(", command)
        self.argument(command)
        for text in ("^", "(", "1", "/", "("):
            self.emit(text, command, "number" if text == "1" else "op")
        self.out += order
        for _ in range(3):
            self.emit(")", command)

    def symbol(self, lexeme: Lexeme, name: str) -> None:
        """A letter with its index: lambda_0."""
        start = len(self.out)
        if lexeme.text in tex.VARIANTS and lexeme.text != self.variants.setdefault(name, lexeme.text):
            both = f"{self.variants[name]} and {lexeme.text}"
            self.fail(f"{both} are both the parameter {name} here; write one of them, or call one otherwise", lexeme)
        if self.next.text == "_" and (sign := self.part_sign()):
            self.emit("(", lexeme)
            self.emit(name, lexeme, "symbol")
            self.one_sided(start, sign, lexeme)
            self.emit(")", lexeme)
            return
        branch = "".join(one.text for one in self.lexemes[self.index : self.index + 5])
        if name == "W" and (lower := re.match(r"_\{-1\}|_\{0\}|_0", branch)):
            self.index += {"_{-1}": 5, "_{0}": 4, "_0": 2}[lower[0]]
            self.branch_of_lambert("-1" if "-" in lower[0] else "0", lexeme)
            return
        if self.next.text == "_" and name in _INDICATORS and self.is_indicated():
            self.indicator(lexeme)
            return
        if self.next.text == "_":
            name = f"{name}_{self.subscript(self.take())}"
        self.emit(name, lexeme, "symbol")
        if self.next.text in tex.OPEN or tex.SIZES.match(self.next.text):
            self.applied = len(self.out), self.out[-1]

    def check_word(self, lexeme: Lexeme) -> None:
        r"""Refuse to multiply the letters of delta and tanh: what has been typed so lacks a backslash."""
        match = _LETTERS.match(self.text, lexeme.column)
        if match is None:
            return
        word = rf"\{match[0]}"
        command = word if word in tex.LETTERS else rf"\operatorname{{{match[0]}}}" * bool(function_name(match[0]))
        command = command or rf"\mathit{{{match[0]}}}" * (len(match[0]) >= _LONG)
        if command:
            why = (
                f"is {match[0]} one word? it is written {command}; a product of letters is written with blanks between"
            )
            self.fail(why, lexeme)

    def branch_of_lambert(self, branch: str, at: Lexeme) -> None:
        r"""W_{-1}(x), as SymPy prints it, as LambertW(x, -1)."""
        self.emit("LambertW", at, "name")
        self.emit("(", at)
        self.argument_of(r"W_{-1}", at)
        self.emit(",", at)
        if branch == "-1":
            self.emit("-", at)
        self.emit(branch[-1], at, "number")
        self.emit(")", at)

    def indicator(self, lexeme: Lexeme) -> None:
        """What stands below a 1, a condition; the (x) that may follow says what that is one of."""
        mark = self.take()
        if names_interval(self.lexemes[self.index + 1 : closing(self.lexemes, self.index)]):
            self.fail(r"the indicator of what? its argument is written behind it, as in \mathbf{1}_{[a,b]}(x)", mark)
        below = [one.text for one in self.lexemes[self.index : closing(self.lexemes, self.index)]]
        self.out += [Token(kind, text, lexeme.column) for kind, text in _ONE]
        self.argument(lexeme)
        self.emit(")", lexeme)
        opened, variable, closed = (one.text for one in (*self.lexemes[self.index :], *[self.lexemes[-1]] * 3)[:3])
        if (opened, closed) == ("(", ")") and variable in below:
            self.index += 3

    def indicated(self, lexeme: Lexeme) -> None:
        r"""\mathbb{1}(|x| > t) as (1*(|x| > t))."""
        inside = self.held(lambda: self.bracket(self.take()))
        if not any(one.text in RELATIONS for one in inside):
            self.fail(r"the indicator of what? a condition is written behind it, as in \mathbb{1}(|x| > 1)", lexeme)
        self.out += [*(Token(kind, text, lexeme.column) for kind, text in _ONE), *inside]
        self.emit(")", lexeme)

    def is_indicated(self) -> bool:
        """Whether the index that stands here is a condition."""
        if self.lexemes[self.index + 1].text != "{":
            return False
        inside = self.lexemes[self.index + 1 : closing(self.lexemes, self.index + 1)]
        return any(tex.OPERATORS.get(one.text) in RELATIONS for one in inside)

    def accented(self, command: Lexeme) -> None:
        r"""\mathbf{x} is x, \hat{x} is x_hat, and \mathbf{1}_{|x| > 1} is 1 where that holds, else 0."""
        braced = self.next.text == "{"
        parts = self.inside(self.take()) if braced else [self.take()]
        if len(parts) != 1 or (parts[0].kind not in ("letter", "number") and parts[0].text not in tex.LETTERS):
            self.fail(f"{command.text} is read around one letter", command)
        (letter,) = parts
        if letter.text in ("1", "I") and command.text in tex.FONTS and self.next.text == "_":
            self.indicator(command)
        elif letter.text == "1" and command.text in tex.FONTS and self.opens_bracket():
            self.indicated(command)
        elif letter.kind == "number":
            self.emit(letter.text, command, "number")
        else:
            ahead = [one.text for one in self.lexemes[self.index : self.index + 3] if one.text != "{"]
            if command.text in tex.FONTS and ahead[:2] in (["^", "T"], ["^", r"\top"]):
                self.fail(r"a vector and its transpose are no sample; \mathbf{x}^T\mathbf{x} of one is x^2", command)
            name = tex.LETTERS.get(letter.text, letter.text)
            accent = tex.ACCENTS.get(command.text, "")
            self.symbol(command, f"{name}_{accent}" if accent else name)

    def subscript(self, mark: Lexeme) -> str:
        one = self.take()
        if one.text in tex.TEXT and self.next.text == "{":  # without the braces around it
            parts = self.inside(self.take())
        elif one.text != "{":
            if one.kind == "number" and len(one.text) > 1:
                self.fail(f"TeX lowers only the {one.text[0]}; write _{{{one.text}}}", one)
            word = re.compile(r"[A-Za-z]{3,}").match(self.text, one.column)
            if word is not None and one.kind == "letter":  # of a_ix, two letters, one may be a factor
                self.fail(f"TeX lowers only the {one.text}; write _{{{word[0]}}}", one)
            parts = [one]
        else:
            parts = self.inside(one)
        if names_interval(parts):
            written = r"the indicator is \mathbf{1}_{[a,b]}(x), the projection \max(a, \min(x, b))"
            self.fail(f"what is this function of an interval? {written}", mark)
        letters = [part.text for part in parts if part.text not in (*tex.WORDS, *"{}")]
        words = {r"\max": "max", r"\min": "min", ",": "_"}
        name = "".join(words.get(text) or tex.LETTERS.get(text, text) for text in letters)
        if not re.fullmatch(r"[A-Za-z0-9]\w*", name, re.ASCII):
            self.fail("an index holds letters and digits only", mark)
        return name

    def inside(self, opened: Lexeme) -> list[Lexeme]:
        """The lexemes up to the brace that closes `opened`."""
        found: list[Lexeme] = []
        depth = 1
        while depth:
            lexeme = self.take()
            if lexeme.kind == "end":
                self.fail("{ is never closed", opened)
            depth += {"{": 1, "}": -1}.get(lexeme.text, 0)
            found.append(lexeme)
        return found[:-1]

    def word(self, command: Lexeme) -> None:
        r"""\operatorname{sgn}, \mathit{width}, \text{otherwise}."""
        name = self.raw(command).strip()
        end = name.lower().strip(" .,;")
        if end in tex.OTHERWISE:
            self.emit("otherwise", command, "name")
        elif name and not end and self.next.text in ("&", r"\\", r"\end", ""):
            pass  # the punctuation of \text{if $|x| < 1$,}
        elif self.in_condition and re.fullmatch(r"\(.*\)[.,;]?", name):
            pass  # a remark: \text{(central segment)}
        elif function_name(name) and not self.is_parameter(name, command):
            self.call(function_name(name), command)
        elif name in CONSTANTS:
            self.emit(name, command, "symbol")
        elif name == "1" and self.next.text == "_":
            self.indicator(command)
        elif name == "I" and self.next.text in ("_", *tex.OPEN, r"\left"):
            self.symbol(command, name)
        elif name == "Li" and self.next.text == "_":
            self.polylogarithm(command)
        elif name in _PARTS and self.next.text == r"\operatorname":
            self.part_of_polylogarithm(name, command)
        elif name in ("i", "j") and command.text == r"\mathrm" and not self.is_turned:
            self.fail(
                rf"\mathrm{{{name}}} is the imaginary unit, which is not real; a parameter is written {name}", command
            )
        elif end in tex.LINKING and self.in_condition:
            if end in ("and", "or"):
                self.emit(end, command, "name")
        elif len(name) > 1 and command.text in (r"\mathrm", r"\mathit") and self.opens_bracket():
            mean = suggestion(name, tex.FUNCTIONS) or rf"; for a product write {name} \cdot (...)"
            self.fail(f"{name} is not a function that symtrans knows{mean}", command)
        elif command.text in (r"\mathrm", r"\mathit") and re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII):
            self.symbol(command, canonical_name(name))
        elif command.text in tex.TEXT and self.is_factor(name):
            self.symbol(command, name)
        elif command.text in tex.TEXT and end in tex.LINKING:
            self.fail(_IN_CASES, command)
        elif command.text in tex.TEXT:
            self.fail(rf"the words {name!r} mean nothing here; a parameter is written \mathit{{{name}}}", command)
        else:
            mean = suggestion(name, tex.FUNCTIONS)
            self.fail(f"{name or 'this'} is not a function that symtrans knows{mean}", command)

    def is_parameter(self, name: str, command: Lexeme) -> bool:
        r"""Whether \mathit{threshold}, which is a function before a bracket, is a parameter here."""
        return command.text in (r"\mathit", *tex.TEXT) and is_parameter(name) and not self.opens_bracket()

    def is_condition_next(self) -> bool:
        """Whether brackets stand here that hold a comparison."""
        if self.next.text not in tex.OPEN:
            return False
        closer = tex.OPEN[self.next.text]
        inside = (one.text for one in self.lexemes[self.index + 1 :])
        return any(tex.OPERATORS.get(text) in RELATIONS for text in takewhile(lambda text: text != closer, inside))

    def is_factor(self, name: str) -> bool:
        r"""Whether a word in \text is a parameter: negative_slope, or scale * (...), as documentation has it."""
        if not re.fullmatch(r"[A-Za-z]\w*", name, re.ASCII) or self.opens_bracket():
            return False
        before, after = self.out[-1].text if self.out else "", self.next.text
        is_multiplied = after in _TIMES or before == "*"
        is_value = before in _BEFORE_A_VALUE[self.in_condition] and (after in tex.OPERATORS or after in _AFTER_A_VALUE)
        return "_" in name or is_multiplied or (is_value and name.lower() not in _NO_VALUE)

    def opens_bracket(self) -> bool:
        """Whether a round or square bracket stands here."""
        self.skip_space()
        after = self.lexemes[min(self.index + 1, len(self.lexemes) - 1)]
        return (after if tex.SIZES.match(self.next.text) else self.next).text in ("(", "[")

    def raw(self, command: Lexeme) -> str:
        r"""The text in the braces of \operatorname{...}; \mathop{\mathrm{sgn}} too."""
        opened = self.take()
        if opened.kind == "letter":  # TeX takes one: \mathrm e
            return opened.text
        if opened.text != "{":
            self.fail(f"{command.text} needs {{...}}", command)
        within = self.inside(opened)
        end = self.lexemes[self.index - 1].column
        inside, letters = self.text[within[0].column if within else end : end], "".join(one.text for one in within)
        if "".join(inside.replace("~", " ").split()) != letters:  # lexemes that do not stand so in the text
            inside = letters
        inside = re.sub(r"~|\\[ ,;:]", " ", inside.replace(r"\_", "_"))
        wrapped = re.fullmatch(r"\s*\\(?:mathrm|mathit|text|rm)\s*\{([^{}]*)\}\s*", inside)
        return wrapped[1] if wrapped else inside

    # -- functions --

    def call(self, name: str, at: Lexeme) -> None:
        r"""A function, its power if one stands before the argument, and the argument: \sin^2(r), \ln|r|."""
        power: list[Token] = []
        if name == "log" and self.next.text == "_":
            base = self.subscript(self.take())
            name = {"2": "log2", "10": "log10", "e": "log"}.get(base) or self.fail(
                "logarithms have base 2, 10 or e", at
            )
        if self.next.text == "^":
            power = self.held(lambda: self.exponent(self.take()))
            if "".join(t.text for t in power) in ("^(-1)", "^-1"):
                inverse = next((word for word in (f"a{name}", f"arc{name}") if function_name(word)), "")
                meant = rf" write \operatorname{{{inverse}}} for the one, \frac{{1}}{{\{name}}} for the other" * bool(
                    inverse
                )
                self.fail(f"{name} to the power -1: is the inverse function meant, or 1/{name}?{meant}", at)
        self.skip_space()
        self.emit(name, at, "name")
        opening = self.next
        if opening.text == "{":
            self.group(self.take())
        elif (self.lexemes[self.index + 1] if tex.SIZES.match(opening.text) else opening).text in tex.OPEN:
            self.bracket(self.take())
        else:
            self.bare_argument(name, at)
        if power and self.next.text == "^":
            self.fail("a second exponent; put the function in brackets", self.next)
        self.out += power

    def polylogarithm(self, command: Lexeme) -> None:
        r"""\operatorname{Li}_{s}(x) as polylog(s, x)."""
        self.emit("polylog", command, "name")
        self.emit("(", self.take())
        self.argument(command)
        self.emit(",", command)
        self.argument_of(r"\operatorname{Li}_{s}", command)
        self.emit(")", command)

    def argument_of(self, function: str, at: Lexeme) -> None:
        """What stands in brackets behind a function with an index."""
        self.skip_space()
        if self.next.text not in (*tex.OPEN, r"\left"):
            self.fail(rf"{function} lacks its argument; write {function}\left(...\right)", at)
        self.bracket(self.take())

    def part_of_polylogarithm(self, part: str, command: Lexeme) -> None:
        r"""\operatorname{Re}\operatorname{Li}_{s}(a \exp(\mathrm{i} b)) as repolylog(s, a, b)."""
        if self.raw(self.take()).strip() != "Li" or self.next.text != "_":
            self.fail(rf"\operatorname{{{part}}} is read only before \operatorname{{Li}}_{{s}}", command)
        self.is_turned = True
        found = self.held(lambda: self.polylogarithm(command))
        self.is_turned = False
        turns = [k for k in range(len(found) - 2) if [t.text for t in found[k : k + 3]] == ["exp", "(", "i"]]
        if not turns:
            self.fail(rf"\operatorname{{{part}}} needs an argument of the form a \exp(\mathrm{{i}} b)", command)
        k = turns[-1]
        head, parted = found[0]._replace(text=_PARTS[part]), [Token("op", text, found[k].column) for text in "),("]
        self.out += [head, *found[1:k], *parted, found[k + 1], *found[k + 3 :]]

    def skip_space(self) -> None:
        while self.next.text in tex.SPACING:
            self.take()

    def bare_argument(self, name: str, at: Lexeme) -> None:
        r"""One factor without brackets: \sin r, \ln\frac{a}{b}, \ln|r|."""
        first = self.next
        self.emit("(", first)
        if first.text == "|":
            bar = self.take()
            self.emit("|", bar)
            self.emit("|", self.until("|", bar))
        elif first.kind in ("number", "letter", "command") and first.text not in tex.OPERATORS:
            self.item(self.take())
        else:
            self.fail(rf"{name} lacks its argument; write \{name}\left(...\right)", at)
        if self.next.text == "^":
            self.exponent(self.take())
        while (first.kind == "number" or first.text == r"\pi") and not name.startswith(("ln", "log")):
            self.skip_space()  # \sin 2 \pi x; \ln 2 is a number as often as not
            if self.next.kind != "letter" and self.next.text not in tex.LETTERS:
                break
            self.item(self.take())
            if self.next.text == "^":
                self.exponent(self.take())
        self.emit(")", first)
        self.skip_space()
        after = self.lexemes[min(self.index + 1, len(self.lexemes) - 1)]
        is_divided = (
            self.next.text == "/" and first.kind == "letter" and after.text != first.text
        )  # \tanh x/2, not \sin x/x
        if self.starts_factor(self.next) or is_divided:
            what = "on the quotient" if is_divided else "on this factor too"
            self.fail(rf"does {name} act {what}? write \{name}\left(...\right)")

    def starts_factor(self, lexeme: Lexeme) -> bool:
        if lexeme.kind == "command" and (function_name(lexeme.text[1:]) or lexeme.text in tex.WORDS):
            return False
        return lexeme.kind in ("number", "letter") or lexeme.text in tex.FIRST_OF_FACTORS

    # -- cases --

    def environment(self, begin: Lexeme) -> None:
        r"""\begin{cases} value, & condition \\ ... \end{cases} as Piecewise((value, condition), ...)."""
        name = self.raw(begin)
        if name in tex.LINES:
            self.lines(begin, name)
            return
        if name != "cases":  # all that hold cases have become this one
            self.fail(f"the environment {name} is not read; the one for pieces is cases", begin)
        self.emit("Piecewise", begin, "name")
        self.emit("(", begin)
        while True:
            self.case(begin)
            if self.next.text != r"\\":
                break
            self.take()
            if self.next.text == r"\end":
                break
            self.emit(",", self.next)
        self.ended(begin, name)

    def lines(self, begin: Lexeme, name: str) -> None:
        r"""\begin{aligned}[t] & a \\ & + b \end{aligned} as (a + b): a sum that goes on in the next line."""
        words = "".join(one.text for one in self.lexemes[self.index : self.index + 3])
        self.index += 3 * (words in ("[t]", "[b]", "[c]"))
        self.emit("(", begin)
        while self.next.text != r"\end":
            lexeme = self.take()
            if lexeme.kind == "end":
                self.fail(rf"\begin{{{name}}} is not ended", begin)
            if lexeme.text == r"\\":
                self.index += length_before(self.lexemes, self.index)
                while self.next.text in (*tex.SPACING, *"&{}"):  # &{} + b
                    self.take()
                if self.next.text not in (*tex.OPERATORS, r"\end") and self.out[-1].text not in tex.OPERATORS.values():
                    self.fail("a line that goes on begins with its sign, + or -")
            elif lexeme.text != "&":
                self.item(lexeme)
        self.ended(begin, name)

    def ended(self, begin: Lexeme, name: str) -> None:
        end = self.take()
        if end.text != r"\end" or self.raw(end) != name:
            self.fail(rf"\begin{{{name}}} is not ended", begin)
        self.emit(")", end)

    def case(self, begin: Lexeme) -> None:
        self.emit("(", self.next)
        found = self.cell(("&",), begin, r"a case is: value, & condition \\")
        parting = self.take()
        if not found:
            self.fail("this case has no value", parting)
        self.emit(",", parting)
        outer, self.in_condition = self.in_condition, True
        if not self.cell((r"\\", r"\end"), begin, r"\begin{cases} is not ended"):
            self.fail("this case has no condition", parting)
        self.in_condition = outer
        self.emit(")", self.next)

    def cell(self, ends: tuple[str, ...], begin: Lexeme, what: str) -> bool:
        """Everything up to one of the ends, without the punctuation before it; whether there is anything."""
        start = len(self.out)
        while self.next.text not in ends:
            if self.next.kind == "end" or self.next.text in ("&", r"\\", r"\end"):
                self.fail(what, self.next if self.next.kind != "end" else begin)
            if self.next.text in tuple(".;,") and self.lexemes[self.index + 1].text in (*ends, r"\\", r"\end"):
                self.take()
                continue
            if self.in_condition and self.next.text in (",", ";"):
                after = next(one for one in self.lexemes[self.index + 1 :] if one.text not in tex.SPACING)
                if after.kind != "end" and after.text not in (*ends, *tex.TEXT):
                    self.fail(r"is it \text{and} or \text{or} between these conditions?")
            self.item(self.take())
        while len(self.out) > start and self.out[-1].text == ",":  # one before a space
            self.out.pop()
        return len(self.out) > start


def _closing_size(opening: str) -> str:
    r"""The command that ends what \left, \bigl or \big began."""
    if opening == r"\left":
        return r"\right"
    return opening[:-1] + "r" if opening.endswith("l") else opening
