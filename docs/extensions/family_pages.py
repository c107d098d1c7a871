"""Directives about families of the catalogue, made from its objects, and a page for each family.

``certificates``  what is proved of the families that are named, or of all
``family``        one family: references, curves, four forms, what is proved, code
``gallery``       the curves of families as cards that lead to their pages, to be filtered by what is proved of them
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path

import sympy as sp
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from symtrans.calculus.asymptotics.limits import limit
from symtrans.calculus.undecided import Undecided
from symtrans.catalogue import TABLE_3, catalogue
from symtrans.catalogue.family import Family
from symtrans.codegen.network import Network
from symtrans.errors import NonlinearityError, StabilityError
from symtrans.language.symbols import keyword_of
from symtrans.present import text
from symtrans.present.html import TITLES, statement_lines
from symtrans.present.mathml import equation, inline
from symtrans.present.notebook import curve_svg
from symtrans.present.statements import COLUMNS, cells
from symtrans.runtime import workers
from symtrans.stability.evidence import Bound

_SECONDS = 300.0  # for one family, where other work may go on beside it
_LONG = 12  # operations from which a number is shown in digits
_BLOCKS = 32
_TITLES = ("Family", *(heading.markdown for heading in COLUMNS.values()))


@dataclass(frozen=True)
class Facts:
    """What the pages show of one family; cells, forms and statements are HTML."""

    cells: tuple[str, ...]
    forms: tuple[tuple[str, str, str], ...]
    """Title, curve and formula of each."""
    remarks: tuple[str, ...]
    proximal: str
    statements: tuple[tuple[str, ...], ...]
    properties: tuple[str, ...]
    parameters: tuple[str, ...]
    header: str
    """That of the C kernel; empty if there is none."""
    refusal: str
    """Why there is no kernel, or empty."""


def derive(name: str) -> Facts:
    """Everything about one family; it runs in a process of its own."""
    family = replace(catalogue[name], budget=_SECONDS / 3)  # a busy machine gives the same page
    c = family.certificate
    header, refusal = "", ""
    try:
        source = Network(family, _BLOCKS).source("c")
        header = next(lines for file, lines in source.items() if file.endswith(".h"))
    except (NonlinearityError, StabilityError) as error:
        refusal = str(error)
    proximal = _proximal(family)
    return Facts(
        tuple(cells(c, COLUMNS, lambda bound: _cell(bound, c.activation.variable))),
        tuple((TITLES[type(f).__name__.lower()], str(curve_svg(f) or ""), str(equation(f))) for f in family.forms),
        tuple(remark.strip() for remark in text.remarks(family)),
        "" if proximal is None else str(inline(proximal, family.activation.variable)),
        tuple((s["what"], s["value"], s["evidence"], s["why"]) for s in statement_lines(c)),
        (*(name for name, holds in PROPERTIES.items() if holds(family)), *[_CLOSED] * (proximal is not None)),
        tuple(map(keyword_of, family.parameters)),
        header,
        refusal,
    )


def _proximal(family: Family) -> sp.Expr | None:
    """Its proximal map of weight 1, where that has a closed form."""
    try:
        return family.proximal(1, budget=_SECONDS / 3).expr
    except NonlinearityError:
        return None


def _redescends(family: Family) -> bool:
    """Whether Phi is proved to tend to 0 at infinity."""
    try:
        return limit(family.activation.half.pieces[-1].expr, sp.oo) == 0
    except Undecided:
        return False


def _is_smooth(family: Family, k: sp.Expr) -> bool:
    """Whether Phi is proved to be C^k; where that depends on a parameter, the answer is an inequality."""
    smoothness = family.certificate.smoothness
    return smoothness is not None and (smoothness >= k) in (True, sp.true)


PROPERTIES: dict[str, Callable[[Family], bool]] = {
    "monotone": lambda f: f.certificate.monotone.value is True,
    "may enhance contrast": lambda f: f.certificate.monotone.value is False,
    "redescending": _redescends,
    "bounded g": lambda f: f.certificate.g_max.value not in (None, sp.oo),
    "g ≥ 0": lambda f: f.certificate.nonnegative.value is True,
    "C⁰": lambda f: _is_smooth(f, sp.Integer(0)),
    "C¹": lambda f: _is_smooth(f, sp.Integer(1)),
    "C²": lambda f: _is_smooth(f, sp.Integer(2)),
    "C∞": lambda f: _is_smooth(f, sp.oo),
}
"""What the gallery is filtered by; a property that is not proved does not count."""
_CLOSED = "closed proximal map"


def _cell(bound: Bound, variable: sp.Symbol) -> str:
    """The value; a long number in digits, as it is written out on the page of the family."""
    if bound.value is None:
        return "?"
    if bound.value.is_number and (bound.value.count_ops() > _LONG or bound.value.has(sp.CRootOf)):
        return f"≈ {float(bound.value):.6g}"
    return str(inline(bound.value, variable))


_derived: dict[str, Facts] = {}


def facts(names: Iterable[str]) -> dict[str, Facts]:
    """The facts about families, each derived once a build, several at a time."""
    names = list(names)
    missing = [name for name in names if name not in _derived]
    _derived.update(zip(missing, workers.each(derive, missing, _SECONDS), strict=True))
    return {name: _derived[name] for name in names}


class _Families(SphinxDirective):
    optional_arguments = 1
    final_argument_whitespace = True

    def names(self) -> list[str]:
        """The families that are named; "paper" means those of Table 3, nothing means all."""
        words = " ".join(self.arguments).split()
        return list(TABLE_3) if words == ["paper"] else words or list(catalogue)


class Certificates(_Families):
    """What is proved of families, a row a family."""

    def run(self) -> list[nodes.Node]:
        """The table."""
        rows = (
            (f'<a href="{_page(self, name)}">{name}</a>', *found.cells) for name, found in facts(self.names()).items()
        )
        return [_html(_table(_TITLES, rows))]


def _page(directive: SphinxDirective, name: str) -> str:
    """Where the page of a family is, seen from the page of a directive."""
    env = directive.env
    return str(env.app.builder.get_relative_uri(env.docname, f"families/{name}"))


class OneFamily(SphinxDirective):
    """A family: references, curves, four forms, what is proved, code."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """All but the title."""
        (name,) = self.arguments
        entry, found = catalogue.entry(name), facts([name])[name]
        also = f" Also called {', '.join(entry.aliases)}." if entry.aliases else ""
        shown: list[nodes.Node] = [nodes.paragraph("", f"{entry.reference}.{also}")]
        shown += [nodes.paragraph("", remark) for remark in found.remarks]
        curves = "".join(f"<figure>{curve}<figcaption>{title}</figcaption></figure>" for title, curve, _ in found.forms)
        shown.append(_html(f'<div class="curves">{curves}</div>'))
        shown.append(
            nodes.paragraph("", "All parameters are 1 in the curves; the shrinkage function is that of τ = 1/4.")
        )
        shown += [_html(f'<div class="math">{formula}</div>') for *_, formula in found.forms]
        if found.proximal:
            shown.append(_html(f"<p>Proximal map of weight 1: <math><mi>f</mi></math> ↦ {found.proximal}</p>"))
        shown += [nodes.rubric("", "What is proved"), _html(_table(("", "", "", "why"), found.statements))]
        return [*shown, nodes.rubric("", "Code"), *self.code(name, found)]

    def code(self, name: str, found: Facts) -> Iterator[nodes.Node]:
        """How its kernel is made and called."""
        if found.refusal:
            yield nodes.paragraph("", f"There is no kernel with the usual step: {found.refusal}.")
            return
        c_name = name.replace("-", "_") + "_f64"
        values = "".join(f", {keyword}=1.0" for keyword in found.parameters)
        arguments = "".join(f", 1.0 /* {keyword} */" for keyword in found.parameters)
        yield _listing(
            f'kernel = symtrans.Network("{name}", blocks={_BLOCKS}).compile()\nu = kernel(f{values})', "python"
        )
        yield _listing(f"symtrans generate {name} --blocks {_BLOCKS} --output kernels", "sh")
        yield _listing(f'#include "{c_name}.h"\n\n{c_name}(f, u, 1, samples{arguments});', "c")
        yield nodes.paragraph("", f"{c_name}.h:")
        yield _listing(found.header, "c")


def _html(markup: str) -> nodes.Node:
    return nodes.raw("", markup, format="html")


def _listing(lines: str, language: str) -> nodes.Node:
    return nodes.literal_block("", lines, language=language)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Cells of HTML."""
    titles = "".join(f"<th>{escape(title)}</th>" for title in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return (
        '<div class="table-wrapper docutils container"><table class="docutils">'
        f"<thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _title(name: str) -> str:
    titles = ", ".join(dict.fromkeys(catalogue.entry(name).titles.values()))
    return f"{titles} ({name})" if titles else name


class Gallery(_Families):
    """Cards with the curve of each activation; boxes above them leave those of which all that is ticked is proved."""

    def run(self) -> list[nodes.Node]:
        """A line to search in, boxes, cards, and the script that hides cards."""
        offered = (*PROPERTIES, _CLOSED)
        boxes = " ".join(
            f'<label><input type="checkbox" value="{escape(name)}"> {escape(name)}</label>' for name in offered
        )
        search = '<input type="search" placeholder="name" aria-label="Part of a name">'
        cards = "".join(
            f'<a class="card" href="{_page(self, name)}" data-has="{escape("|".join(found.properties))}" '
            f'data-name="{escape(catalogue.entry(name).described)}">'
            f"{found.forms[-1][1]}<span>{escape(_title(name))}</span></a>"
            for name, found in facts(self.names()).items()
        )
        form = f"<form>{search} {boxes} <output></output></form>"
        return [_html(f'<div class="gallery">{form}<div class="cards">{cards}</div></div>{_FILTER}')]


_FILTER = """<script>
document.querySelectorAll(".gallery").forEach(gallery => {
  const cards = [...gallery.querySelectorAll(".card")];
  const filter = () => {
    const wanted = [...gallery.querySelectorAll("input:checked")].map(box => box.value);
    const name = gallery.querySelector("input[type=search]").value.trim().toLowerCase();
    cards.forEach(card => {
      const has = card.dataset.has.split("|");
      card.hidden = !(wanted.every(one => has.includes(one)) && card.dataset.name.includes(name));
    });
    gallery.querySelector("output").value = `${cards.filter(card => !card.hidden).length} of ${cards.length}`;
  };
  gallery.addEventListener("input", filter);
  gallery.addEventListener("submit", event => event.preventDefault());
  filter();
});
</script>"""


def write_pages(app: Sphinx) -> None:
    """The page of each family: what makes it is the directive in it. One that is as it was is left alone."""
    folder = Path(app.srcdir, "families")
    folder.mkdir(exist_ok=True)
    pages = {f"{name}.md": f"# {_title(name)}\n\n```{{family}} {name}\n```\n" for name in catalogue}
    for path in folder.iterdir():
        if path.name not in pages:
            path.unlink()
    for file, lines in pages.items():
        path = folder / file
        if not path.exists() or path.read_text(encoding="utf-8") != lines:
            path.write_text(lines, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directives, and what writes the pages."""
    app.connect("builder-inited", write_pages)
    for name, directive in {"certificates": Certificates, "family": OneFamily, "gallery": Gallery}.items():
        app.add_directive(name, directive)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
