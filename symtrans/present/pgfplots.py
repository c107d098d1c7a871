"""Curves as PGFPlots source: axes through the origin, breaks named, jumps with open and filled dots."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from symtrans.nonlinearity.kind import Kind

if TYPE_CHECKING:
    from symtrans.present.curves import Curve

STYLE = r"""\pgfplotsset{
  symtrans curve/.style={
    width=3.3cm, height=2.2cm, scale only axis, axis lines=middle, axis line style={gray, -{stealth}},
    xtick=\empty, ytick=\empty, tick label style={font=\scriptsize}, clip=false, enlargelimits=0.08},
  symtrans line/.style={mark=none, thick, color={rgb,255:red,0;green,90;blue,160}},
  symtrans filled/.style={only marks, mark=*, mark size=1.3pt, color={rgb,255:red,0;green,90;blue,160}},
  symtrans knots/.style={symtrans filled, mark size=0.7pt},
  symtrans open/.style={symtrans filled, mark options={fill=white}}}"""


def picture(form: Kind, parameters: Mapping[str, float]) -> str:
    """One tikzpicture with the curve of a nonlinearity."""
    from symtrans.present.curves import curve_of, named_breaks  # loads NumPy, and a table without curves does without

    curve = curve_of(form, parameters)
    frame = _frame(curve, named_breaks(curve))
    plots = [rf"\addplot[symtrans line] coordinates {{{_points(line)}}};" for line in curve.simplified()]
    plots += [rf"\addplot[symtrans knots] coordinates {{{_points(curve.knots)}}};"] if curve.knots else []
    plots += [rf"\addplot[symtrans open] coordinates {{{_points(curve.open)}}};"] if curve.open else []
    plots += [rf"\addplot[symtrans filled] coordinates {{{_points(curve.filled)}}};"] if curve.filled else []
    lines = [rf"\begin{{tikzpicture}}\begin{{axis}}[{frame}]", *plots, r"\end{axis}\end{tikzpicture}"]
    return "\n".join(lines)


def _frame(curve: "Curve", places: Sequence[tuple[float, str]]) -> str:
    options = ["symtrans curve", f"xmin={-curve.extent:.5g}", f"xmax={curve.extent:.5g}"]
    options += [f"ymin={curve.low:.5g}", f"ymax={curve.high:.5g}"]
    if places:
        options.append(f"xtick={{{','.join(f'{place:.5g}' for place, _ in places)}}}")
        options.append(f"xticklabels={{{','.join(f'{{${name}$}}' for _, name in places)}}}")
    return ", ".join(options)


def _points(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"({x:.4g},{y + 0.0:.4g})" for x, y in points)
