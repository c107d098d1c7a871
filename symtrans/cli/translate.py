"""Commands on one nonlinearity: its four forms, and what is proved of it."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from symtrans.cli import options
from symtrans.cli.options import grid_of, reading_of, with_values
from symtrans.cli.output import echo, echo_forms, echo_json, echo_paragraph, echo_table, echo_title, working
from symtrans.errors import NonlinearityError
from symtrans.runtime.budgets import DEFAULT_BUDGET

if TYPE_CHECKING:
    from symtrans.schemes.grid import Grid
    from symtrans.stability.certificate import Certificate


def translate_command(
    nonlinearity: options.Nonlinearity,
    kind: options.Kind = None,
    tau: options.Tau = None,
    variable: options.Variable = None,
    latex_in: options.LatexIn = False,
    assume: options.Assume = None,
    assign: options.Set = None,
    as_latex: Annotated[bool, typer.Option("--latex", help="Print the row of the LaTeX table.")] = False,
    plainly: options.Plain = False,
    as_json: options.Json = False,
    budget: options.Budget = DEFAULT_BUDGET,
) -> None:
    """Print the four forms of a nonlinearity."""
    from symtrans.present import latex, text
    from symtrans.present.data import family_data

    if as_json and as_latex:
        raise NonlinearityError("--json and --latex are two formats; leave one of them out")
    with working("deriving"):
        reading = reading_of(nonlinearity, kind, variable, tau, latex_in, budget=budget, assume=assume)
        family = with_values(reading, assign, always=True).family
    if as_json:
        echo_json(family_data(family))
    elif as_latex:
        echo(" & ".join(f"${latex.formula_latex(form)}$" for form in family.forms) + r" \\")
    else:
        title = text.heading(family) if family.called else nonlinearity
        echo_title(text.titled(family, title))
        echo_forms(family, plainly)
        for remark in text.remarks(family):
            echo(remark)


_VERDICTS = ("odd", "nonnegative", "monotone", "convex", "continuous")
_STEPS = {
    "max-min": "max_min_step",
    "sign": "sign_step",
    "euclidean": "euclidean_step",
    "nonexpansive": "nonexpansive_step",
    "energy": "energy_step",
}


def _claims(incomplete: str) -> list[str]:
    return [name for name in (*_VERDICTS, *_STEPS) if name.startswith(incomplete)]


def certify(
    nonlinearity: options.Nonlinearity,
    kind: options.Kind = None,
    variable: options.Variable = None,
    latex_in: options.LatexIn = False,
    assume: options.Assume = None,
    assign: options.Set = None,
    tau: options.Tau = None,
    h: options.GridSize = "1",
    coupling: options.Coupling = None,
    channels: options.Channels = False,
    require: Annotated[
        list[str] | None,
        typer.Option(
            "--require",
            metavar="CLAIM",
            help="Exit with 1 unless this is proved: nonnegative, monotone, convex, continuous, "
            "or with --tau: max-min, sign, euclidean, nonexpansive, energy.",
            autocompletion=_claims,
        ),
    ] = None,
    details: Annotated[bool, typer.Option("--details", help="Every statement with its evidence.")] = False,
    as_json: options.Json = False,
    budget: options.Budget = DEFAULT_BUDGET,
) -> None:
    """Say what is proved of a nonlinearity: bounds, verdicts, stable time steps."""
    from symtrans.present import text
    from symtrans.present.data import certificate_data
    from symtrans.stability.prose import explain

    _check_claims(require or [], tau)
    with working("proving"):
        reading = reading_of(nonlinearity, kind, variable, tau, latex_in, budget=budget, assume=assume)
        certificate = with_values(reading, assign, always=True).certificate
    grid = grid_of(h, None, coupling, channels)
    at_tau = {} if tau is None else {name: _comparison(certificate, name, tau, grid) for name in _STEPS}
    if as_json:
        echo_json(certificate_data(certificate, grid) | ({} if tau is None else {"at_tau": _at_tau_data(tau, at_tau)}))
    elif details:
        echo_table(text.certificate_rows(certificate, grid), header=False)
    else:
        echo_paragraph(explain(certificate))
    if tau is not None and not as_json:
        echo_paragraph(_at_tau(tau, at_tau))
    failed = [claim for claim in require or [] if not _holds(certificate, claim, tau, grid)]
    for claim in failed:
        why = f": {at_tau[claim][1]}" if claim in at_tau else ""
        print(f"not proved: {claim}{why}", file=sys.stderr)
    if failed:
        raise typer.Exit(1)


def _check_claims(claims: list[str], tau: str | None) -> None:
    """Refuse what cannot be asked before anything is printed."""
    for claim in claims:
        if claim not in (*_VERDICTS, *_STEPS):
            raise NonlinearityError(f"--require {claim} is none of {', '.join((*_VERDICTS, *_STEPS))}")
        if claim in _STEPS and tau is None:
            raise NonlinearityError(f"--require {claim} needs the time step: --tau 1/4")


def _holds(certificate: "Certificate", claim: str, tau: str | None, grid: "Grid") -> bool:
    """Whether a claim is proved; anything short of that is False."""
    if claim in _VERDICTS:
        return getattr(certificate, claim).value is True
    return _comparison(certificate, claim, str(tau), grid)[0] is True


def _comparison(certificate: "Certificate", claim: str, tau: str, grid: "Grid") -> tuple[bool | None, str]:
    """Whether the time step is within the bound of a claim (None if that is open), and how they compare."""
    from symtrans.language.constants import shortened
    from symtrans.language.symbols import time_step
    from symtrans.language.text_printer import plain

    bound, step = certificate.steps(grid)[_STEPS[claim]].value, time_step(tau)
    if bound is None:
        return None, "its largest step is unknown"
    difference = bound - step
    is_within = True if difference.is_nonnegative else False if difference.is_negative else None
    sign = {True: "<=", False: ">", None: "is to be compared with"}[is_within]
    names = certificate.source.names.spelling(tau)
    return is_within, f"{plain(names.written(step))} {sign} {plain(shortened(names.written(bound)))}"


def _at_tau(tau: str, found: Mapping[str, tuple[bool | None, str]]) -> str:
    """One sentence on a time step: which claims are proved for it, and which are not."""
    proved = ", ".join(f"{name} ({why})" for name, (holds, why) in found.items() if holds)
    open_ = ", ".join(f"{name} ({why})" for name, (holds, why) in found.items() if not holds)
    parts = [f"proved {proved}" if proved else "", f"not proved {open_}" if open_ else ""]
    return f"At tau = {tau}: {'; '.join(filter(None, parts))}."


def _at_tau_data(tau: str, found: Mapping[str, tuple[bool | None, str]]) -> dict[str, Any]:
    from symtrans.language.symbols import time_step
    from symtrans.language.text_printer import plain

    return {"tau": plain(time_step(tau)), **{name: holds for name, (holds, _) in found.items()}}
