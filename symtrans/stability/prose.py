"""Kinds and certificates in plain words: one line of text, or a paragraph."""

from collections.abc import Mapping

import sympy as sp

from symtrans.calculus.algebra.comparisons import sign
from symtrans.calculus.functions.splines import Spline
from symtrans.calculus.undecided import Sentence, decided, text_of
from symtrans.language.cases import replaced
from symtrans.language.constants import definition, named, shortened
from symtrans.language.notation import ABOVE, AT_MOST, TAU
from symtrans.language.spelling import Spelt
from symtrans.language.text_printer import plain
from symtrans.nonlinearity.kind import Kind
from symtrans.nonlinearity.kinds import Activation, Diffusivity
from symtrans.nonlinearity.knot_table import knot_table
from symtrans.schemes import Scheme
from symtrans.schemes.grid import Grid
from symtrans.stability.certificate import Certificate
from symtrans.stability.evidence import Bound, Evidence

_H_1, _H_2 = sp.symbols("h_1 h_2", positive=True)


def plain_formula(nonlinearity: Kind) -> str:
    """The formula of a kind as text that the same kind reads back."""
    return plain(nonlinearity.written, nonlinearity.variable)


def stated(*kinds: Kind) -> tuple[list[sp.Expr], Mapping[sp.Expr, Spelt]]:
    """Formulas for people, in which long constants have a name, and what the names stand for."""
    formulas = [kind.written for kind in kinds]
    taken = {symbol.name for formula in formulas for symbol in formula.free_symbols}
    splines = [kind.is_settled and isinstance(kind.half, Spline) for kind in kinds]  # their many numbers have no names
    names = named([formula for formula, is_spline in zip(formulas, splines, strict=True) if not is_spline], taken)
    return [replaced(formula, names) for formula in formulas], names


def formula_text(nonlinearity: Kind, formula: sp.Expr, *, is_abridged: bool = False) -> str:
    """A formula that was stated as a line of text; a long spline as its knots."""
    table = knot_table(nonlinearity)
    return plain(formula, nonlinearity.variable, is_abridged=is_abridged) if table is None else str(table)


def stated_formula(nonlinearity: Kind, *, is_abridged: bool = False) -> str:
    """The formula for people, with what its names of constants stand for."""
    (formula,), names = stated(nonlinearity)
    text = formula_text(nonlinearity, formula, is_abridged=is_abridged)
    return ", ".join([text, *(definition(value, name) for value, name in names.items())])


def formula_in_r(nonlinearity: Kind) -> str:
    """What stands behind "Phi(r) =", whatever the variable is called: "tanh(x) at x = r"."""
    variable = nonlinearity.variable
    return stated_formula(nonlinearity) + f" at {variable} = r" * (str(variable) != "r")


def short_formula(nonlinearity: Kind) -> str:
    """The formula for people: of very many pieces the first and the last."""
    return stated_formula(nonlinearity, is_abridged=True)


def _text(certificate: Certificate, value: sp.Basic) -> str:
    """A value as the reader of this certificate writes it: decimals as they came, long constants by their digits."""
    return plain(shortened(certificate.source.names.written(value)))


def statements(certificate: Certificate, grid: Grid, scheme: Scheme) -> tuple[str, ...]:
    """The certificate for the head of a generated file: one statement a line."""
    lines = []
    for name, bound in (
        ("sup g    ", certificate.g_max),
        ("inf g    ", certificate.g_min),
        ("Lipschitz", certificate.lipschitz),
    ):
        value = "unknown" if bound.value is None else _text(certificate, bound.value)
        lines.append(f"{name} = {value} ({bound.evidence.value}: {bound.reason})")
    steps = certificate.steps(grid, scheme=scheme)
    for rule in scheme.rules:
        bound, meaning = steps[rule.name], rule.claim_on(grid)
        if bound.value is None:
            lines.append(f"unknown: whether {meaning}")
        elif bound.value == 0:
            lines.append(f"{bound.evidence.value}: no tau > 0 guarantees that {meaning}")
        else:
            lines.append(f"{bound.evidence.value}: {meaning} {_for_steps(certificate, bound.value)}")
    return tuple(lines)


def for_steps(largest: sp.Expr) -> Sentence:
    """For which time steps something holds.

    Examples
    --------
    >>> [text_of(for_steps(step)) for step in (sp.S.Half, sp.oo, sp.S.Zero)]
    ['for tau <= 1/2', 'for every tau', 'for no tau > 0']
    """
    if largest is sp.oo:
        return "for every ", TAU
    return ("for no ", TAU, ABOVE, largest) if largest == 0 else ("for ", TAU, AT_MOST, largest)


