"""Formulas in two dimensions of Unicode, for a terminal."""

from collections.abc import Mapping

import sympy as sp
from sympy.printing.pretty.pretty import PrettyPrinter
from sympy.printing.pretty.stringpict import prettyForm, stringPict

from symtrans.catalogue.family import Family
from symtrans.language.cases import abridged
from symtrans.language.constants import definition
from symtrans.language.spelling import Spelt
from symtrans.language.text_printer import R, modulus_first, plain, written_terms
from symtrans.language.vocabulary import CAPITALS
from symtrans.nonlinearity.kind import Kind
from symtrans.nonlinearity.knot_table import knot_table
from symtrans.present.text import heading, remarks
from symtrans.stability.prose import stated

_LETTERS = {name: letter for letter, name in CAPITALS.items()}
_RELATIONS = {"<=": "≤", ">=": "≥", "==": "=", "!=": "≠"}


class _UnicodePrinter(PrettyPrinter):  # type: ignore[misc]
    """SymPy's printer with the conventions of the other printers: terms as people write them, ln, sgn, otherwise."""

    def __init__(self, variable: sp.Symbol) -> None:
        # the root sign of SymPy grows with its content; a power of 1/2 would not
        super().__init__({"use_unicode": True, "wrap_line": False, "use_unicode_sqrt_char": True})
        self._variable = variable

    def _print_Add(self, expr: sp.Add, order: object = None) -> prettyForm:
        first, *others = written_terms(expr, self._variable)
        form = prettyForm(*stringPict.next(self._grouped(first)))
        for term in others:
            negative = term.could_extract_minus_sign()
            form = prettyForm(*form.right(" - " if negative else " + "))
            form = prettyForm(*form.right(self._grouped(-term if negative else term)))
        form.binding = prettyForm.ADD
        return form

    def _grouped(self, term: sp.Expr) -> prettyForm:
        form = self._print(term)
        return prettyForm(*form.parens()) if isinstance(term, sp.Add | sp.Piecewise) else form

    def _print_log(self, expr: sp.log) -> prettyForm:
        return self._print_Function(expr, func_name="ln")

    def _print_sign(self, expr: sp.sign) -> prettyForm:
        return self._print_Function(expr, func_name="sgn")

    def _print_Relational(self, expr: sp.Rel) -> prettyForm:
        left, relation, right = modulus_first(expr, self._variable)
        sign = prettyForm(f" {_RELATIONS.get(relation, relation)} ")
        form = prettyForm(*stringPict.next(self._print(left), sign, self._print(right)))
        form.binding = prettyForm.OPEN
        return form

    def _print_Piecewise(self, expr: sp.Piecewise) -> prettyForm:
        first, left_out, last = abridged(expr.args)
        rows = [(self._print(value), self._condition(condition)) for value, condition in (*first, *last)]
        if left_out:
            rows.insert(len(first), (prettyForm("…"), prettyForm(f"{left_out} more pieces")))
        widths = [max(cells[k].width() for cells in rows) for k in range(2)]
        stack: prettyForm | None = None
        for value, condition in rows:
            row = prettyForm(*value.right(" " * (widths[0] - value.width() + 2)))
            row = prettyForm(*row.right(condition, " " * (widths[1] - condition.width())))
            if stack is None:
                stack = row
                continue
            # fractions need a line between them, single lines do not
            gap = [""] if stack.height() > 1 or row.height() > 1 else []
            stack = prettyForm(*stack.below(*gap, row))
        assert stack is not None  # a Piecewise has a branch
        stack.baseline = stack.height() // 2
        form = prettyForm(*stack.parens("{", ""))
        form.binding = prettyForm.OPEN
        return form

    def _condition(self, condition: sp.Basic) -> prettyForm:
        if condition == True:  # noqa: E712 - SymPy's true
            return prettyForm("otherwise")
        return prettyForm(*prettyForm("if ").right(self._print(condition)))


def pretty_formula(expr: sp.Expr, variable: sp.Symbol = R) -> str:
    """A formula as lines of Unicode.

    Examples
    --------
    >>> theta = sp.Symbol("theta", positive=True)
    >>> print(pretty_formula(sp.Piecewise((0, sp.Abs(R) <= theta), (R - theta * sp.sign(R), True))))
    ⎧0             if │r│ ≤ θ
    ⎨r - θ⋅sgn(r)  otherwise
    ⎩
    """
    return _trimmed(_UnicodePrinter(variable)._print(expr))


def pretty_kind(kind: Kind) -> str:
    """A kind as an equation; a formula wider than a terminal of 79 columns is one line of plain text."""
    (formula,), names = stated(kind)
    return "\n\n".join([_equation(f"{_head(kind)} = ", kind, formula, 79), *_definitions(names)])


def pretty_family(family: Family) -> str:
    """What the command line shows of a family at a terminal of 79 columns."""
    return "\n".join([heading(family), "", pretty_forms(family, 79), *(f"\n{remark}" for remark in remarks(family))])


def _head(form: Kind) -> str:
    return f"{_LETTERS.get(form.letter, form.letter)}({form.variable})"


def pretty_forms(family: Family, width: int) -> str:
    """The four forms of a family, each beside its name; a formula wider than `width` is one line of plain text."""
    titles = [type(form).__name__ for form in family.forms]
    heads = [_head(form) for form in family.forms]
    room = max(map(len, titles)), max(map(len, heads))
    formulas, names = stated(*family.forms)
    shown = [
        _equation(f"  {title:<{room[0]}}  {head:>{room[1]}} = ", form, formula, width)
        for title, head, form, formula in zip(titles, heads, family.forms, formulas, strict=True)
    ]
    return "\n\n".join([*shown, *(f"  {line}" for line in _definitions(names))])


def _definitions(names: Mapping[sp.Expr, Spelt]) -> list[str]:
    return [definition(value, name) for value, name in names.items()]


def _equation(left: str, form: Kind, expr: sp.Expr, width: int) -> str:
    if (table := knot_table(form)) is not None:
        return f"{left}{table}"
    formula = _UnicodePrinter(form.variable)._print(expr)
    if len(left) + formula.width() > width:
        return left + plain(expr, form.variable, is_abridged=True)
    return _trimmed(prettyForm(*prettyForm(left).right(formula)))


def _trimmed(form: prettyForm) -> str:
    """The lines of a picture, with no blanks at their ends and no empty lines round it."""
    return "\n".join(line.rstrip() for line in form.picture).strip("\n")
