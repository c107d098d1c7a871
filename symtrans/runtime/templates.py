"""Finds and renders the Jinja templates, wherever the package lives.

In a wheel they are inside the package, in a checkout beside it; they are read
through importlib.resources, so a zip file serves as well as a folder.
"""

from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment


def folder(name: str = "") -> Traversable:
    """A folder of templates, ``folder("c")``, or that of all."""
    inside = files("symtrans").joinpath("templates")
    templates = inside if inside.is_dir() else Path(__file__).parents[2] / "templates"
    return templates.joinpath(name) if name else templates


def text_of(name: str, place: Traversable | None = None) -> str:
    """The text of a file among the templates, as it is: a template, a script or a style sheet."""
    return (folder() if place is None else place).joinpath(*name.split("/")).read_text(encoding="utf-8")


def texts(place: Traversable) -> dict[str, str]:
    """Name -> text of each file in a folder."""
    return {item.name: item.read_text(encoding="utf-8") for item in place.iterdir() if item.is_file()}


@lru_cache(maxsize=16)
def environment(place: Any = None) -> "Environment":
    """The Jinja environment of a folder: a name that the data lacks is an error, not an empty string."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined  # slow to load, and text does without

    return Environment(
        loader=FunctionLoader(lambda name: text_of(name, place)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=lambda name: name is not None and name.endswith(".html"),
    )


def render(name: str, place: Any = None, /, **data: Any) -> str:
    """The text of one template: ``render("latex/table.tex", ...)``, ``render("kernel.c", folder("c"), ...)``."""
    return environment(place).get_template(name).render(**data)
