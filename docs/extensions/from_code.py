"""Directives that print the objects of symtrans, so that the pages cannot drift from the code.

``dictionary``    Table 1, from the rules of `symtrans.nonlinearity.table1`
``rooms``         the rooms of the package, lower ones first, each with the question in its docstring
"""

import ast
import tomllib
from collections.abc import Iterator
from html import escape
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from symtrans.present import text


class Dictionary(SphinxDirective):
    """Table 1."""

    def run(self) -> list[nodes.Node]:
        """The table."""
        container = nodes.container()
        source = StringList(text.rules_markdown().splitlines(), source=self.get_source_info()[0])
        self.state.nested_parse(source, self.content_offset, container)
        return container.children


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
    app.add_directive("dictionary", Dictionary)
    app.add_directive("rooms", Rooms)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