def _for_steps(certificate: Certificate, largest: sp.Expr) -> str:
    return text_of(for_steps(largest), lambda value: _text(certificate, value))


def explain(certificate: Certificate) -> str:
    """The certificate as a paragraph.

    Examples
    --------
    >>> from symtrans import certify
    >>> from symtrans import Diffusivity
    >>> print(explain(certify(Diffusivity("1"))))  # doctest: +ELLIPSIS
    The activation Phi(r) = r is odd and infinitely often differentiable. Its diffusivity...
    """
    if why := certificate.source.why_no(Activation):
        return f"Nothing holds of its activation: {why}."
    sentences = [_regularity(certificate), _range(certificate), *_stability(certificate), _slopes(certificate)]
    sentences += [_class(certificate), _distances(certificate), _energy(certificate)]
    return " ".join(s for s in sentences if s)


def _number(c: Certificate, expr: sp.Expr) -> str:
    text = _text(c, expr)
    if expr.free_symbols or expr.is_Rational or expr in (sp.oo, -sp.oo) or "..." in text:
        return text
    return f"{text} ({sp.N(expr, 4)})"


def _at(c: Certificate, bound: Bound) -> str:
    if bound.attained is not None:
        return f", attained at {c.source.variable} = {_text(c, bound.attained)}"
    return ", not attained" if bound.is_attained is False else ""


def _regularity(c: Certificate) -> str:
    v = c.source.variable
    given = " and ".join(_text(c, relation) for relation in c.source.assumed)
    formula = "" if c.converted is None else f" = {short_formula(c.converted)}"
    lead = f"{f'Under {given}, the' if given else 'The'} activation Phi({v}){formula} is odd"
    if c.jumps:
        places = ", ".join(f"|{v}| = {_text(c, j.place)} (height {_text(c, j.height)})" for j in c.jumps)
        return f"{lead} and jumps at {places}."
    if c.smoothness is not None:
        return f"{lead} and {_differentiable(c, sp.S.Zero + c.smoothness)}."
    if c.continuous.value:
        return f"{lead} and continuous."
    return f"{lead}; whether it is continuous is not known ({c.continuous.reason})."


def _differentiable(c: Certificate, times: sp.Expr) -> str:
    if isinstance(times, sp.Piecewise):
        *cases, (other, _) = times.args
        told = (f"{_differentiable(c, value)} if {_holds(c, condition)}" for value, condition in cases)
        return f"{', '.join(told)}, else {_differentiable(c, other)}"
    if times is sp.oo:
        return "infinitely often differentiable"
    if times == 0:
        return "continuous, but not differentiable everywhere"
    return f"{_TIMES.get(times) or f'{_text(c, times)} times'} continuously differentiable"


_TIMES = {1: "once", 2: "twice"}


def _holds(c: Certificate, condition: sp.Basic) -> str:
    if isinstance(condition, sp.Eq) and isinstance(condition.lhs, sp.Mod) and condition.lhs.args[1] == 2:
        return f"{_text(c, condition.lhs.args[0])} is an {'odd' if condition.rhs == 1 else 'even'} integer"
    return _text(c, condition)


def _range(c: Certificate) -> str:
    if c.g_max.value is None and c.g_min.value is None:
        return f"The range of its diffusivity g is not known ({c.g_max.reason})."
    if c.g_max.value is None or c.g_min.value is None:
        return f"Its diffusivity g {_one_side(c, c.g_max, c.g_min)}."
    enclosed = Evidence.ENCLOSED in (c.g_max.evidence, c.g_min.evidence)
    evidence = Evidence.ENCLOSED if enclosed else Evidence.PROVED
    if c.g_max.value == c.g_min.value:
        known = "".join(f": Phi is {line}" for line in disguises(c.activation))
        return f"Its diffusivity g is constant, {_number(c, c.g_max.value)}{known}."
    return (
        f"Its diffusivity g has the supremum {_number(c, c.g_max.value)}{_at(c, c.g_max)}, and the infimum "
        f"{_number(c, c.g_min.value)}{_at(c, c.g_min)} ({evidence.value}: {c.g_max.reason})."
    )


def _one_side(c: Certificate, upper: Bound, lower: Bound) -> str:
    """Of two bounds the one that is known, and why the other is not."""
    sides = {"supremum": upper, "infimum": lower}
    known, other = sorted(sides, key=lambda side: sides[side].value is None)
    bound = sides[known]
    assert bound.value is not None
    return (
        f"has the {known} {_number(c, bound.value)}{_at(c, bound)} ({bound.evidence.value}: {bound.reason}); its "
        f"{other} is not known ({sides[other].reason})"
    )


