"""Directives that print the objects of symtrans, so that the pages cannot drift from the code.

``dictionary``    Table 1, from the rules of `symtrans.dictionary`
``certificates``  what is proved of the families that are named, or of all
``families``      every family of the catalogue: reference, names, four forms, what is proved
"""

from collections.abc import Iterator

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from symtrans.catalogue import TABLE_3, catalogue
from symtrans.present import text
from symtrans.present.latex import formula_latex
from symtrans.words import explain


class _FromCode(SphinxDirective):
    """Parses the Markdown that `lines` gives in the place of the directive."""

    optional_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """The parsed nodes."""
        container = nodes.container()
        source = StringList(list(self.lines()), source=self.get_source_info()[0])
        self.state.nested_parse(source, self.content_offset, container)
        return container.children

    def lines(self) -> Iterator[str]:
        """Lines of Markdown."""
        raise NotImplementedError

    def names(self) -> list[str]:
        """The families that are named; "paper" means those of Table 3, nothing means all."""
        words = " ".join(self.arguments).split()
        return list(TABLE_3) if words == ["paper"] else words or list(catalogue)


class Dictionary(_FromCode):
    """Table 1."""

    def lines(self) -> Iterator[str]:
        """The table."""
        yield from text.rules_markdown().splitlines()


class Certificates(_FromCode):
    """What is proved of families, a row a family."""

    def lines(self) -> Iterator[str]:
        """The table."""
        yield from text.certificates_markdown(catalogue[name] for name in self.names()).splitlines()


class Families(_FromCode):
    """Families one after the other."""

    def lines(self) -> Iterator[str]:
        """A definition for each family."""
        for name in self.names():
            entry, family = catalogue.entry(name), catalogue[name]
            yield f"**{text.heading(family)}**"
            yield ""
            yield f"{entry.reference}." + (f" Also called {', '.join(entry.aliases)}." if entry.aliases else "")
            for form in family.forms:
                yield from ("", "$$", formula_latex(form), "$$")
            yield from ("", "```text", explain(family.certificate), "```", "")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directives."""
    for name, directive in {"dictionary": Dictionary, "certificates": Certificates, "families": Families}.items():
        app.add_directive(name, directive)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
