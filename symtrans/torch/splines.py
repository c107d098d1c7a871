"""Activations that are learned whole: splines whose values are free within the box that keeps a network stable.

On each piece of a linear spline Phi(r)/r is monotone, so 0 <= g <= 1 holds everywhere if it does at the knots and for
the slope of the tail; and a spline increases with slopes up to 1 if each slope is in [0, 1]. Both are boxes, which a
sigmoid fills: nothing is projected, and no step of training leaves them.
"""

import copy
from fractions import Fraction
from itertools import accumulate, pairwise
from numbers import Real
from typing import Any, Self

import numpy as np
import sympy as sp
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from symtrans.catalogue.family import Family, translate
from symtrans.codegen.network import Network
from symtrans.errors import NonlinearityError, StabilityError
from symtrans.language.arrays import reals_of
from symtrans.language.symbols import number_of
from symtrans.nonlinearity.kind import Kind
from symtrans.nonlinearity.kinds import Activation
from symtrans.schemes.grid import count_of
from symtrans.stability.certificate import Certificate
from symtrans.stability.prover import certify
from symtrans.torch.kernels import DTYPES, picked
from symtrans.torch.layers import DiffusionNetwork, learned_by
from symtrans.torch.learning import Remade
from symtrans.torch.parametrizations import Inside, held
from symtrans.torch.recipe import UNIFORM, Recipe
from symtrans.torch.stencils import Stencil, step

CONSTRAINTS = ("max-min", "monotone")


