"""What a page may ask, read from JSON and checked: frozen values, which serve as keys of the cache too."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from symtrans.catalogue.reading import KINDS_BY_NAME
from symtrans.errors import SymtransError
from symtrans.schemes.grid import BOUNDARIES

KIND_NAMES = tuple(KINDS_BY_NAME)
SYNTAXES = ("text", "latex")
MAX_BLOCKS = 1024
_MAX_TEXT = 10_000  # the longest formula that is read
_MAX_WORD = 200


class BadQuestion(ValueError, SymtransError):
    """A request that the page itself would never send."""


@dataclass(frozen=True)
class Question:
    """Which nonlinearity: a family of the catalogue by name, or a formula and what kind it is.

    Attributes
    ----------
    family : str
        A name, or "" where a formula is given.
    kind, formula : str
        One of `KIND_NAMES`, and the formula as it was typed.
    syntax : str
        How the formula is written, one of `SYNTAXES`.
    tau : str
        The time step of the shrinkage function, as it was typed.
    """

    family: str
    kind: str
    formula: str
    tau: str
    syntax: str = SYNTAXES[0]

    @classmethod
    def read(cls, data: Any) -> Self:
        """From the JSON of a request.

        Raises
        ------
        BadQuestion

        Examples
        --------
        >>> Question.read({"family": "soft"})
        Question(family='soft', kind='', formula='', tau='1/4', syntax='text')
        """
        if not isinstance(data, Mapping):
            raise BadQuestion("the request is not a JSON object")
        family = _text(data, "family", "", _MAX_WORD)
        kind = _text(data, "kind", "", _MAX_WORD)
        formula = _text(data, "formula", "", _MAX_TEXT)
        if not family and kind not in KIND_NAMES:
            raise BadQuestion(f"kind {kind!r} is none of {', '.join(KIND_NAMES)}")
        syntax = _text(data, "syntax", SYNTAXES[0], _MAX_WORD)
        if syntax not in SYNTAXES:
            raise BadQuestion(f"syntax {syntax!r} is none of {', '.join(SYNTAXES)}")
        if family:
            kind, formula, syntax = "", "", SYNTAXES[0]
        return cls(family, kind, formula, _text(data, "tau", "1/4", _MAX_WORD), syntax)


@dataclass(frozen=True)
class SourceQuestion:
    """Sources of a network of this nonlinearity.

    Attributes
    ----------
    nonlinearity : Question
    step : str
        The time step of the network.
    blocks : int
    boundary : str
    """

    nonlinearity: Question
    step: str
    blocks: int
    boundary: str

    @classmethod
    def read(cls, data: Any) -> Self:
        """From the JSON of a request.

        Raises
        ------
        BadQuestion
        """
        question = Question.read(data)
        blocks = data.get("blocks", 1)
        if isinstance(blocks, bool) or not isinstance(blocks, int) or not 1 <= blocks <= MAX_BLOCKS:
            raise BadQuestion(f"blocks must be a whole number from 1 to {MAX_BLOCKS}")
        boundary = _text(data, "boundary", BOUNDARIES[0], _MAX_WORD)
        if boundary not in BOUNDARIES:
            raise BadQuestion(f"boundary {boundary!r} is none of {', '.join(BOUNDARIES)}")
        return cls(question, _text(data, "step", "", _MAX_WORD), blocks, boundary)


def _text(data: Mapping[str, Any], name: str, default: str, longest: int) -> str:
    value = data.get(name, default)
    if not isinstance(value, str):
        raise BadQuestion(f"{name} is not text")
    if len(value) > longest:
        raise BadQuestion(f"{name} has {len(value)} characters; at most {longest} are read")
    return value
