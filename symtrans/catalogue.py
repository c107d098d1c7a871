"""The named families: what the literature calls them, and where they come from.

An entry holds one form, the one in which the literature gives it; the other
three and the certificate are derived when first asked for.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache

from symtrans.errors import CatalogueError
from symtrans.families import Family, translate
from symtrans.kinds import Activation, Diffusivity, Kind, Regulariser, Shrinkage


@dataclass(frozen=True)
class Entry:
    """One named family.

    Attributes
    ----------
    name : str
        The key in the catalogue.
    kind : type of Kind
        The column in which the literature gives it.
    formula : str
        Its formula, as text for `symtrans.parsing`.
    reference : str
        Where it comes from.
    titles : mapping
        What its forms are called in the literature; the form by which the
        family is best known comes first.
    aliases : tuple of str
    spread : tuple of type
        Forms that the literature prints as a sum of terms, not factored.
    """

    name: str
    kind: type[Kind]
    formula: str
    reference: str
    titles: Mapping[type[Kind], str]
    aliases: tuple[str, ...] = ()
    spread: tuple[type[Kind], ...] = field(default=())

    def family(self) -> Family:
        """Derive the four forms, in the preferred printed form."""
        return translate(self.kind(self.formula), name=self.name).spread(*self.spread)


_TRUNCATED = "Piecewise((1, |r| <= sqrt(2) theta), ({}, otherwise))"

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "constant",
        Diffusivity,
        "1",
        "T. Iijima (1962); E. T. Whittaker (1923); A. N. Tikhonov (1963)",
        {Diffusivity: "Constant", Regulariser: "Whittaker-Tikhonov", Activation: "Identity"},
        ("identity", "linear", "whittaker-tikhonov", "tikhonov", "homogeneous"),
    ),
    Entry(
        "charbonnier",
        Diffusivity,
        "1/sqrt(1 + r^2/lambda^2)",
        "P. Charbonnier, L. Blanc-Feraud, G. Aubert, M. Barlaud (1994)",
        {Diffusivity: "Charbonnier"},
        (),
        (Regulariser,),
    ),
    Entry(
        "truncated-tv",
        Diffusivity,
        _TRUNCATED.format("sqrt(2) theta/|r|"),
        "D. L. Donoho (1995); P. J. Huber (1973); L. I. Rudin, S. Osher, E. Fatemi (1992)",
        {Shrinkage: "Soft", Diffusivity: "Truncated TV", Regulariser: "Huber"},
        ("soft", "huber"),
    ),
    Entry(
        "perona-malik",
        Diffusivity,
        "exp(-r^2/(2 lambda^2))",
        "P. Perona, J. Malik (1990)",
        {Diffusivity: "Perona-Malik"},
        ("perona-malik-exponential",),
    ),
    Entry(
        "truncated-bfb",
        Diffusivity,
        _TRUNCATED.format("2 theta^2/r^2"),
        "H.-Y. Gao (1998); S. L. Keeling, R. Stollberger (2002)",
        {Shrinkage: "Garrote", Diffusivity: "Truncated BFB"},
        ("garrote",),
    ),
    Entry(
        "truncated-quadratic",
        Diffusivity,
        _TRUNCATED.format("0"),
        "S. Mallat (1999); S. Geman, D. Geman (1984)",
        {Shrinkage: "Hard", Regulariser: "Truncated Quadratic"},
        ("hard",),
    ),
    Entry(
        "perona-malik-rational",
        Diffusivity,
        "1/(1 + r^2/lambda^2)",
        "P. Perona, J. Malik (1990)",
        {Diffusivity: "Perona-Malik (rational)", Regulariser: "Cauchy"},
        ("cauchy", "lorentzian"),
    ),
    Entry(
        "tv",
        Regulariser,
        "2 |r|",
        "L. I. Rudin, S. Osher, E. Fatemi (1992)",
        {Regulariser: "Total variation", Diffusivity: "TV", Activation: "Sign"},
        ("total-variation",),
    ),
    Entry(
        "tukey",
        Diffusivity,
        "Piecewise(((1 - r^2/lambda^2)^2, |r| <= lambda), (0, otherwise))",
        "A. E. Beaton, J. W. Tukey (1974)",
        {Diffusivity: "Tukey biweight"},
        ("biweight", "tukey-biweight"),
    ),
    Entry(
        "geman-mcclure",
        Regulariser,
        "r^2/(1 + r^2/lambda^2)",
        "S. Geman, D. E. McClure (1987)",
        {Regulariser: "Geman-McClure"},
    ),
    Entry(
        "fair",
        Activation,
        "r/(1 + |r|/lambda)",
        "R. C. Fair (1974)",
        {Activation: "Softsign", Diffusivity: "Fair"},
        ("softsign",),
    ),
    Entry(
        "log-cosh",
        Activation,
        "lambda tanh(r/lambda)",
        "P. J. Green (1990)",
        {Regulariser: "Log-cosh", Activation: "Hyperbolic tangent"},
        ("tanh", "green"),
    ),
    Entry(
        "firm",
        Shrinkage,
        "Piecewise((0, |r| <= theta), (2 (|r| - theta) sgn(r), |r| <= 2 theta), (r, otherwise))",
        "H.-Y. Gao, A. G. Bruce (1997), upper threshold 2 theta",
        {Shrinkage: "Firm"},
    ),
)

TABLE_3 = ("constant", "charbonnier", "truncated-tv", "perona-malik", "truncated-bfb", "truncated-quadratic")
"""The six families of the paper's Tables 2 and 3, in their order."""


class Catalogue(Mapping[str, Family]):
    """The named families; a name or an alias gives a `Family`, derived when first asked for.

    Examples
    --------
    >>> catalogue["garrote"].shrinkage
    Shrinkage('Piecewise((0, |r| <= theta), (r - theta^2/r, otherwise))')
    >>> catalogue["hard"] is catalogue["truncated-quadratic"]
    True
    """

    def __init__(self, entries: tuple[Entry, ...]) -> None:
        self._entries = {entry.name: entry for entry in entries}
        self._names = {alias: entry.name for entry in entries for alias in (entry.name, *entry.aliases)}

    def entry(self, name: str) -> Entry:
        """The entry behind a name or alias (spaces, case and underscores do not matter)."""
        key = str(name).strip().lower().replace(" ", "-").replace("_", "-")
        if key not in self._names:
            near = get_close_matches(key, self._names, 3, 0.6) or sorted(self._entries)
            raise CatalogueError(f"there is no family {name!r}; did you mean {', '.join(near)}?")
        return self._entries[self._names[key]]

    def __getitem__(self, name: str) -> Family:
        return _family(self.entry(name).name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return f"<catalogue of {len(self)} families: {', '.join(self)}>"


@cache
def _family(name: str) -> Family:
    return catalogue.entry(name).family()


catalogue = Catalogue(ENTRIES)
"""The families that symtrans knows by name."""
