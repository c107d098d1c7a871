"""The command that says what is installed, and what each missing part would enable."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from symtrans._version import __version__
from symtrans.cli import options
from symtrans.cli.output import echo, echo_json, echo_table, echo_title, working
from symtrans.runtime import installation
from symtrans.runtime.installation import Part
from symtrans.runtime.plugins import Plugin


def doctor(as_json: options.Json = False) -> None:
    """Say what is installed, what each missing part would enable, and how to get it."""
    from symtrans.catalogue import catalogue
    from symtrans.codegen.targets import TARGETS

    with working("looking"):
        sections = {
            "required": installation.required(),
            "compiler": installation.compiler_parts(),
            "extras": installation.extras(),
            "programs": installation.programs(),
            "plugins": _plugin_parts((*catalogue.derived_plugins, *TARGETS.plugins)),
        }
    if as_json:
        echo_json({"symtrans": __version__, **{title: [asdict(p) for p in parts] for title, parts in sections.items()}})
        return
    echo_title(f"symtrans {__version__}")
    for title, parts in sections.items():
        if parts:
            echo("")
            echo_title(title.capitalize())
            echo_table([(part.name, part.found or "missing", part.enables) for part in parts], header=False)
    missing = [part for parts in sections.values() for part in parts if part.found is None and part.remedy]
    if missing:
        echo("")
        echo_title("To get what is missing")
        echo_table([(part.name, part.remedy) for part in missing], header=False)


def _plugin_parts(plugins: Iterable[Plugin[Any]]) -> tuple[Part, ...]:
    """What each entry point of another package adds, and what of it is skipped."""
    parts = []
    for plugin in plugins:
        what = plugin.group.rpartition(".")[2]
        if plugin.adds:
            names = ", ".join(item.name for item in plugin.adds)
            parts.append(Part(plugin.name, plugin.package, f"{what}: {names}"))
        parts += [Part(plugin.name, None, f"{what} of {plugin.package}", fault) for fault in plugin.faults]
    return tuple(parts)
