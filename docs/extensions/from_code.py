"""Directives that print the objects of symtrans, so that the pages cannot drift from the code.

``dictionary``    Table 1, from the rules of `symtrans.nonlinearity.table1`
``certificates``  what is proved of the families that are named, or of all
``families``      every family of the catalogue: reference, names, four forms, what is proved
``gallery``       the curves of families as cards that lead to their entries, to be filtered by what is proved of them
``rooms``         the rooms of the package, lower ones first, each with the question in its docstring
"""

import ast
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path

import sympy as sp
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from symtrans.catalogue import TABLE_3, catalogue
from symtrans.present import text
from symtrans.present.mathml import equation, inline
from symtrans.present.notebook import curve_svg
from symtrans.present.statements import COLUMNS, cells
from symtrans.runtime import workers
from symtrans.stability.certificate import Certificate
from symtrans.stability.evidence import Bound
from symtrans.stability.prose import explain

_SECONDS = 300.0  # for one family, where other work may go on beside it
_LONG = 12  # operations from which a number is shown in digits
_TITLES = ("Family", *(heading.markdown for heading in COLUMNS.values()))


@dataclass(frozen=True)
class Facts:
    """What the pages show of one family: cells of the table, formulas (both HTML), and what is proved in words."""

    heading: str
    cells: tuple[str, ...]
    formulas: tuple[str, ...]
    words: str
    curve: str
    properties: tuple[str, ...]


def derive(name: str) -> Facts:
    """Everything about one family; it runs in a process of its own."""
    family = replace(catalogue[name], budget=_SECONDS / 3)  # a busy machine gives the same page
    c = family.certificate
    return Facts(
        text.heading(family),
        tuple(cells(c, COLUMNS, lambda bound: _cell(bound, c.activation.variable))),
        tuple(map(equation, family.forms)),
        explain(c),
        str(curve_svg(family.activation) or "") if family.activation else "",
        tuple(name for name, holds in PROPERTIES.items() if holds(c)),
    )


PROPERTIES: dict[str, Callable[[Certificate], bool]] = {
    "increasing": lambda c: c.monotone.value is True,
    "bounded g": lambda c: c.g_max.value not in (None, sp.oo),
    "g ≥ 0": lambda c: c.nonnegative.value is True,
    "continuous": lambda c: c.continuous.value is True,
    # where it depends on a parameter, the answer is an inequality
    "C¹": lambda c: c.smoothness is not None and (c.smoothness >= 1) in (True, sp.true),
    "C∞": lambda c: c.smoothness is sp.oo,
    "may enhance contrast": lambda c: c.monotone.value is False,
}
"""What the gallery is filtered by; a property that is not proved does not count."""


def _cell(bound: Bound, variable: sp.Symbol) -> str:
    """The value; a long number in digits, as it is written out on the page of the catalogue."""
    if bound.value is None:
        return "?"
    if bound.value.is_number and (bound.value.count_ops() > _LONG or bound.value.has(sp.CRootOf)):
        return f"≈ {float(bound.value):.6g}"
    return inline(bound.value, variable)


_derived: dict[str, Facts] = {}


def facts(names: Iterable[str]) -> dict[str, Facts]:
    """The facts about families, each derived once a build, several at a time."""
    names = list(names)
    missing = [name for name in names if name not in _derived]
    _derived.update(zip(missing, workers.each(derive, missing, _SECONDS), strict=True))
    return {name: _derived[name] for name in names}


class Dictionary(SphinxDirective):
    """Table 1."""

    def run(self) -> list[nodes.Node]:
        """The table."""
        container = nodes.container()
        source = StringList(text.rules_markdown().splitlines(), source=self.get_source_info()[0])
        self.state.nested_parse(source, self.content_offset, container)
        return container.children


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
        head = "".join(f"<th>{escape(title)}</th>" for title in _TITLES)
        rows = "".join(self.row(name, found) for name, found in facts(self.names()).items())
        table = f'<table class="docutils"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
        return [nodes.raw("", f'<div class="table-wrapper docutils container">{table}</div>', format="html")]

    def row(self, name: str, found: Facts) -> str:
        """One family; its name leads to the page of the catalogue."""
        page = self.env.app.builder.get_relative_uri(self.env.docname, "families")
        link = f'<a href="{page}#{name}">{name}</a>'
        return "<tr>" + "".join(f"<td>{cell}</td>" for cell in (link, *found.cells)) + "</tr>"


