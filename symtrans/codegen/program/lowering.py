"""Formulas cut into the instructions of a program, in the order in which every target computes them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp
from sympy.codegen.cfunctions import expm1, log1p
from sympy.utilities.iterables import sift

from symtrans.codegen.program.shared_parts import SIGN as S
from symtrans.codegen.program.shared_parts import (
    A,
    Case,
    Formulas,
    Intercept,
    Interpolated,
    Named,
    PowerOfTwo,
    Q,
    R,
    Rise,
    Scaled,
    away_from_zero,
    moves,
)
from symtrans.codegen.program.three_address import (
    COMPARISONS,
    SIGN,
    SIZE,
    SLOPE,
    SQUARE,
    VARYING,
    Branch,
    Instruction,
    Operand,
    Operation,
    Program,
)
from symtrans.errors import NonlinearityError

FUNCTIONS: Mapping[type[sp.Basic], Operation] = {
    sp.Abs: Operation.MODULUS,
    PowerOfTwo: Operation.EXP2_NEGATIVE,
    expm1: Operation.EXPM1,
    log1p: Operation.LOG1P,
    **{
        getattr(sp, name): Operation(name)
        for name in ("exp", "log", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh")
    },
    sp.erf: Operation.ERF,
    sp.erfc: Operation.ERFC,
    Interpolated: Operation.INTERPOLATED,
    Rise: Operation.RISE,
    Intercept: Operation.INTERCEPT,
}
_LONGEST_CHAIN = 16  # the largest power that is a product of its factors

_NAMES: Mapping[sp.Expr, str] = {R: SLOPE, A: SIZE, S: SIGN, Q: SQUARE}

Pass = Callable[[Program], Program]
Rewriting = Callable[[sp.Expr], sp.Expr]


@dataclass(frozen=True)
class Dialect:
    """What a target wants of its programs.

    Attributes
    ----------
    rewritings : tuple of callables
        Done to each formula before it is hoisted and shared.
    reciprocal_roots : {"", "normal", "all"}
        Whether 1/sqrt(x) is one operation: never, where x is surely a normal number, always.
    copysign : bool
        Whether the sign goes on to a nonnegative value as bits, or by a product.
    passes : tuple of callables
        From one program to the next.
    tables : bool
        Whether long splines are looked up.
    """

    rewritings: tuple[Rewriting, ...] = ()
    reciprocal_roots: str = ""
    copysign: bool = False
    passes: tuple[Pass, ...] = ()
    tables: bool = False


def lowered(formulas: Formulas, dialect: Dialect) -> Program:
    """The program of formulas, before the passes of the dialect."""
    names = dict(_NAMES)
    scalar = _Cutter(names, dialect, frozenset())
    for constant in formulas.constants:
        scalar.name(constant, constant.name)
    coefficients = tuple((name, scalar.operand(expr)) for name, expr in formulas.coefficients)
    exact = {constant.symbol: constant.expr for constant in formulas.constants}
    branches = tuple(_branch(case, k, names, dialect, exact) for k, case in enumerate(formulas.cases))
    program = Program(formulas.parameters, tuple(scalar.found), coefficients, (), branches, formulas.outputs)
    if formulas.argument == Q:
        return replace(program, inputs=(SQUARE,), size=SQUARE)
    shared = []
    if program.uses(SIZE) or len(branches) > 1:
        shared.append(Instruction(SIZE, Operation.MODULUS, (SLOPE,), True))
    if program.uses(SIGN):
        shared.append(Instruction(SIGN, Operation.SIGN, (SLOPE,), True))
    return replace(program, shared=tuple(shared))


def cut(
    expr: sp.Expr, dialect: Dialect | None = None, *, exact_constants: bool = False, turn: int = 0
) -> tuple[tuple[Instruction, ...], Operand]:
    """One formula alone: its instructions, and the value; with exact constants what parameters alone decide is one.

    A turn begins each sum with another term than the first: which one that is depends on how parts of it are named.

    Examples
    --------
    >>> instructions, value = cut(R * sp.exp(-(R**2)))
    >>> print(*instructions, value, sep="; ")
    %0 = neg(r); %1 = mul(%0, r); %2 = exp(%1); %3 = mul(r, %2); %3
    >>> b = sp.Symbol("b", positive=True)
    >>> print(*cut(sp.exp(-(b**2) * A) + b / 2 + 1, exact_constants=True)[0], sep="; ")
    %0 = mul(-b**2, a); %1 = exp(%0); %2 = add(b/2 + 1, %1)
    """
    cutter = _Cutter(dict(_NAMES), dialect or Dialect(), VARYING, exact_constants=exact_constants, turn=turn)
    value = cutter.operand(expr)
    return tuple(cutter.found), value


def _branch(
    case: Case, index: int, names: Mapping[sp.Expr, str], dialect: Dialect, constants: Mapping[sp.Symbol, sp.Expr]
) -> Branch:
    """Each has temporaries of its own, since all may be computed in one scope."""
    suffix = f"_{index}" if index else ""
    bound = next((symbol for symbol in constants if symbol.name == case.bound), None)
    cutter = _Cutter(dict(names), dialect, VARYING, f"%{index}.", bound, constants)
    for temporary in case.temporaries:
        cutter.name(temporary, temporary.name + suffix)
    outputs = tuple(cutter.operand(value) for value in case.values)
    return Branch(case.bound, case.relation, tuple(cutter.found), outputs)


class _Cutter:
    """Makes instructions of formulas; a value that is named is cut once, whatever else is a tree."""

    def __init__(
        self,
        names: dict[sp.Expr, str],
        dialect: Dialect,
        varying: frozenset[str],
        prefix: str = "%",
        bound: sp.Symbol | None = None,
        constants: Mapping[sp.Symbol, sp.Expr] | None = None,
        exact_constants: bool = False,
        turn: int = 0,
    ) -> None:
        self.found: list[Instruction] = []
        self._names = names
        self._dialect = dialect
        self._varying = set(varying)
        self._meaning: dict[sp.Expr, sp.Expr] = {}
        self._prefix = prefix
        self._bound, self._constants = bound, constants or {}
        self._exact_constants = exact_constants
        self._turn = turn

    def name(self, named: Named, name: str) -> None:
        """Cut a formula under a name."""
        value = self.operand(named.expr)
        if isinstance(value, str) and value.startswith("%"):  # just made
            self.found[-1] = replace(self.found[-1], result=name)
            if self.found[-1].varies:
                self._varying.add(name)
        else:
            self._emit(Operation.COPY, value, name=name)
        self._names[named.symbol] = name
        self._meaning[named.symbol] = named.expr

    def operand(self, expr: sp.Expr) -> Operand:
        """The value of a formula: a name, or a number."""
        if self._is_exact(expr) and not expr.has(sp.nan, sp.zoo):
            return expr
        if expr.is_Symbol:
            return self._names.get(expr, expr.name)
        if isinstance(expr, sp.Add):
            return self._sum(expr)
        if isinstance(expr, sp.Mul):
            return self._product(expr)
        if isinstance(expr, Scaled):
            return self._emit(Operation.MULTIPLY, *map(self.operand, expr.args))
        if isinstance(expr, sp.Pow):
            return self._product(expr) if expr.exp.could_extract_minus_sign() else self._power(expr.base, expr.exp)
        if isinstance(expr, expm1) and away_from_zero(expr.args[0]).is_nonpositive:
            return self._emit(Operation.EXPM1_NEGATIVE, self.operand(expr.args[0]))
        if isinstance(expr, sp.sign):  # of 0 it is that of one side, and the slope one of the two at a break
            return self._emit(Operation.COPYSIGN, sp.S.One, self.operand(expr.args[0]))
        if type(expr) in FUNCTIONS:
            return self._emit(FUNCTIONS[type(expr)], *map(self.operand, expr.args))
        if isinstance(expr, sp.Max | sp.Min):
            operation = Operation.MAXIMUM if isinstance(expr, sp.Max) else Operation.MINIMUM
            return self._all(operation, map(self.operand, sorted(expr.args, key=self._uniform_first)))
        if isinstance(expr, sp.Piecewise) and not moves(expr):
            return self._chosen(expr)
        raise NonlinearityError(
            f"{type(expr).__name__} has no form in a kernel (in {expr}); kernels are made of "
            + ", ".join(sorted(f.__name__ for f in FUNCTIONS))
        )

    def _is_exact(self, expr: sp.Expr) -> bool:
        return bool(expr.is_number) or (self._exact_constants and not moves(expr))

    def _emit(self, operation: Operation, *arguments: Operand, name: str = "") -> str:
        name = name or f"{self._prefix}{len(self.found)}"
        varies = not self._varying.isdisjoint(a for a in arguments if isinstance(a, str))
        self.found.append(Instruction(name, operation, arguments, varies))
        if varies:
            self._varying.add(name)
        return name

    def _uniform_first(self, expr: sp.Expr) -> Any:
        """Of a number and NaN, the minimum of most processors is the second: what depends on r comes last."""
        return moves(expr), sp.default_sort_key(expr)

    def _all(self, operation: Operation, operands: Iterable[Operand]) -> Operand:
        first, *others = operands
        for other in others:
            first = self._emit(operation, first, other)
        return first

    def _sum(self, expr: sp.Add) -> Operand:
        """Terms with a minus sign last, where they are subtracted."""
        exact, moving = sift(expr.args, self._is_exact, binary=True)
        terms = [*moving, sp.Add(*exact)] if exact else moving
        terms.sort(key=lambda t: (t.could_extract_minus_sign(), sp.default_sort_key(t)))
        start = self._turn % len(terms)
        first, *others = terms[start:] + terms[:start]
        total = self.operand(first)
        for term in others:
            negative = term.could_extract_minus_sign()
            value = self.operand(-term if negative else term)
            total = self._emit(Operation.SUBTRACT if negative else Operation.ADD, total, value)
        return total

    def _product(self, expr: sp.Expr) -> Operand:
        """The factors above the line from left to right, over those below it."""
        factors = sp.Mul.make_args(expr)
        if self._dialect.copysign and S in factors:
            rest = sp.Mul(*(f for f in factors if f != S))
            if rest.is_nonnegative:
                return self._emit(Operation.COPYSIGN, self.operand(rest), SLOPE)
        exact, moving = sift(factors, self._is_exact, binary=True)
        coefficient = sp.Mul(*exact)
        above: list[Operand] = [] if coefficient in (1, -1) else [coefficient]
        below: list[Operand] = []
        for factor in sp.Mul.make_args(sp.Mul(*moving)):
            if not isinstance(factor, sp.Pow):
                above.append(self.operand(factor))
            elif not factor.exp.could_extract_minus_sign():
                above += self._factors(factor.base, factor.exp)
            elif self._has_reciprocal_root(factor):
                above += [self._emit(Operation.RECIPROCAL_ROOT, self.operand(factor.base))] * int(-2 * factor.exp)
            else:
                below.append(self._power(factor.base, -factor.exp))
        if coefficient == -1:
            above[:1] = [self._emit(Operation.NEGATIVE, above[0]) if above else sp.S.NegativeOne]
        result = self._all(Operation.MULTIPLY, above or [sp.S.One])
        return self._emit(Operation.DIVIDE, result, self._all(Operation.MULTIPLY, below)) if below else result

    def _has_reciprocal_root(self, power: sp.Pow) -> bool:
        """Whether x^(-1/2), or x^(-3/2) as its cube, takes one operation."""
        exponents = (-sp.S.Half, -3 * sp.S.Half) if power.base.is_Symbol else (-sp.S.Half,)
        if power.exp not in exponents or not self._dialect.reciprocal_roots or not moves(power):
            return False
        meaning = self._meaning.get(power.base, power.base)
        if self._bound is not None:  # q is larger, and q times a constant is then no less than a number or a parameter
            factors = meaning.args if isinstance(meaning, Scaled) else sp.Mul.make_args(meaning)
            if Q in factors:
                least = sp.Mul(self._bound, *(factor for factor in factors if factor != Q)).xreplace(self._constants)
                number, rest = least.as_coeff_Mul()
                return power.base == Q or bool(number >= 1 and (rest == 1 or rest.is_Symbol))
        # a constant of a kernel is a normal number: with something nonnegative added it stays one
        terms = sp.Add.make_args(meaning)
        is_normal = all(t.is_nonnegative for t in terms) and any(t.is_positive and not moves(t) for t in terms)
        return is_normal or self._dialect.reciprocal_roots == "all"

    def _power(self, base: sp.Expr, exponent: sp.Expr) -> Operand:
        return self._all(Operation.MULTIPLY, self._factors(base, exponent))

    def _factors(self, base: sp.Expr, exponent: sp.Expr) -> list[Operand]:
        """A positive power as a product of its base, and perhaps a square root; else one call of pow."""
        if base == A and exponent.is_even:
            base = R
        doubled = 2 * exponent
        if doubled == 2:
            return [self.operand(base)]
        whole = exponent.is_Integer and exponent <= _LONGEST_CHAIN
        if doubled == 1 or (base.is_Symbol and doubled.is_Integer and (whole or doubled <= 8)):
            value = self.operand(base)
            root = [self._emit(Operation.SQRT, value)] if doubled % 2 else []
            return [value] * (int(doubled) // 2) + root
        return [self._emit(Operation.POWER, self.operand(base), self.operand(exponent))]

    def _chosen(self, expr: sp.Piecewise) -> Operand:
        """A constant whose formula depends on the parameters."""
        result = self.operand(expr.args[-1].expr)
        for value, condition in expr.args[-2::-1]:
            holds = self._condition(condition.to_nnf(simplify=False))
            result = self._emit(Operation.CHOOSE, holds, self.operand(value), result)
        return result

    def _condition(self, condition: sp.Basic) -> Operand:
        if isinstance(condition, sp.And | sp.Or):
            operation = Operation.AND if isinstance(condition, sp.And) else Operation.OR
            return self._all(operation, map(self._condition, condition.args))
        if isinstance(condition, sp.Rel):
            sides = self.operand(condition.lhs), self.operand(condition.rhs)
            return self._emit(COMPARISONS[condition.rel_op], *sides)
        raise NonlinearityError(f"the condition {condition} has no form in a kernel")
