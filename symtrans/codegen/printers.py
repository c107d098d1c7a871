"""Whitelist printers: SymPy scalar expressions as C or NumPy source.

A node that is not listed raises and names itself: nothing is printed that
was not thought about. Numbers are typed literals of the kernel's dtype.
"""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import sympy as sp
from sympy.codegen.cfunctions import expm1, log1p

from symtrans.codegen.approximations.formats import shortest
from symtrans.codegen.common import PowerOfTwo, Temporary, away_from_zero, moves
from symtrans.errors import NonlinearityError

_ADD, _MUL, _UNARY, _ATOM = 1, 2, 3, 4


class ScalarPrinter:
    """Prints sums, products, powers and listed functions of named values.

    Parameters
    ----------
    dtype : {"float64", "float32"}
    """

    language: ClassVar[str]
    functions: ClassVar[Mapping[type[sp.Basic], str]]
    infinity: ClassVar[str]
    both: ClassVar[str]
    either: ClassVar[str]
    choice: ClassVar[str]

    def __init__(self, dtype: str) -> None:
        self.dtype = np.dtype(dtype)

    def __call__(self, expr: sp.Expr) -> str:
        """The source text of `expr`."""
        return self._print(expr)[0]

    def literal(self, number: sp.Expr) -> str:
        """The shortest text that reads back as the nearest value of the dtype."""
        with np.errstate(over="ignore", under="ignore"):  # refused below
            value = self.dtype.type(str(sp.N(number, 30)))
        if not np.isfinite(value) or (value == 0 and number != 0):
            raise NonlinearityError(f"the number {number} does not fit into {self.dtype.name}")
        return shortest(value)

    def call(self, name: str, *arguments: sp.Expr) -> str:
        """A function call in the target language."""
        return f"{name}({', '.join(self(a) for a in arguments)})"

    def function(self, name: str) -> str:
        """The name of a mathematical function for this dtype."""
        return name

    def _print(self, expr: sp.Expr) -> tuple[str, int]:
        if isinstance(expr, sp.Symbol):
            return expr.name, _ATOM
        if expr.is_number and not expr.has(sp.oo, sp.nan, sp.zoo):
            text = self.literal(expr)
            return text, _UNARY if text.startswith("-") else _ATOM
        if isinstance(expr, sp.Add):
            return self._sum(expr)
        if isinstance(expr, sp.Mul):
            return self._product(expr)
        if isinstance(expr, sp.Pow):
            return self._product(expr) if expr.exp.could_extract_minus_sign() else self._power(expr.base, expr.exp)
        name = self.functions.get(type(expr))
        if name is not None:
            return self.call(self.function(name), *expr.args), _ATOM
        if expr is sp.oo:
            return self.infinity, _ATOM
        if isinstance(expr, sp.Piecewise) and not moves(expr):
            return self._cases(expr), _ATOM
        if isinstance(expr, sp.Max | sp.Min):
            return self._extremum(expr), _ATOM
        raise NonlinearityError(
            f"{type(expr).__name__} has no {self.language} form (in {expr}); kernels are made of "
            + ", ".join(sorted(f.__name__ for f in self.functions))
        )

    def _wrap(self, expr: sp.Expr, least: int) -> str:
        text, level = self._print(expr)
        return text if level >= least else f"({text})"

    def _sum(self, expr: sp.Add) -> tuple[str, int]:
        text = ""
        for term in sorted(expr.args, key=lambda t: (t.could_extract_minus_sign(), sp.default_sort_key(t))):
            negative = bool(text) and term.could_extract_minus_sign()
            part = self._wrap(-term if negative else term, _MUL)
            text += (" - " if negative else " + ") * bool(text) + part
        return text, _ADD

    def _product(self, expr: sp.Expr) -> tuple[str, int]:
        above: list[str] = []
        below: list[str] = []
        numbers = [factor for factor in sp.Mul.make_args(expr) if factor.is_number]
        coefficient = sp.Mul(*numbers)
        rest = sp.Mul(*(factor for factor in sp.Mul.make_args(expr) if not factor.is_number))
        sign = "-" if coefficient == -1 else ""
        if coefficient not in (1, -1):
            above.append(self.literal(coefficient))
        for factor in sp.Mul.make_args(rest):
            own = self._factor(factor)
            if own is not None:
                above.append(own)
            elif isinstance(factor, sp.Pow) and factor.exp.could_extract_minus_sign():
                below.append(self._bracketed(factor.base, -factor.exp))
            elif isinstance(factor, sp.Pow):
                above.append(self._power(factor.base, factor.exp)[0])
            else:
                above.append(self._wrap(factor, _MUL if not above else _UNARY))
        text = sign + (" * ".join(above) or self.literal(sp.S.One))
        if below:
            text += " / " + (below[0] if len(below) == 1 else f"({' * '.join(below)})")
        return text, _UNARY if sign and not below and len(above) == 1 else _MUL

    def _factor(self, factor: sp.Expr) -> str | None:
        """A factor that this language has an operation of its own for."""
        return None

    def _bracketed(self, base: sp.Expr, exponent: sp.Expr) -> str:
        text, level = self._power(base, exponent)
        return text if level == _ATOM else f"({text})"

    def _power(self, base: sp.Expr, exponent: sp.Expr) -> tuple[str, int]:
        if exponent == 1:
            text, level = self._print(base)
            return (text, level) if level >= _UNARY else (f"({text})", _ATOM)
        doubled = 2 * exponent
        if is_product(base, exponent):
            factors = [self._wrap(base, _UNARY)] * (int(doubled) // 2)
            if doubled % 2:
                factors.append(self.call(self.function("sqrt"), base))
            return " * ".join(factors), _MUL if len(factors) > 1 else _ATOM
        return self.call(self.function("pow"), base, exponent), _ATOM

    def _cases(self, expr: sp.Piecewise) -> str:
        """A constant whose formula depends on the parameters."""
        text = self(expr.args[-1].expr)
        for value, condition in expr.args[-2::-1]:
            text = self.choice.format(condition=self._condition(condition), yes=self(value), no=text)
        return text

    def _condition(self, condition: sp.Basic) -> str:
        if isinstance(condition, sp.And | sp.Or):
            between = self.both if isinstance(condition, sp.And) else self.either
            return between.join(f"({self._condition(part)})" for part in condition.args)
        if isinstance(condition, sp.Rel):
            return f"{self._wrap(condition.lhs, _ADD)} {condition.rel_op} {self._wrap(condition.rhs, _ADD)}"
        raise NonlinearityError(f"the condition {condition} has no {self.language} form")

    def _extremum(self, expr: sp.Expr) -> str:
        name = self.function("fmax" if isinstance(expr, sp.Max) else "fmin")
        first, *others = expr.args
        text = self(first)
        for other in others:
            text = f"{name}({text}, {self(other)})"
        return text


def is_product(base: sp.Expr, exponent: sp.Expr) -> bool:
    """Whether a positive power is printed as a product of its base, and perhaps a square root, not by pow."""
    doubled = 2 * exponent
    if not isinstance(doubled, sp.Integer):
        return False
    return bool(doubled == 1 or (base.is_Symbol and (doubled <= 8 or (exponent.is_Integer and exponent <= 16))))


_SHARED: Mapping[type[sp.Basic], str] = {
    f: f.__name__ for f in (sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.sinh, sp.cosh, sp.tanh)
}


class CPrinter(ScalarPrinter):
    """C11 with math.h; float32 gets the f-suffixed functions and literals."""

    language = "C"
    infinity = "(real)INFINITY"
    both, either = " && ", " || "
    choice = "({condition} ? {yes} : {no})"
    functions: ClassVar[Mapping[type[sp.Basic], str]] = {
        **_SHARED,
        sp.atan: "atan",
        sp.asin: "asin",
        sp.acos: "acos",
        sp.asinh: "asinh",
        sp.erf: "erf",
        sp.erfc: "erfc",
        expm1: "expm1",
        log1p: "log1p",
        sp.Abs: "fabs",
    }

    def literal(self, number: sp.Expr) -> str:
        """A C literal of the dtype: 0.5 or 0.5f."""
        text = super().literal(number)
        if "." not in text and "e" not in text:
            text += ".0"
        return text + "f" if self.dtype.itemsize == 4 else text

    def function(self, name: str) -> str:
        """The math.h name: exp or expf."""
        return name + "f" if self.dtype.itemsize == 4 else name


class VectorPrinter(CPrinter):
    """C on the vector type of templates/c/vector.h: operators, and functions called name_vec.

    What depends on r is an array of vectors side by side, and prints as ``name[each]``. `called` holds the
    functions of math.h that were printed and that vector.h does not have, `approximated` those that are
    inlined (accuracy "fast"), see `symtrans.codegen.approximations`. A call of these is a statement of its
    own: it goes into `lines`, and its arrays into `arrays`, which whoever prints an expression takes from here.
    """

    _OWN: ClassVar[frozenset[str]] = frozenset({"fabs", "sqrt", "fmax", "fmin"})
    _RENAMED: ClassVar[Mapping[str, str]] = {"fabs": "abs", "fmax": "max", "fmin": "min"}
    _COMPARED: ClassVar[Mapping[str, str]] = {">": "greater_vec", ">=": "greater_equal_vec", "==": "equal_vec"}

    def __init__(self, dtype: str, accuracy: str = "strict") -> None:
        super().__init__(dtype)
        self.fast = accuracy == "fast"
        self.called: set[str] = set()
        self.approximated: set[str] = set()
        self.lines: list[str] = []
        self.arrays: list[str] = []
        self._meaning: dict[sp.Symbol, sp.Expr] = {}

    def step(self, symbol: Temporary, expr: sp.Expr) -> None:
        """Add lines that compute `expr` into an array of this name."""
        call = self.call_of(expr)
        self.arrays.append(symbol.name)
        if call is not None:
            self._approximated(*call, into=symbol.name)
        else:
            text = self.argument(expr)
            self.lines.append(f"STEP({symbol.name}, {text})")
        self._meaning[symbol] = expr

    def take(self) -> tuple[list[str], list[str]]:
        """The lines and arrays since the last time."""
        found = self.lines, self.arrays
        self.lines, self.arrays = [], []
        self._meaning.clear()
        return found

    def _print(self, expr: sp.Expr) -> tuple[str, int]:
        call = self.call_of(expr)
        if call is not None:
            return f"{self._approximated(*call)}[each]", _ATOM
        if isinstance(expr, sp.Symbol) and moves(expr):
            return f"{expr.name}[each]", _ATOM
        return super()._print(expr)

    def call_of(self, expr: sp.Expr) -> tuple[str, sp.Expr] | None:
        """The inlined function that an expression is, and its argument.

        Where exp falls it is a power of two; 1/sqrt(x) is one function, which in float32 asks for a normal number.
        """
        if not self.fast or not moves(expr):
            return None
        if isinstance(expr, sp.Pow):
            inside = self._meaning.get(expr.base, expr.base)
            is_one = expr.exp == -sp.S.Half and (self.dtype.itemsize == 8 or _is_kept_from_zero(inside))
            return ("rsqrt", expr.base) if is_one else None
        if isinstance(expr, PowerOfTwo):
            return "exp2_negative", expr.args[0]
        if not isinstance(expr, sp.exp | expm1 | sp.log | log1p | sp.tanh | sp.erf | sp.atan):
            return None
        argument = expr.args[0]
        if isinstance(expr, expm1):
            return ("expm1_negative", argument) if away_from_zero(argument).is_nonpositive else None
        return type(expr).__name__, argument

    def _approximated(self, function: str, argument: sp.Expr, into: str = "") -> str:
        """The array with the result of a call, which is a line of its own."""
        self.approximated.add(function)
        if isinstance(argument, sp.Symbol):
            given = argument.name
        else:
            given = self._new()
            text = self.argument(argument)
            self.lines.append(f"STEP({given}, {text})")
        result = into or self._new()
        self.lines.append(f"{function}_vec(count, {given}, {result});")
        return result

    def _new(self) -> str:
        name = f"v{sum(array.startswith('v') for array in self.arrays)}"
        self.arrays.append(name)
        return name

    def _factor(self, factor: sp.Expr) -> str | None:
        """1/sqrt(x) as one function, not as a quotient."""
        return self._print(factor)[0] if isinstance(factor, sp.Pow) and self.call_of(factor) else None

    def argument(self, expr: sp.Expr) -> str:
        """An operand that must be a vector: a number is spread over the lanes."""
        return f"splat({self(expr)})" if expr.is_number else self(expr)

    def comparison(self, left: str, relation: str, right: str) -> str:
        """A mask: where `left` `relation` `right`."""
        return f"{self._COMPARED[relation]}({left}[each], {right})"

    def function(self, name: str) -> str:
        """The name of the vector function."""
        if name not in self._OWN:
            self.called.add(name)
        return f"{self._RENAMED.get(name, name)}_vec"

    def call(self, name: str, *arguments: sp.Expr) -> str:
        """A call with vector arguments."""
        return f"{name}({', '.join(map(self.argument, arguments))})"

    def _sum(self, expr: sp.Add) -> tuple[str, int]:
        """A product and another term are one operation, which rounds once."""
        if len(expr.args) == 2:
            for product, rest in (expr.args, expr.args[::-1]):
                factors = two_factors(product)
                if factors is not None:
                    return self.call("fma_vec", *factors, rest), _ATOM
        return super()._sum(expr)

    def _extremum(self, expr: sp.Expr) -> str:
        """What depends on r comes last: of a number and NaN, these operations give the second."""
        name = self.function("fmax" if isinstance(expr, sp.Max) else "fmin")
        first, *others = sorted(expr.args, key=lambda e: (moves(e), sp.default_sort_key(e)))
        text = self.argument(first)
        for other in others:
            text = f"{name}({text}, {self.argument(other)})"
        return text


def _is_kept_from_zero(expr: sp.Expr) -> bool:
    """Whether an expression is a positive constant and more (a constant of a kernel is a normal number)."""
    terms = sp.Add.make_args(expr)
    return all(t.is_nonnegative for t in terms) and any(t.is_positive and not moves(t) for t in terms)


def two_factors(expr: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    """A product without a quotient, as all factors but the last and the last; else None."""
    factors: list[sp.Expr] = []
    for factor in sp.Mul.make_args(expr):
        base, exponent = factor.as_base_exp()
        if exponent.could_extract_minus_sign():
            return None
        whole = isinstance(exponent, sp.Integer) and base.is_Symbol and 2 <= exponent <= 4
        factors += [base] * int(exponent) if whole else [factor]
    if len(factors) < 2 or (factors[0] == -1 and len(factors) == 2):
        return None
    return sp.Mul(*factors[:-1]), factors[-1]


class NumpyPrinter(ScalarPrinter):
    """NumPy functions; Python literals, which NumPy does not let widen a float32."""

    language = "NumPy"
    infinity = "np.inf"
    both, either = " & ", " | "
    choice = "np.where({condition}, {yes}, {no})"
    functions: ClassVar[Mapping[type[sp.Basic], str]] = {
        **_SHARED,
        sp.atan: "arctan",
        sp.asin: "arcsin",
        sp.acos: "arccos",
        sp.asinh: "arcsinh",
        sp.erf: "erf",
        sp.erfc: "erfc",
        expm1: "expm1",
        log1p: "log1p",
        sp.Abs: "abs",
    }
    _RENAMED: ClassVar[Mapping[str, str]] = {"pow": "power"}

    def function(self, name: str) -> str:
        """The NumPy name: np.exp."""
        return f"np.{self._RENAMED.get(name, name)}"
