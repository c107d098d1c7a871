"""Functions with breaks, |.|, sgn, Max, Min and comparisons: whose sign decides them, and what they are then."""

from collections.abc import Container
from itertools import combinations

import sympy as sp
from sympy.core.relational import Relational

from symtrans.calculus.algebra.canonical import X

_SIGN_LIKE = (sp.Abs, sp.sign, sp.Heaviside)
CONTINUOUS = (sp.Abs, sp.Max, sp.Min)
"""What is continuous wherever its arguments are."""
_ROUGH = (*_SIGN_LIKE, sp.Max, sp.Min, Relational)


def is_rough(expr: sp.Basic) -> bool:
    """Whether the variable occurs in a node that may have breaks."""
    return any(X in node.free_symbols for node in expr.atoms(*_ROUGH))


def is_continuous(expr: sp.Basic) -> bool:
    """Whether each of these nodes is continuous in its arguments: those of a function are, its derivative has jumps."""
    return all(isinstance(node, CONTINUOUS) or X not in node.free_symbols for node in expr.atoms(*_ROUGH))


def innermost_rough(expr: sp.Basic, variable: sp.Symbol, kept: Container[sp.Basic] = ()) -> sp.Basic | None:
    """A rough node that depends on `variable` and holds no rough node itself but such as are `kept`.

    Conditions come before what they guard: a branch that is not taken must
    not be asked for its value.
    """
    if variable not in expr.free_symbols:
        return None
    parts = expr.args
    if isinstance(expr, sp.Piecewise):
        parts = (*(case.cond for case in expr.args), *(case.expr for case in expr.args))
    for part in parts:
        inner = innermost_rough(part, variable, kept)
        if inner is not None:
            return inner
    return expr if isinstance(expr, _ROUGH) and expr not in kept else None


def switch_of(node: sp.Basic, variable: sp.Symbol) -> sp.Expr:
    """The expression whose sign decides the node."""
    if isinstance(node, Relational):
        return node.lhs - node.rhs
    if isinstance(node, _SIGN_LIKE):
        return node.args[0]
    first, second = _pair(node, variable)
    return first - second


def _pair(node: sp.Basic, variable: sp.Symbol) -> tuple[sp.Expr, sp.Expr]:
    """Two arguments of a Max or Min, at least one of which holds the variable."""
    arguments = sorted(node.args, key=sp.default_sort_key)
    first = next(a for a in arguments if variable in a.free_symbols)
    return first, next(a for a in arguments if a is not first)


def switches_of(expr: sp.Basic) -> list[sp.Expr]:
    """What changes its sign at each break: of each |u| it is u, of each max(u, v, w) the differences."""
    found: dict[sp.Expr, None] = {}
    for node in sorted(expr.atoms(*CONTINUOUS), key=sp.default_sort_key):
        pairs = combinations(node.args, 2)
        found |= dict.fromkeys(node.args if isinstance(node, sp.Abs) else (a - b for a, b in pairs))
    return [switch for switch in found if X in switch.free_symbols]


def without_signs(expr: sp.Expr) -> sp.Expr:
    """The same with |u| for u sgn(u), and u for |u| sgn(u), which show that nothing jumps.

    Examples
    --------
    >>> without_signs(sp.sin(X) * sp.sign(sp.cos(X)) * sp.cos(X))
    sin(_x)*Abs(cos(_x))
    """

    def joined(product: sp.Mul) -> sp.Expr:
        powers: dict[sp.Expr, sp.Expr] = {}
        for factor in product.args:
            base, exponent = factor.as_base_exp()
            powers[base] = powers.get(base, sp.S.Zero) + exponent
        total = product
        for sign in (base for base in powers if isinstance(base, sp.sign)):
            (u,) = sign.args
            for part, whole in ((u, sp.Abs(u)), (-u, -sp.Abs(u)), (sp.Abs(u), u)):
                if powers[sign].is_odd and (powers.get(part, sp.S.Zero) - 1).is_nonnegative:
                    total = total / (sign ** powers[sign] * part) * whole
                    break
        return total

    return expr.replace(lambda node: isinstance(node, sp.Mul) and node.has(sp.sign), joined)


def settled(node: sp.Basic, sign_: int, variable: sp.Symbol) -> sp.Basic:
    """What a node amounts to, given the sign of its switch."""
    if isinstance(node, Relational):
        return sp.true if holds(node, sign_) else sp.false
    if isinstance(node, sp.Abs):
        return sign_ * node.args[0]
    if isinstance(node, sp.sign):
        return sp.Integer(sign_)
    if isinstance(node, sp.Heaviside):
        return sp.Integer(sign_ > 0) if sign_ else node.args[1]
    first, second = _pair(node, variable)
    keep_first = sign_ >= 0 if isinstance(node, sp.Max) else sign_ <= 0
    rest = [a for a in node.args if a is not (second if keep_first else first)]
    return node.func(*rest, evaluate=False) if len(rest) > 1 else rest[0]  # SymPy would compare each with each


def holds(relation: Relational, sign_: int) -> bool:
    """Whether a comparison holds, given the sign of left - right."""
    return {
        "<": sign_ < 0,
        "<=": sign_ <= 0,
        ">": sign_ > 0,
        ">=": sign_ >= 0,
        "==": sign_ == 0,
        "!=": sign_ != 0,
    }[relation.rel_op]
