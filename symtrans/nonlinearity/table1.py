"""Table 1 of the paper: twelve rules as data, and how a rule is carried out on the half line.

Each rule is one SymPy formula with an undefined function in it. Its LaTeX is
what Table 1 prints; its application to a nonlinearity is carried out piece by
piece. There is no other place where a translation is written.
"""

from collections.abc import Mapping
from functools import lru_cache

import sympy as sp
from sympy.core.function import AppliedUndef

from symtrans.calculus.functions.assumptions import in_every_region, restricted
from symtrans.calculus.functions.half_line import HalfLine, Parity
from symtrans.calculus.functions.splines import as_spline
from symtrans.calculus.signs.regions import Region
from symtrans.language.symbols import r

x = sp.Symbol("x", real=True)
tau = sp.Symbol("tau", positive=True)
alpha = sp.Symbol("alpha", positive=True)
g, Psi, Psi_prime, S, Phi = map(sp.Function, ("g", "Psi", "Psi'", "S", "Phi"))
_root2 = sp.sqrt(2)


@lru_cache(maxsize=1)
def formulas() -> Mapping[tuple[str, str], sp.Expr]:
    """The twelve rules by the letters of source and target, built when first asked for: an import does not wait.

    The regularisation parameter `alpha` of the variational model (eq. 14) is `tau` for one explicit step.
    """
    return {
        ("g", "Psi"): 2 * sp.Integral(g(x) * x, (x, 0, r)),
        ("g", "S"): r * (1 - 4 * tau * g(_root2 * r)),
        ("g", "Phi"): g(r) * r,
        ("Psi", "g"): Psi_prime(r) / (2 * r),
        ("Psi", "S"): r - _root2 * alpha * Psi_prime(_root2 * r),
        ("Psi", "Phi"): Psi_prime(r) / 2,
        ("S", "g"): (1 - _root2 / r * S(r / _root2)) / (4 * tau),
        ("S", "Psi"): (r**2 - 2 * _root2 * sp.Integral(S(x / _root2), (x, 0, r))) / (4 * alpha),
        ("S", "Phi"): (r - _root2 * S(r / _root2)) / (4 * tau),
        ("Phi", "g"): Phi(r) / r,
        ("Phi", "Psi"): 2 * sp.Integral(Phi(x), (x, 0, r)),
        ("Phi", "S"): r - 2 * _root2 * tau * Phi(_root2 * r),
    }


def carried_out(
    rule: tuple[str, str],
    source: HalfLine,
    parity: Parity,
    step: sp.Expr,
    assumptions: tuple[sp.Basic, ...],
    budget: float,
) -> HalfLine:
    """The target of a rule for the function at hand, in every region of the parameters.

    `parity` is that of the target; a diffusivity takes its value at 0 from the limit, the others are 0 there.
    """
    formula = formulas()[rule].xreplace({alpha: step, tau: step})
    node = _unknown(formula)
    factor = formula / node
    is_multiple = isinstance(node, sp.Integral) and factor.is_number  # whose factor need not be put in afterwards
    origin = None if rule[1] == "g" else sp.S.Zero

    def in_region(region: Region) -> HalfLine:
        if is_multiple:
            return _evaluate(node, restricted(source, region), budget, factor)
        known = _evaluate(node, restricted(source, region), budget)
        return known.map(lambda value, place: formula.xreplace({node: value, r: place}), parity, origin)

    return as_spline(in_every_region(assumptions, in_region))


def _unknown(formula: sp.Expr) -> sp.Expr:
    """The integral, or else the unknown function, of a rule: each rule has exactly one."""
    nodes = formula.atoms(sp.Integral) or formula.atoms(AppliedUndef)
    (node,) = nodes
    return node


def _evaluate(node: sp.Expr, source: HalfLine, budget: float, factor: sp.Expr = sp.S.One) -> HalfLine:
    """F(a r), F'(a r) or a multiple of the integral from 0 to r of c(x) F(a x), for the function at hand."""
    if isinstance(node, sp.Integral):
        from symtrans.calculus.antiderivatives.verification import integral_from_zero  # an import does not wait for it

        integrand, (variable, _, _) = node.args
        call = _unknown(integrand)
        inner = _evaluate(call, source, budget)
        weighted = inner.map(lambda value, place: integrand.xreplace({call: value, variable: place}), Parity.ODD)
        return integral_from_zero(weighted, budget, factor)
    (argument,) = node.args
    function = source.derivative() if node.func == Psi_prime else source
    (variable,) = argument.free_symbols
    return function.scaled(argument / variable)
