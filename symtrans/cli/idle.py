"""Options that another one leaves without meaning: they would be passed over in silence."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from symtrans.errors import NonlinearityError


class Idle(NamedTuple):
    """Options of a command that say nothing beside another one, or without it."""

    options: tuple[str, ...]
    other: str
    beside: bool = True


_OF_A_FORMULA = ("kind", "variable", "latex_in")
_OF_FAMILIES = (*_OF_A_FORMULA, "assume", "order", "assign", "plainly", "columns")
_OF_LATEX = ("form", "standalone", "caption", "label", "per_page", "width", "fit")
_IDLE: Mapping[str, tuple[Idle, ...]] = {
    "denoise": (Idle(("seed",), "noise", beside=False), Idle(("target",), "compare")),
    "translate": (Idle(("plainly",), "as_latex"), Idle(("plainly",), "as_json")),
    "certify": (Idle(("details",), "as_json"),),
    "table": (
        Idle(_OF_A_FORMULA, "families", beside=False),
        Idle(_OF_FAMILIES, "rules"),
        Idle((*_OF_FAMILIES, *_OF_LATEX), "bibliography"),
        Idle(("plainly", "as_json"), "curves"),
        Idle(("plainly",), "certificates"),
        Idle(("plainly", "columns"), "as_json"),
    ),
    "report": (Idle(_OF_A_FORMULA, "nonlinearities", beside=False),),
}


def refuse_idle(context: Any) -> None:
    """Refuse what was typed and would not be looked at."""
    options = {one.name: max(one.opts, key=len) for one in context.command.params}
    names = {"families": "names of families", "nonlinearities": "names or a formula"}

    def is_given(name: str) -> bool:
        source = context.get_parameter_source(name)
        return source is not None and source.name == "COMMANDLINE" and bool(context.params.get(name))

    for rule in _IDLE.get(context.info_name, ()):
        for name in rule.options:
            if name in options and is_given(name) and is_given(rule.other) == rule.beside:
                how = "beside" if rule.beside else "without"
                other = names.get(rule.other, options[rule.other])
                raise NonlinearityError(f"{options[name]} says nothing {how} {other}; leave it out")
