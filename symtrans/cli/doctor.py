"""The command that says what is installed, and what each missing part would enable."""

from dataclasses import asdict

from symtrans._version import __version__
from symtrans.cli.options import JsonOption
from symtrans.cli.output import echo, echo_json, echo_table, echo_title, working


def doctor(as_json: JsonOption = False) -> None:
    """Say what is installed, what each missing part would enable, and how to get it."""
    from symtrans.runtime import installation

    with working("looking"):
        sections = {
            "required": installation.required(),
            "compiler": installation.compiler_parts(),
            "extras": installation.extras(),
            "programs": installation.programs(),
            "development": installation.developer_extras(),
        }
    if as_json:
        echo_json({"symtrans": __version__, **{title: [asdict(p) for p in parts] for title, parts in sections.items()}})
        return
    echo_title(f"symtrans {__version__}")
    for title, parts in sections.items():
        echo("")
        echo_title(title.capitalize())
        echo_table([(part.name, part.found or "missing", part.enables) for part in parts], header=False)
    missing = [part for parts in sections.values() for part in parts if part.found is None and part.remedy]
    if missing:
        echo("")
        echo_title("To get what is missing")
        echo_table([(part.name, part.remedy) for part in missing], header=False)
