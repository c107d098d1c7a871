"""Commands to look round: what families there are, and a session in which their names are at hand."""

import sys
from typing import Annotated, Any

import typer

from symtrans.cli import options
from symtrans.cli.output import echo, echo_json, echo_table


def list_families(as_json: options.Json = False) -> None:
    """List the families that have a name."""
    from symtrans.catalogue import catalogue

    _show(catalogue, as_json)


def search(
    words: Annotated[list[str], typer.Argument(help="What a name, a remark or a reference holds.")],
    as_json: options.Json = False,
) -> None:
    """Find families by words of their names, remarks and references; exit with 1 where there is none."""
    from symtrans.catalogue import catalogue

    found = catalogue.search(" ".join(words))
    if not found:
        print(f"nothing is called {' '.join(words)!r}; symtrans list shows what there is", file=sys.stderr)
        raise typer.Exit(1)
    _show(found, as_json)


def _show(families: Any, as_json: bool) -> None:
    from symtrans.present.text import catalogue_rows

    if not as_json:
        echo_table(catalogue_rows(families))
        return
    entries = map(families.entry, families)
    echo_json(
        [{"name": e.name, "aliases": [*e.aliases], "reference": e.reference, "remark": e.remark} for e in entries]
    )


_BANNER = """symtrans {version}: one nonlinearity as diffusivity, regulariser, shrinkage function and activation.

    family = catalogue.perona_malik         catalogue.search("huber")
    family = translate(Activation("r/(1 + r^2/lambda^2)"))
    family.certificate                      family.plot(lam=2)
    Network(family, blocks=32).compile("numpy")

At hand: st (symtrans), sp (SymPy), np (NumPy), r, {names}"""


def shell(
    plainly: Annotated[
        bool, typer.Option("--plain", help="Python's own session, where IPython is installed too.")
    ] = False,
) -> None:
    """Start a Python session with the names of symtrans, in which values show themselves as formulas."""
    import numpy
    import sympy

    import symtrans

    kinds = ["Activation", "Diffusivity", "Network", "Regulariser", "Shrinkage"]
    offered = [*kinds, "catalogue", "certify", "dictionary", "latex", "translate"]
    names = {"st": symtrans, "sp": sympy, "np": numpy, "r": symtrans.r, **{n: getattr(symtrans, n) for n in offered}}
    banner = _BANNER.format(version=symtrans.__version__, names=", ".join(offered))
    if not plainly and sys.stdin.isatty():
        try:
            from IPython.terminal.embed import InteractiveShellEmbed
        except ImportError:
            pass
        else:
            shell = InteractiveShellEmbed(banner1=banner, user_ns=names)
            sympy.init_printing(ip=shell)
            shell()
            return
    _plain_session(names, banner)


def _plain_session(names: dict[str, Any], banner: str) -> None:
    """Python's own prompt: values are shown as at a terminal of IPython, and Tab completes."""
    import builtins
    import code

    from symtrans.runtime.display import Shown, shown

    def show(value: Any) -> None:
        if value is None:
            return
        builtins._ = value  # type: ignore[attr-defined]
        echo(str(shown(value, "pretty")) if isinstance(value, Shown) else repr(value))

    usual, sys.displayhook = sys.displayhook, show
    try:
        try:
            import readline
            import rlcompleter

            readline.set_completer(rlcompleter.Completer(names).complete)
            readline.parse_and_bind("tab: complete")
        except ImportError:  # Windows has none
            pass
        code.interact(banner, local=names, exitmsg="")
    finally:
        sys.displayhook = usual
