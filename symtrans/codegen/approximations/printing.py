"""Programs as text in C, on the vectors of templates/c/vector.h."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from symtrans.codegen.approximations.formats import FORMATS, Format, shortest
from symtrans.codegen.approximations.polynomials import Polynomial
from symtrans.codegen.approximations.rounding import Proof, proof
from symtrans.codegen.approximations.steps import Argument, Step, Table

# The text of each operation; {0}, {1} ... are its arguments, names those of `_constants`.
_TEXT = {
    **dict.fromkeys(("fma", "expm1", "corrected", "add_exponent", "round"), "fma_vec({0}, {1}, {2})"),
    **dict.fromkeys(("add", "sum", "nearest"), "{0} + {1}"),
    **dict.fromkeys(("sub", "part", "rest", "integer", "complement"), "{0} - {1}"),
    **dict.fromkeys(("div", "to_more"), "{0} / {1}"),
    "deficit": "fma_vec(-{0}, {1}, {one})",
    "exp": "fma_vec({0}, {1}, {0})",
    "lookup": "scaled(bits_of({0}))",
    "mul": "{0} * {1}",
    "sqrt": "sqrt_vec({0})",
    "seed": "about_rsqrt({0})",
    "sum_error": "{1} - ({2} - {0})",
    "abs": "abs_vec({0})",
    "min": "min_vec({0}, {1})",
    "max": "max_vec({0}, {1})",
    "copysign": "copysign_vec({0}, {1})",
    "greater": "less_vec({1}, {0})",
    "select": "select_vec({0}, {1}, {2})",
    "small": "less_vec(abs_vec({0}), {1})",
    "power": "of_bits(exponent_up(bits_of({0})))",
    "offset": "add_bits(bits_of({0}), {offset})",
    "exponent": "of_bits(exponent_down({0}) | {shift}) - {shifted}",
    "mantissa": "of_bits(add_bits({0} & {significand}, {root}))",
    "less_one": "{0} - {one}",
    # -(i without its significand) is the complement of those bits and one unit of them
    "inverse_power": "of_bits(add_bits({twice}, add_bits(~{0} & {exponent}, {unit})))",
    "finite": "select_vec(less_vec({0}, splat((real)INFINITY)), {1}, {0})",
    "positive": "select_vec(less_vec({0}, {1}), "
    "select_vec(less_vec({0}, {zero}), splat((real)NAN), splat((real)-INFINITY)), {2})",
}
_KINDS = {"greater": "mvec", "small": "mvec", "offset": "ivec"}  # the others are vec


@dataclass(frozen=True)
class Line:
    """One line of C: a declaration, or a step for all vectors that are abreast."""

    text: str
    comment: str = ""


@dataclass(frozen=True)
class Function:
    """An approximation, ready for templates/c/approximations.h."""

    name: str
    proof: Proof
    lines: tuple[Line, ...]
    otherwise: tuple[Line, ...]
    powers: tuple[str, ...]


def functions(names: list[str], dtype: str) -> list[Function]:
    """The named approximations with their proofs, as text for a template."""
    found = []
    for name in names:
        shown = proof(name, dtype)
        steps, otherwise = (
            (*_declarations(way), *(line for step in way for line in _lines(step, FORMATS[dtype])))
            for way in (shown.program.steps, shown.program.otherwise)
        )
        found.append(Function(name, shown, steps, otherwise, _powers(shown.program.steps, FORMATS[dtype])))
    return found


def _powers(steps: tuple[Step, ...], format: Format) -> tuple[str, ...]:
    """The bits of a table of 2^(j/n), each less j/n of a unit of the exponent; none where no step looks up."""
    for step in steps:
        for table in step.arguments:
            if isinstance(table, Table):
                assert len(table.values) == 8, "templates/c/powers.h looks up eighths"
                unit = 2**format.stored // len(table.values)
                return tuple(hex(_pattern(value, format) - j * unit) for j, value in enumerate(table.values))
    return ()


def literal(number: float, format: Format) -> str:
    """The shortest literal of C that reads back as the same number of the format."""
    return shortest(np.dtype(format.name).type(number)) + ("f" if format.precision == 24 else "")


def _declarations(steps: tuple[Step, ...]) -> list[Line]:
    """Arrays for all steps but the last, which goes into `value`."""
    lines = []
    for kind in ("vec", "ivec", "mvec"):
        names = [f"{step.name}[ABREAST]" for step in steps if _kind(step) == kind and step.name != "value"]
        if names:
            lines.append(Line(f"{kind} {', '.join(names)};"))
    return lines


def _kind(step: Step) -> str:
    return _KINDS.get(step.operation, "vec")


def _lines(step: Step, format: Format) -> list[Line]:
    if step.operation == "polynomial":
        return _horner(step, format)
    if step.operation == "unless":
        mask, value, x = step.arguments
        exact = f"splat({literal(1.0, format)}) / sqrt_vec({x}[each])"
        text = f"EACH({step.name}, select_vec({mask}[each], {value}[each], {exact}))"
        return [Line(f"if (!all_hold(count, {mask})) {{", step.comment), Line(f"    {text}"), Line("}")]
    is_step = _kind(step) == "vec" and step.name != "value"
    return [Line(f"{'STEP' if is_step else 'EACH'}({step.name}, {_expression(step, format)})", step.comment)]


def _horner(step: Step, format: Format) -> list[Line]:
    p, _, z = step.arguments
    assert isinstance(p, Polynomial)
    name = step.name
    first, second, *others = (f"splat({literal(c, format)})" for c in reversed(p.coefficients))
    lines = [Line(f"STEP({name}, fma_vec({first}, {z}[each], {second}))", step.comment)]
    return [*lines, *(Line(f"STEP({name}, fma_vec({name}[each], {z}[each], {c}))") for c in others)]


def _expression(step: Step, format: Format) -> str:
    arguments = [_argument(a, format) for a in step.arguments]
    if step.operation == "reduce":
        n, high, low, t = step.arguments
        assert isinstance(high, float)
        assert isinstance(low, float)
        inner = f"fma_vec({n}[each], splat({literal(-high, format)}), {t}[each])"
        return f"fma_vec({n}[each], splat({literal(-low, format)}), {inner})"
    return _TEXT[step.operation].format(*arguments, **_constants(format))


@lru_cache(maxsize=2)
def _constants(format: Format) -> Mapping[str, str]:
    """Numbers in the text of operations: literals, and integers for the bits of 2^k m with m from sqrt(1/2) up."""
    stored, bias = format.stored, format.bias
    root, shift = _pattern(float(np.sqrt(0.5)), format), 2.0**stored
    integers = {
        "root": root,
        "offset": (bias << stored) - root,
        "unit": 2**stored,
        "significand": 2**stored - 1,
        "exponent": -(2**stored),
        "twice": 2 * bias << stored,
        "shift": _pattern(shift, format),
    }
    literals = {"zero": 0.0, "one": 1.0, "shifted": shift + bias}
    return {name: f"splat_integer({number})" for name, number in integers.items()} | {
        name: f"splat({literal(number, format)})" for name, number in literals.items()
    }


def _pattern(number: float, format: Format) -> int:
    kind = np.float32 if format.precision == 24 else np.float64
    return int(kind(number).view(np.int32 if format.precision == 24 else np.int64))


def _argument(argument: Argument, format: Format) -> str:
    if isinstance(argument, str):
        return f"{argument}[each]"
    return f"splat({literal(float(argument), format)})" if isinstance(argument, float) else str(argument)