class SplineActivation(Remade):
    """An odd linear spline Phi, learned by its values at knots, with 0 <= Phi(r)/r <= 1 at every step of training.

    Parameters
    ----------
    knots : int or array_like
        Places r > 0, ascending; a number takes so many up to `reach`, equally far apart.
    start : Kind, Family, str or array_like, optional
        Where training begins: a nonlinearity without parameters, or one value of Phi for each knot; r/2 otherwise.
    reach : float
    constraint : {"max-min", "monotone"}
        What stays true: 0 <= Phi(r)/r <= 1; or also 0 <= Phi' <= 1, for distances that never grow.
    channels : int, optional
        A spline for each channel, on the second axis of the input.

    Examples
    --------
    >>> spline = SplineActivation(4, [0.25, 0.4, 0.4, 0.3])
    >>> spline(torch.tensor([-0.5, 0.1, 1.0])).tolist()
    [-0.4000..., 0.0999..., 0.3000...]
    >>> spline.certificate().nonnegative.value, float(spline.certificate().g_max.value) <= 1
    (True, True)
    """

    knots: Tensor
    rates: Tensor

    def __init__(
        self,
        knots: Any,
        start: Any = None,
        *,
        reach: float = 1.0,
        constraint: str = "max-min",
        channels: int | None = None,
    ) -> None:
        super().__init__()
        self._given = {"knots": knots, "start": start, "reach": reach, "constraint": constraint, "channels": channels}
        if constraint not in CONSTRAINTS:
            raise NonlinearityError(f"constraint = {constraint!r} is none of {', '.join(CONSTRAINTS)}")
        self.constraint = constraint
        reach, self.channels = number_of(reach, "reach"), None if channels is None else count_of(channels, "channels")
        if reach <= 0:
            raise NonlinearityError(f"reach = {reach:g} must be a finite positive number")
        is_count = isinstance(knots, Real)
        places = reals_of(knots, "knots").astype(float) if not is_count else _even_places(knots, reach)
        if places.ndim != 1 or not len(places) or not (np.diff(places, prepend=0) > 0).all():
            raise NonlinearityError(f"knots = {knots!r} are not places r > 0 in ascending order, nor a number of them")
        stored = torch.as_tensor(places, dtype=torch.get_default_dtype(), device="cpu")
        if not _are_places(stored):
            raise NonlinearityError(
                f"knots up to {places[-1]:g} are not different places in {stored.dtype}; put them farther apart, take "
                "other units, or torch.set_default_dtype(torch.float64)"
            )
        rates = self._rates(places, _values(start, places))
        if rates.shape[:-1] not in ((), (self.channels,)):
            raise NonlinearityError(
                f"start has the shape {(*rates.shape[:-1], len(places))}; give one value for each of {len(places)} "
                "knots, or with channels=C as many of them for each of the C channels, (C, knots)"
            )
        dtype = torch.get_default_dtype()
        shape = rates.shape if channels is None else (channels, rates.shape[-1])
        self._numbers(torch.empty(0))  # on the default device
        self.register_buffer("knots", torch.as_tensor(places, dtype=dtype))
        self.rates = nn.Parameter(torch.as_tensor(rates, dtype=dtype).expand(shape).clone())
        parametrize.register_parametrization(self, "rates", Inside())
        self._saved_as = f"SplineActivation({self.extra_repr()}, channels={channels})"

    def _rates(self, places: np.ndarray, values: np.ndarray) -> np.ndarray:
        """What is learned: Phi(r)/r at the knots, or the slopes; last the slope of the tail, which goes on at first."""
        if values.shape[-1:] != places.shape:
            raise NonlinearityError(f"{values.shape[-1:]} values for {len(places)} knots; give one for each")
        slopes = np.diff(values, prepend=0) / np.diff(places, prepend=0)
        rates = slopes if self.constraint == "monotone" else values / places
        broken = np.argwhere((rates < -1e-6) | (rates > 1 + 1e-6) | ~np.isfinite(rates))
        if len(broken):
            at = tuple(broken[0])
            what = "the slope up to" if self.constraint == "monotone" else "Phi(r)/r at"
            raise NonlinearityError(
                f"{what} r = {places[at[-1]]:g} is {rates[at]:g}, not in [0, 1] (constraint = {self.constraint!r}): "
                "divide the values by the largest and multiply tau by it, or fit them with symtrans.Activation.fit"
            )
        return np.concatenate([rates, np.clip(slopes[..., -1:], 0, 1)], -1)

    def forward(self, r: Tensor) -> Tensor:
        """Phi(r), for any shape, or (B, C, ...) with channels."""
        r = self._ready(r, self.knots)
        return r * self.diffusivity(r.abs())

    def diffusivity(self, size: Tensor) -> Tensor:
        """Phi(r)/r as a function of the size of r."""
        size = self._ready(size, self.knots)
        slopes, intercepts = self._pieces()
        piece = torch.bucketize(size.detach(), self.knots, right=True)
        if self.channels is not None:
            if size.ndim < 2 or size.shape[1] != self.channels:
                raise NonlinearityError(
                    f"the input has shape {tuple(size.shape)}; of {self.channels} channels it is (B, C, ...)"
                )
            first = torch.arange(self.channels, device=size.device) * slopes.shape[-1]
            piece_of = piece + first.reshape(-1, *[1] * (size.ndim - 2))
        else:
            piece_of = piece
        slope, intercept = (picked(part.reshape(-1), piece_of) for part in (slopes, intercepts))
        return held(slope + intercept / torch.where(piece == 0, 1.0, size))

    def _pieces(self) -> tuple[Tensor, Tensor]:
        """Slope and intercept of each piece, outwards."""
        rates, values = self.rates, self._values(self.rates)
        nothing = torch.zeros_like(values[..., :1])
        slopes = rates
        if self.constraint == "max-min":
            widths = torch.diff(self.knots, prepend=self.knots.new_zeros(1))
            slopes = torch.cat([torch.diff(values, dim=-1, prepend=nothing) / widths, rates[..., -1:]], -1)
        # the innermost piece goes through 0
        return slopes, torch.cat([nothing, values - slopes[..., 1:] * self.knots], -1)

    def _values(self, rates: Tensor) -> Tensor:
        """Phi at the knots."""
        if self.constraint == "max-min":
            return rates[..., :-1] * self.knots
        return (rates[..., :-1] * torch.diff(self.knots, prepend=self.knots.new_zeros(1))).cumsum(-1)

    @property
    def is_uniform(self) -> bool:
        """Whether the knots are equally far apart, from 0 on, as far as their numbers tell."""
        return bool(torch.isclose(self.knots, self._even(), rtol=4 * torch.finfo(self.knots.dtype).eps, atol=0).all())

    def _even(self) -> Tensor:
        count = len(self.knots)
        return self.knots[-1] * torch.arange(1, count + 1, dtype=self.knots.dtype, device=self.knots.device) / count

    def _apply(self, *arguments: Any, **options: Any) -> Self:
        """In another dtype, knots that are equally far apart are so to all its digits."""
        was_uniform = not self.knots.is_meta and self.is_uniform
        stored = arguments[0](self.knots)
        is_rounded = stored.dtype in DTYPES and stored.dtype != self.knots.dtype and not stored.is_meta
        if is_rounded and not (was_uniform or _are_places(stored)):
            raise NonlinearityError(
                f"knots up to {float(self.knots[-1]):g} are not different places in {stored.dtype}; leave the module "
                f"in {self.knots.dtype}"
            )
        super()._apply(*arguments, **options)
        if was_uniform:
            self.knots = self._even()
        return self

    def kind(self, channel: int | None = None) -> Activation:
        """The spline as it stands, with exactly its numbers.

        Examples
        --------
        >>> SplineActivation([1.0], constraint="monotone").kind()
        Activation.from_knots([0, 1, 2], [0, 0.5, 1], tail='linear')
        """
        if (channel is None) is not (self.channels is None):
            raise NonlinearityError(f"channel = {channel!r} of a spline with channels = {self.channels!r}")
        rates = [Fraction(x) for x in self._numbers(self.rates if channel is None else self.rates[channel]).tolist()]
        places = [Fraction(x) for x in self._numbers(self.knots).tolist()]
        if self.is_uniform:
            places = [places[-1] * k / len(places) for k in range(1, len(places) + 1)]
        if self.constraint == "monotone":
            steps = (rate * (b - a) for rate, (a, b) in zip(rates, pairwise([Fraction(0), *places]), strict=False))
            values = list(accumulate(steps))
        else:
            values = [rate * place for rate, place in zip(rates, places, strict=False)]
        # the tail from the last knot, which has a slope of its own
        beyond = [*values, values[-1] + rates[-1] * places[-1]]
        return Activation.from_knots([0, *places, 2 * places[-1]], [0, *beyond])

    def family(self, channel: int | None = None) -> Family:
        """The same as diffusivity, regulariser, shrinkage function and activation."""
        return translate(self.kind(channel))

    def certificate(self, channel: int | None = None) -> Certificate:
        """What is proved of the spline as it stands."""
        return certify(self.kind(channel))

    def extra_repr(self) -> str:
        """How many knots, up to where."""
        return f"{len(self.knots)} knots up to {float(self.knots[-1]):g}, constraint={self.constraint!r}"


