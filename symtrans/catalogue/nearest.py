"""Which known nonlinearity an activation is nearest to, with which parameters: how something learned is read."""

from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any, NamedTuple

from symtrans.errors import NonlinearityError
from symtrans.language.symbols import keyword_of
from symtrans.nonlinearity.kinds import Activation
from symtrans.nonlinearity.named import entry_named, key_of

TABLE_3 = ("constant", "charbonnier", "truncated-tv", "perona-malik", "truncated-bfb", "truncated-quadratic")
"""The six families of the paper's Tables 2 and 3, in their order."""

_PLACES = 256  # samples of Phi, all the same weight
_COARSE = {1: 61, 2: 15, 3: 7}  # values tried of each parameter, by their number
_ROUNDS = 40


class Nearest(NamedTuple):
    """A family near to an activation: factor * Phi(r; parameters).

    Attributes
    ----------
    name : str
    parameters : mapping of str to float
    factor : float
    distance : float
        The root mean square of the difference on (0, reach], over that of the activation.
    """

    name: str
    parameters: Mapping[str, float]
    factor: float
    distance: float

    def __str__(self) -> str:
        given = ", ".join(f"{key} = {value:.4g}" for key, value in self.parameters.items())
        return f"{self.name}{f' ({given})' if given else ''} times {self.factor:.4g}, {100 * self.distance:.3g} % away"


def nearest(activation: Activation, among: Iterable[Any], reach: Any) -> tuple[Nearest, ...]:
    """Families, or names of them, the nearest first; those with more than three parameters are left out."""
    import numpy as np

    breaks = activation.half.breaks
    if reach is None and not (breaks and breaks[-1].is_number):
        raise NonlinearityError(f"{activation} has no break that is a number; say up to which reach to compare")
    end = float(2 * breaks[-1] if reach is None else reach)
    if activation.parameters:
        raise NonlinearityError(f"{activation} has parameters; give them numbers by subs")
    if not 0 < end < float("inf"):
        raise NonlinearityError(f"reach = {reach!r} must be positive: up to where the two are compared")
    places = np.linspace(0, end, _PLACES + 1)[1:]
    wanted = np.asarray(activation(places), float)
    if not wanted.any():
        raise NonlinearityError(f"{activation} is 0 on (0, {end:g}], and like nothing else there")
    known = list(map(_known, among))
    found = [_fitted(name, phi, places, wanted) for name, phi in known if len(phi.parameters) in (0, *_COARSE)]
    return tuple(sorted(found, key=lambda one: one.distance))


def _known(one: Any) -> tuple[str, Activation]:
    """What a family, or an entry of a catalogue, is called, and its activation."""
    if not isinstance(one, str):
        return one.called, one.activation
    entry = entry_named(one)
    if entry is None:
        raise NonlinearityError(f"{one!r} is the name of no family")
    return key_of(one), entry.nonlinearity.to(Activation)


def _fitted(name: str, phi: Activation, places: Any, wanted: Any) -> Nearest:
    """The best parameters of one family: a coarse look over orders of magnitude, then ever smaller steps."""
    import numpy as np

    keys = [keyword_of(symbol) for symbol in phi.parameters]

    def judged(logarithms: tuple[float, ...]) -> tuple[float, float]:
        with np.errstate(all="ignore"):
            values = np.asarray(phi(places, **dict(zip(keys, np.exp(logarithms), strict=True))), float)
            size = float(values @ values)
            factor = max(0.0, float(values @ wanted) / size) if size > 0 else 0.0
            distance = float(np.linalg.norm(factor * values - wanted) / np.linalg.norm(wanted))
        return (distance, factor) if np.isfinite(distance) else (np.inf, 0.0)

    reach = float(places[-1])
    tried = np.linspace(np.log(reach / 1e3), np.log(reach * 1e1), _COARSE.get(len(keys), 1))
    best = min(product(tried, repeat=len(keys)), key=lambda at: judged(at)[0])
    step = float(tried[1] - tried[0]) if len(tried) > 1 else 0.0
    for _ in range(_ROUNDS if keys else 0):
        moves = [(*best[:k], best[k] + sign * step, *best[k + 1 :]) for k in range(len(keys)) for sign in (-1, 1)]
        closer = min([best, *moves], key=lambda at: judged(at)[0])
        best, step = (closer, step) if closer != best else (best, step / 2)
    distance, factor = judged(best)
    return Nearest(name, dict(zip(keys, np.exp(best).tolist(), strict=True)), factor, distance)
