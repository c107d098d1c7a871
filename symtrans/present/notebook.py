"""What a notebook shows of a value: formulas, curves, statements and tables in a small piece of HTML."""

from collections.abc import Iterable, Sequence

import numpy as np
from markupsafe import Markup

from symtrans.catalogue import Catalogue
from symtrans.catalogue.family import Family
from symtrans.codegen.network import Network
from symtrans.errors import NonlinearityError
from symtrans.nonlinearity.dictionary import Dictionary
from symtrans.nonlinearity.kind import Kind
from symtrans.nonlinearity.kinds import KINDS
from symtrans.present.curves import Curve, curve_of
from symtrans.present.html import TITLES, statement_lines
from symtrans.present.latex import rule_cell
from symtrans.present.mathml import equation, from_latex, inline
from symtrans.present.text import catalogue_rows, network_text, remarks
from symtrans.runtime.templates import render
from symtrans.stability.certificate import Certificate
from symtrans.stability.prose import disguises

_WIDTH, _HEIGHT = 200.0, 120.0
_MARGIN = 6.0  # room for the dots at the edge
_MOST_TICKS = 60  # those of a long spline would be one black bar


def family_html(family: Family) -> str:
    """The four formulas with their curves, all parameters 1, and the certificate.

    Examples
    --------
    >>> from symtrans.catalogue import catalogue
    >>> family_html(catalogue["soft"]).count("<svg")
    4
    """
    forms = [
        {"title": TITLES[type(form).__name__.lower()], "formula": equation(form), "curve": curve_svg(form)}
        for form in family.forms
    ]
    parameters = Markup(" = ").join(map(inline, family.parameters))
    lines = statement_lines(family.certificate)
    return render(
        "html/glance.html",
        title=family.called,
        forms=forms,
        remarks=remarks(family),
        parameters=parameters,
        statements=lines,
    )


def certificate_html(certificate: Certificate) -> str:
    """The statements with their evidence; the argument of each appears when it is pointed at."""
    known = [f"Φ is {line}" for line in disguises(certificate.source)]
    lines = statement_lines(certificate)
    return render("html/glance.html", title="", forms=[], remarks=known, parameters="", statements=lines)


def dictionary_html(rules: Dictionary) -> str:
    """Table 1: what stands in a row becomes what stands in a column."""
    titles = [TITLES[kind.__name__.lower()] for kind in KINDS]
    rows = [
        [TITLES[source.__name__.lower()], *(from_latex(rule_cell(source, target)) for target in KINDS)]
        for source in KINDS
    ]
    return _table(["from \\ to", *titles], rows)


def catalogue_html(catalogue: Catalogue) -> str:
    """The families, each with its other names and its sources."""
    head, *rows = catalogue_rows(catalogue)
    return _table(head, rows)


def network_html(network: Network) -> str:
    """The activation, how it is applied, and what is proved of the whole."""
    head, _, *said = network_text(network).splitlines()
    lines = Markup("").join(Markup("<li>{}</li>").format(line.strip()) for line in said)
    return Markup("<div><p>{}</p>{}<ul>{}</ul></div>").format(head, equation(network.activation), lines)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose cells are text, or markup."""

    def row(name: str, cells: Sequence[str]) -> Markup:
        one = Markup(f'<{name} style="text-align:left;padding-right:1em">{{}}</{name}>')
        return Markup("<tr>{}</tr>").format(Markup("").join(map(one.format, cells)))

    body = Markup("").join(row("td", cells) for cells in rows)
    return Markup("<table><thead>{}</thead><tbody>{}</tbody></table>").format(row("th", head), body)


def curve_svg(form: Kind) -> Markup | None:
    """The curve with all parameters 1 as an ``<svg>`` element; None if these contradict what is assumed."""
    try:
        curve = curve_of(form, {})
    except NonlinearityError:
        return None
    across, up = [(-curve.extent, 0), (curve.extent, 0)], [(0, curve.low), (0, curve.high)]
    axes = f"M{_points(curve, across)}M{_points(curve, up)}"
    breaks = () if curve.knots or len(curve.breaks) > _MOST_TICKS else curve.breaks
    marks = "".join(f"M{_points(curve, [(side * place, 0)])}m0 -3v6" for place, _ in breaks for side in (-1, 1))
    line = "".join(f"M{_points(curve, part)}" for part in curve.simplified(0.0005))
    dots = [_dot(curve, knot, "#1f5fa8", 1.5) for knot in curve.knots]
    dots += [
        _dot(curve, dot, fill) for group, fill in ((curve.open, "white"), (curve.filled, "#1f5fa8")) for dot in group
    ]
    return Markup(
        f'<svg viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" width="{_WIDTH:g}" height="{_HEIGHT:g}" role="img" '
        f'aria-label="{type(form).__name__}, curve" fill="none" xmlns="http://www.w3.org/2000/svg">'
        f'<path d="{axes}{marks}" stroke="currentColor" stroke-opacity="0.4"/>'
        f'<path d="{line}" stroke="#1f5fa8" stroke-width="2"/>{"".join(dots)}</svg>'
    )


def _points(curve: Curve, points: "Iterable[tuple[float, float]] | np.ndarray") -> str:
    return " ".join("{:.4g},{:.4g}".format(*_at(curve, float(x), float(y))) for x, y in points)


def _at(curve: Curve, x: float, y: float) -> tuple[float, float]:
    """A point of the curve in the coordinates of the picture."""
    across = (x + curve.extent) / (2 * curve.extent)
    up = (y - curve.low) / (curve.high - curve.low)
    return _MARGIN + across * (_WIDTH - 2 * _MARGIN), _HEIGHT - _MARGIN - up * (_HEIGHT - 2 * _MARGIN)


def _dot(curve: Curve, dot: tuple[float, float], fill: str, radius: float = 3.5) -> str:
    x, y = _at(curve, *dot)
    return f'<circle cx="{x:.4g}" cy="{y:.4g}" r="{radius:g}" fill="{fill}" stroke="#1f5fa8" stroke-width="1.5"/>'