def _even_places(knots: Any, reach: float) -> np.ndarray:
    return np.linspace(0, reach, count_of(knots, "knots") + 1)[1:]


def _are_places(knots: Tensor) -> bool:
    """Whether knots are finite and ascend from above 0, as numbers of their type."""
    return bool((torch.diff(knots, prepend=knots.new_zeros(1)) > 0).all() and knots[-1].isfinite())


def _values(start: Any, places: np.ndarray) -> np.ndarray:
    """Phi at the knots, of what training begins with."""
    if start is None:
        return places / 2
    if isinstance(start, str | Kind | Family):
        family = start if isinstance(start, Family) else translate(start)  # type: ignore[arg-type]
        if family.parameters:
            raise NonlinearityError(f"{start!r} has parameters; give them numbers by subs")
        return np.asarray(family.activation(places))
    return reals_of(start.detach() if isinstance(start, Tensor) else start, "start").astype(float)


class SplineNetwork(DiffusionNetwork):
    """A `DiffusionNetwork` of learned splines: ``DiffusionNetwork(SplineActivation(...), ...)``.

    Where their knots are equally far apart, from 0 on, C kernels look their values up; other splines are plain Torch.

    Examples
    --------
    >>> network = DiffusionNetwork(SplineActivation(20, reach=2.0), blocks=3)
    >>> isinstance(network, SplineNetwork), len(network.splines)
    (True, 3)
    """

    def __init__(self, x: SplineActivation, blocks: int = 1, *, shared: bool = False, **options: Any) -> None:
        if x.channels is not None:
            raise NonlinearityError("a network has one spline for all channels: give it no channels")
        if options.get("stability") == "nonexpansive" and x.constraint != "monotone":
            raise StabilityError('stability="nonexpansive" needs SplineActivation(..., constraint="monotone")')
        super().__init__(x, blocks, shared=shared, **options)  # type: ignore[arg-type]
        if self._recipe.scheme != "explicit" or self._channels is not None:
            raise NonlinearityError(
                "a network of splines has the explicit scheme, and no numbers of its own for channels"
            )
        self._largest, self._stencil = float(self._recipe.bound), Stencil.of(self._recipe.network.grid)
        self._looked_up = len(self._recipe.nonlinearity.half.breaks) + 2  # at 0, at all knots, and beyond
        self.splines = nn.ModuleList(copy.deepcopy(x) for _ in range(self._layers))
        self._given = {"x": x, "blocks": blocks, "shared": shared, **options}
        self._saved_as = f"{self._text} of {x._saved_as}"

    def _recipe_of(self, x: SplineActivation, **network: Any) -> Recipe:
        last = Fraction(float(x.knots[-1]))
        if x.is_uniform:
            return Recipe.of_splines(len(x.knots), last, **network)
        # sup g and sup Phi' of the splines are at most 1, as those of Phi(r) = r: the same bounds keep the same
        return Recipe.of(Activation("r"), **network)

    def _given_to_op(self) -> Tensor:
        """The shares of the steps, and the values of each spline at 0, at its knots, and beyond, where it is a line."""
        if self._recipe.kind != UNIFORM:
            return self._packed()
        first, rates = self.splines[0], torch.stack([spline.rates for spline in self.splines])
        values, rise = first._values(rates), rates[:, -1:] * (first.knots[-1] / len(first.knots))
        beyond = torch.arange(1, self._looked_up - len(first.knots), device=rates.device)
        tables = torch.cat([torch.zeros_like(rise), values, values[:, -1:] + rise * beyond], 1)
        return torch.cat([self._packed(), tables.t()[None]], 1)

    def forward(self, u: Tensor) -> Tensor:
        """Filter signals along the last axes."""
        if self._recipe.kind == UNIFORM:
            return super().forward(u)
        parameters = self._packed()
        u, steps = self._fitting(u, parameters), self._largest * parameters.reshape(-1)
        if not u.numel():
            return self._of_nothing(u)
        for k in range(self.blocks):
            layer = min(k, self._layers - 1)
            u = step(u, self.splines[layer].diffusivity, steps[layer], self._stencil)
        return u

    def networks(self, channel: int = 0) -> tuple[Network, ...]:
        """Each block as a network of its own, with exactly the numbers that it has now."""
        shares = self._numbers(self._packed())[channel].reshape(-1).tolist()
        kinds = [spline.kind() for spline in self.splines]
        made = [
            self._recipe.with_tau(kind, 1, sp.Rational(share) * self._recipe.bound)
            for kind, share in zip(kinds, shares, strict=True)
        ]
        return tuple(made[min(k, self._layers - 1)] for k in range(self.blocks))

    def to_network(self, channel: int = 0) -> tuple[Network, dict[str, Any]]:
        """The network of a spline that all blocks share, which has no parameters.

        Raises
        ------
        NonlinearityError
            If each block has a spline of its own.

        Examples
        --------
        >>> made = DiffusionNetwork(SplineActivation([1.0]), blocks=3, shared=True)
        >>> network, values = made.to_network()
        >>> network.blocks, values
        (3, {})
        """
        if self._layers > 1:
            raise NonlinearityError(
                f"each of the {self.blocks} blocks has a spline of its own, and a network has one nonlinearity; take "
                "networks(), one for each block, or learn with shared=True"
            )
        return self.networks(channel)[0].with_blocks(self.blocks), {}

    def extra_repr(self) -> str:
        """How many blocks there are."""
        return f"{self.blocks} blocks"


learned_by(SplineActivation, SplineNetwork)
