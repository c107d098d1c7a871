"""Finds and renders the Jinja templates, wherever the package lives.

In a wheel they are inside the package, in a checkout beside it; they are read
through importlib.resources, so a zip file serves as well as a folder.
"""

from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined


def text_of(name: str) -> str:
    """The text of a file among the templates, as it is: a template, a script or a style sheet."""
    inside = files("symtrans").joinpath("templates", *name.split("/"))
    if inside.is_file():
        return inside.read_text(encoding="utf-8")
    beside = Path(__file__).parents[2] / "templates" / name
    return beside.read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The Jinja environment: a name that the data lacks is an error, not an empty string."""
    return Environment(
        loader=FunctionLoader(text_of),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=lambda name: name is not None and name.endswith(".html"),
    )


def render(name: str, **data: Any) -> str:
    """The text of one template, for example ``render("c/kernel.c", ...)``."""
    return environment().get_template(name).render(**data)