class Families(_Families):
    """Families one after the other."""

    def run(self) -> list[nodes.Node]:
        """Name, reference, formulas and proofs of each."""
        shown: list[nodes.Node] = []
        for name, found in facts(self.names()).items():
            entry = catalogue.entry(name)
            also = f" Also called {', '.join(entry.aliases)}." if entry.aliases else ""
            shown.append(nodes.rubric("", found.heading, ids=[name], names=[name]))
            shown.append(nodes.paragraph("", f"{entry.reference}.{also}"))
            shown += [nodes.raw("", f'<div class="math">{formula}</div>', format="html") for formula in found.formulas]
            shown.append(nodes.literal_block("", found.words, language="text"))
        return shown


class Gallery(_Families):
    """Cards with the curve of each activation; boxes above them leave those of which all that is ticked is proved."""

    def run(self) -> list[nodes.Node]:
        """Boxes, cards, and the line that hides cards."""
        boxes = " ".join(
            f'<label><input type="checkbox" value="{escape(name)}"> {escape(name)}</label>' for name in PROPERTIES
        )
        page = self.env.app.builder.get_relative_uri(self.env.docname, "families")
        cards = "".join(
            f'<a class="card" href="{page}#{name}" data-has="{escape("|".join(found.properties))}">'
            f"{found.curve}<span>{escape(found.heading)}</span></a>"
            for name, found in facts(self.names()).items()
        )
        html = f'<div class="gallery"><form>{boxes}</form><div class="cards">{cards}</div></div>{_FILTER}'
        return [nodes.raw("", html, format="html")]


_FILTER = """<script>
document.querySelectorAll(".gallery").forEach(gallery => gallery.addEventListener("change", () => {
  const wanted = [...gallery.querySelectorAll("input:checked")].map(box => box.value);
  gallery.querySelectorAll(".card").forEach(card => {
    const has = card.dataset.has.split("|");
    card.hidden = !wanted.every(name => has.includes(name));
  });
}));
</script>"""

_ROOT = Path(__file__).parents[2]


class Rooms(SphinxDirective):
    """The rooms, from the layers of the import contract in pyproject.toml."""

    def run(self) -> list[nodes.Node]:
        """The table."""
        with open(_ROOT / "pyproject.toml", "rb") as file:
            contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
        layers = {c["containers"][0]: list(reversed(c["layers"])) for c in contracts if c["type"] == "layers"}
        rows = "".join(
            f'<tr><td style="padding-left: {1 + 2 * depth}em"><code>{room}</code></td><td>{question}</td></tr>'
            for depth, room, question in _rooms("symtrans", layers, 0)
        )
        table = f'<table class="docutils"><thead><tr><th>room</th><th>its question</th></tr></thead>{rows}</table>'
        return [nodes.raw("", f'<div class="table-wrapper docutils container">{table}</div>', format="html")]


def _rooms(container: str, layers: dict[str, list[str]], depth: int) -> Iterator[tuple[int, str, str]]:
    """Depth, name and question of each room, those inside a room after it."""
    for layer in layers[container]:
        for name in layer.replace(":", "|").split("|"):
            room = f"{container}.{name.strip(' ()')}"
            path = _ROOT / room.replace(".", "/")
            source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
            words = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or ""
            yield depth, room.removeprefix("symtrans."), escape(words.partition("\n\n")[0])
            if room in layers:
                yield from _rooms(room, layers, depth + 1)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directives."""
    directives = {
        "dictionary": Dictionary,
        "certificates": Certificates,
        "families": Families,
        "gallery": Gallery,
        "rooms": Rooms,
    }
    for name, directive in directives.items():
        app.add_directive(name, directive)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
