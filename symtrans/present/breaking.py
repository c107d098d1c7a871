"""Formulas that are wider than their column: sums go on in the next line."""

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager

import sympy as sp

from symtrans.nonlinearity.kind import Kind
from symtrans.nonlinearity.knot_table import knot_table
from symtrans.present.latex import head, knots_latex
from symtrans.present.latex_printer import FormulaPrinter, latex
from symtrans.present.widths import width

_OPENING, _NEXT_LINE, _CLOSING = r"\begin{aligned}", r" \\ & ", r" \end{aligned}"
_LEAST = 12.0  # em: a line has room for this much, however deep it stands


def fitted(kind: Kind, room: float, expr: sp.Expr | None = None) -> str:
    r"""A kind as an equation, in lines of about `room` em where it is wider; products and fractions are never parted.

    The `expr` stands for the formula of the kind where constants of it have a name.

    Examples
    --------
    >>> from symtrans import Activation
    >>> print(fitted(Activation("r exp(-r^2) + r exp(-2 r^2) - r exp(-3 r^2)/2"), 24))
    \Phi(r) = \begin{aligned}[t] & r \exp\left(- r^{2}\right) + r \exp\left(- 2 r^{2}\right) \\
     & - \frac{r}{2} \exp\left(- 3 r^{2}\right) \end{aligned}
    """
    table = knot_table(kind)
    if table is not None:
        shown = [knots_latex(kind, table, columns=count) for count in range(8, 3, -1)]
        return next((one for one in shown if width(one) <= room), shown[-1])
    formula = kind.written if expr is None else expr
    left = f"{head(kind)} = "
    whole = left + latex(formula, kind.variable)
    if width(whole) <= room:
        return whole
    body = str(_BreakingPrinter(kind.variable, room - width(left)).doprint(formula))
    # beside the first of its lines, not the middle one
    return left + (body.replace(_OPENING, rf"{_OPENING}[t]", 1) if body.startswith(_OPENING) else body)


def in_parts(text: str, tallest: float, tall: Callable[[str], float]) -> list[str]:
    r"""An equation of `fitted`, whose lines go on in further ones where it is too `tall`.

    Examples
    --------
    >>> text = r"\Phi(r) = \begin{aligned}[t] & a \\ & + b \\ & + c \end{aligned}"
    >>> in_parts(text, 2, lambda text: len(text.split(r"\\")))
    ['\\Phi(r) = \\begin{aligned}[t] & a \\\\ & + b \\end{aligned}', '\\quad \\begin{aligned}[t] & + c \\end{aligned}']
    """
    left, opening, rest = text.partition(rf"{_OPENING}[t] & ")
    body = rest.removesuffix(_CLOSING)
    if tall(text) <= tallest or not opening or body == rest or _OPENING in body:
        return [text]
    parts = list[str]()
    for line in body.split(_NEXT_LINE):
        longer = f"{parts[-1]}{_NEXT_LINE}{line}" if parts else line
        if parts and tall(longer) <= tallest:
            parts[-1] = longer
        else:
            parts.append(line)
    heads = [left, *[r"\quad "] * (len(parts) - 1)]
    return [f"{one}{opening}{part}{_CLOSING}" for one, part in zip(heads, parts, strict=True)]


class _BreakingPrinter(FormulaPrinter):
    """Prints a sum that is too wide for its line in several; one in a function, a power or a root stays whole."""

    def __init__(self, variable: sp.Symbol, room: float) -> None:
        super().__init__(variable)
        self._room = room

    @contextmanager
    def _within(self, room: float) -> Iterator[None]:
        outer, self._room = self._room, room
        yield
        self._room = outer

    def _beside(self, taken: float) -> AbstractContextManager[None]:
        """What is printed here shares its line with something `taken` em wide."""
        return self._within(max(self._room - taken, min(_LEAST, self._room)))

    def _whole(self) -> AbstractContextManager[None]:
        return self._within(math.inf)

    def _print_Add(self, expr: sp.Add, order: object = None) -> str:
        with self._whole():
            whole = super()._print_Add(expr)
        if width(whole) <= self._room:
            return whole
        lines = [""]
        for sign, term in self._signed_terms(expr):
            longer = f"{lines[-1]}{sign}{term}"
            if lines[-1] and width(longer) > self._room:
                lines.append(f"{sign}{term}")
            else:
                lines[-1] = longer
        return _aligned(lines)

    def _print_Mul(self, expr: sp.Mul) -> str:
        with self._whole():
            whole = super()._print_Mul(expr)
            sums = {f: width(self._print(f)) for f in sp.Mul.make_args(expr) if isinstance(f, sp.Add)}
        if width(whole) <= self._room or not sums:
            return whole
        # a long sum stands behind its factors in brackets, not upon a bar
        longest = max(sums, key=lambda f: sums[f])
        rest = sp.Mul(*(f for f in expr.args if f != longest))
        with self._whole():
            front = "- " if rest == -1 else self._print(rest)
        if isinstance(rest, sp.Add | sp.Piecewise):
            front = rf"\left({front}\right)"
        with self._beside(width(front) + 1.5):
            return rf"{front} \left({self._print(longest)}\right)"

    def _print_Piecewise(self, expr: sp.Piecewise) -> str:
        with self._whole():
            conditions = max(width(self._print(condition)) for _, condition in expr.args)
        with self._beside(conditions + 3.0):
            return super()._print_Piecewise(expr)

    def _print_Pow(self, expr: sp.Pow) -> str:
        with self._whole():
            return super()._print_Pow(expr)  # type: ignore[no-any-return]

    def _called(self, head: str, arguments: Iterable[sp.Expr], exp: str | None) -> str:
        with self._whole():
            return super()._called(head, arguments, exp)


def _aligned(lines: list[str]) -> str:
    if len(lines) == 1:
        return lines[0]
    body = _NEXT_LINE.join(line.strip() for line in lines)
    return f"{_OPENING} & {body}{_CLOSING}"