def _stability(c: Certificate) -> list[str]:
    h = sp.Symbol("h", positive=True)
    steps = c.steps(h)
    max_min, sign_ = steps["max_min_step"], steps["sign_step"]
    if max_min.value is None:
        return [f"Whether any time step is stable is not known ({max_min.reason})."]
    if max_min.value == 0:
        why = "g is unbounded" if c.g_max.value is sp.oo else "g takes negative values"
        return [f"No time step tau > 0 keeps the maximum-minimum principle, because {why}."]
    if max_min.value is sp.oo:
        return ["Nothing is ever changed, so every time step is stable."]
    kept = "Hence a network of any number of blocks keeps the range of its input, min f <= u <= max f,"
    bound = f"tau <= {_text(c, max_min.value)}"
    if max_min.evidence is Evidence.PROVED:
        kept += f" just when {bound}; a larger tau breaks it for some signal of three samples."
    else:
        kept += f" for {bound}, which is sharp but for the width of the enclosure of sup g."
    many = c.steps((_H_1, _H_2))["max_min_step"].value
    return [
        kept,
        f"The number of sign changes never grows {_for_steps(c, sign_.value)}.",
        f"Of images the range is kept {_for_steps(c, many)}; signs are not stable in more than one dimension.",
    ]


def _slopes(c: Certificate) -> str:
    low, high, steepest = c.slope_min, c.slope_max, c.lipschitz
    if steepest.value is sp.oo:
        return "Its Lipschitz constant is infinite, so that Theorem 2 of the paper says nothing; the bounds on g do."
    if low.value is None and high.value is None:
        return f"The slopes of Phi are not known ({high.reason})."
    if low.value is None or high.value is None:
        text = f"Its slope {_one_side(c, high, low)}"
    elif low.value == high.value:
        return f"Its slope is constant, {_number(c, high.value)}."
    else:
        text = (
            f"Its slope lies between {_number(c, low.value)}{_at(c, low)}, and {_number(c, high.value)}{_at(c, high)}"
        )
    if steepest.value is None:
        return f"{text}; its Lipschitz constant is not known ({steepest.reason})."
    text += f"; its Lipschitz constant is L = {_number(c, steepest.value)}"
    theorem = c.theorem2_step(sp.Symbol("h", positive=True))
    if theorem is None or theorem == 0:
        return text + "."
    if steepest.value == c.g_max.value:
        return text + " = sup g, so that the bound of Theorem 2 is sharp."
    sharp = "which is safe but not sharp" if _exceeds(c, steepest, c.g_max) else "which is safe, and sharp if L = sup g"
    return text + f", so that Theorem 2 asks for tau <= {_text(c, theorem)}, {sharp}."


def disguises(kind: Kind) -> list[str]:
    """A line on a formula that looks like more than the multiple of the identity that it is; else none."""
    if not isinstance(kind, Activation) or kind.inner.is_Piecewise or kind.inner.has(sp.Integral):
        return []
    slope = kind.to(Diffusivity).expr
    if slope.free_symbols & {kind.variable} or kind.expr == slope * kind.variable:
        return []
    return [f"the identity {plain(slope * kind.variable, kind.variable)} in disguise"]


def _exceeds(c: Certificate, one: Bound, other: Bound) -> bool:
    """Whether the first of two bounds is proved to be larger, for all parameters."""
    if one.value is None or other.value is None or sp.Tuple(one.value, other.value).has(sp.Piecewise):
        return False
    if one.lower is not None and other.upper is not None and not (one.lower - other.upper).free_symbols:
        return bool(one.lower > other.upper)
    return decided(sign, c.source.names.inward(one.value - other.value)) == 1


def _class(c: Certificate) -> str:
    verdict = c.monotone
    if verdict.value:
        return "Phi is increasing and Psi convex: the filter reduces contrast (class 1 of the paper)."
    if verdict.value is False:
        return "Phi is not monotone and Psi not convex: the filter may enhance contrast (class 2 of the paper)."
    if verdict.evidence is Evidence.UNKNOWN:
        return f"Whether Phi is increasing is not known ({verdict.reason})."
    return f"Phi is increasing, and Psi convex, just when {_text(c, verdict.when)}."


def _distances(c: Certificate) -> str:
    step = c.nonexpansive_step(sp.Symbol("h", positive=True))
    if step is None:
        return ""
    if step == 0:
        return (
            "No time step keeps all distances between two signals from growing: stability of the range is not "
            "robustness to small changes of the input."
        )
    return f"The distance between two filtered signals never grows, in the norms 1, 2 and oo, {_for_steps(c, step)}."


def _energy(c: Certificate) -> str:
    step = c.energy_step(sp.Symbol("h", positive=True))
    if step is None or step == 0:
        return ""
    return f"The energy sum of Psi(D+ u) never rises {_for_steps(c, step)}."
