"""Names that stand for a nonlinearity: the catalogue, far above, tells them; a kind asks for them."""

import re
import shlex
from contextlib import suppress
from typing import Any

from symtrans.errors import CatalogueError, NonlinearityError
from symtrans.language.latex_text import LatexText
from symtrans.language.symbols import keyword_of, short
from symtrans.language.vocabulary import CONSTANTS, GREEK, call_of, canonical_name, why_no_name
from symtrans.runtime.above import CATALOGUE

_WORDS = re.compile(r"\s*(?:[A-Za-z_]\w*(?:\.|::))*[A-Za-z][A-Za-z0-9]+(?:[-_ ‐‑‒–—−]+[A-Za-z0-9]+)*\s*")


def key_of(name: str) -> str:
    """A name as a catalogue lists it: in lower case, with hyphens, whichever dash a typesetter took.

    Examples
    --------
    >>> key_of(" Perona_Malik ")
    'perona-malik'
    """
    return re.sub(r"[\s_‐‑‒–—−-]+", "-", name.strip().lower())


def identifier_of(name: str) -> str:
    """A name as generated code writes it.

    Examples
    --------
    >>> identifier_of("perona-malik"), identifier_of("My flux (2)")
    ('perona_malik', 'My_flux_2')
    """
    return re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_")


def entry_named(text: str) -> Any:
    """The entry of a catalogue that has this name; None if there is none."""
    with suppress(CatalogueError):
        return CATALOGUE().entry(text)
    return None


def near_names(text: str) -> str:
    """What a catalogue says of a word that is no name of it; empty for what looks like a formula."""
    try:
        if _WORDS.fullmatch(text):
            CATALOGUE().entry(text)
    except CatalogueError as error:
        return str(error)
    return ""


_CALLED = re.compile(r"\s*(?P<name>[A-Za-z][\w -]*?)\s*\((?P<inside>[^()]*)\)\s*")


def refuse_called(text: Any) -> None:
    """Of what is no formula, refuse the name of a family with parameters in brackets, and say how they are given."""
    match = _CALLED.fullmatch(text) if isinstance(text, str) and not isinstance(text, LatexText) else None
    entry = None if match is None else entry_named(match["name"])
    if match is None or entry is None or call_of(match["name"]) is not None:
        return  # what is wrong with a formula in tanh(...) has been said
    own = [keyword_of(symbol) for symbol in entry.nonlinearity.parameters]
    others = sorted(entry.nonlinearity.names.others)
    is_either = len(own) == len(others) == 1
    keys = others if is_either else own  # of the literature, as a number in brackets mostly is
    numbers = re.findall(r"(?<![\w.])\d+\.?\d*(?![\w.])", match["inside"])
    pairs = [f"{key}={numbers[0] if len(numbers) == len(keys) == 1 else 1}" for key in keys]
    what, name = f"{text.strip()!r} is no formula, {match['name']} is a family", match["name"]
    if is_either:
        what += f" of {own[0]}, or {others[0]} instead"
    raise NonlinearityError.told(
        lambda mend: f"{what}: say {mend}",
        f"catalogue[{name!r}]" + (f".subs({', '.join(pairs)})" if pairs else ""),
        " ".join([shlex.quote(name), *(f"--set {pair}" for pair in pairs)]),
        f"{name!r} without brackets",
    )


def named(text: Any, kind: str, variable: Any) -> Any:
    """The nonlinearity that has this name; None if the text is a formula.

    Raises
    ------
    NonlinearityError
        If it is a single word that is neither, or the name of a family in another package.
    """
    if not isinstance(text, str) or isinstance(text, LatexText) or not _WORDS.fullmatch(text):
        return None
    word = text.strip()
    if word == getattr(variable, "name", variable) or (is_letter(word) and not CATALOGUE().hint(word)):
        return None
    try:
        return CATALOGUE().entry(text).nonlinearity
    except CatalogueError as error:
        reason = str(error)
    if CATALOGUE().hint(word):
        raise NonlinearityError(f"{kind}({short(word)!r}) is a name, no formula: {reason}")
    if not re.split(r"\.|::", word)[-1].isidentifier() or why_no_name(word) or word in CONSTANTS:
        return None  # the grammar says what is wrong with it
    raise NonlinearityError(f"{kind}({short(word)!r}) is a single word, not a formula: {reason}")


def is_letter(name: str) -> bool:
    """Whether a name is that of a letter, perhaps with an index: x, lambda_0, theta1."""
    stem = re.split(r"[_0-9]", canonical_name(name), maxsplit=1)[0]
    return len(stem) == 1 or stem in GREEK.values()
