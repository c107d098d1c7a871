"""Residual networks of diffusion as PyTorch modules, each of which keeps in training what the certificate proves."""

from typing import Any, Self

import numpy as np
import sympy as sp
import torch
from torch import Tensor

from symtrans.catalogue.family import Family, translate
from symtrans.codegen.network import Network
from symtrans.codegen.targets import TARGETS
from symtrans.errors import NonlinearityError, StabilityError
from symtrans.language.symbols import keyword_of
from symtrans.nonlinearity.kind import Kind
from symtrans.schemes import FSI
from symtrans.schemes.grid import count_of
from symtrans.stability.certificate import Certificate
from symtrans.torch.kernels import has_compiler, plain
from symtrans.torch.learning import Learning, given_numbers
from symtrans.torch.ops import applied
from symtrans.torch.parametrizations import Share
from symtrans.torch.recipe import RULES, SHARE, Recipe, own_values
from symtrans.torch.standing import Standing

BACKENDS = ("auto", "c", "torch")
_NETWORKS: dict[type, type] = {}


def learned_by(kind: type, network: type) -> None:
    """Make `DiffusionNetwork(x)` of an x of this kind such a network."""
    _NETWORKS[kind] = network


class Activation(Learning):
    """The activation Phi of any kind or family, sample by sample; derivatives are exact at its breaks and extremes.

    Parameters
    ----------
    x : Family, Kind or str
        A nonlinearity, or the name of a family.
    channels : int, optional
        One set of parameters for each channel, on the second axis of the input.
    learnable : bool or collection of str
        The keywords of parameters that training may change.
    **values : float or array_like
        Where each parameter begins, by keyword (lambda is ``lam``); 1 unless it is given.

    Examples
    --------
    >>> activation = Activation("soft", theta=0.5)
    >>> activation(torch.tensor([-2.0, 0.25])).tolist()
    [-0.70710..., 0.25]
    """

    def __init__(
        self, x: Family | Kind | str, *, channels: int | None = None, learnable: Any = True, **values: Any
    ) -> None:
        recipe = Recipe.of(x)
        super().__init__(
            recipe, () if channels is None else (count_of(channels, "channels"),), learnable, own_values(x, values)
        )
        self._given = {"x": x, "channels": channels, "learnable": learnable, **values}

    def forward(self, r: Tensor) -> Tensor:
        """Phi(r).

        Parameters
        ----------
        r : Tensor, any shape, or (B, C, ...) with channels; dtype of the module
        """
        values = [self._value(key) for key in self._keys]
        if values:
            r = self._ready(r, values[0])
        if self._shape:
            if r.ndim < 2 or r.shape[1] != self._shape[0]:
                raise NonlinearityError(
                    f"the input has shape {tuple(r.shape)}; with {self._shape[0]} channels it is (B, C, ...)"
                )
            values = [value.reshape(-1, *[1] * (r.ndim - 2)) for value in values]
        return plain(self._text, r.dtype).flux(r, *values)  # type: ignore[no-any-return]

    def family(self, channel: int | None = None) -> Family:
        """The nonlinearity with the numbers that it has now, in all four forms.

        Examples
        --------
        >>> float(Activation("soft", theta=0.5).family().shrinkage(1.0))
        0.5
        """
        channel, channels = channel or 0, (self._shape or (1,))[0]
        if not 0 <= channel < channels:
            raise NonlinearityError(f"channel = {channel}; there are {channels}")
        numbers = ((key, self._numbers(getattr(self, key)).reshape(-1)[channel]) for key in self._keys)
        return translate(self.nonlinearity.subs({key: sp.Rational(float(number)) for key, number in numbers}))

    def certificate(self, channel: int | None = None) -> Certificate:
        """What is proved of it, with its numbers."""
        return self.family(channel).certificate


class DiffusionNetwork(Learning):
    """Residual blocks u <- u + tau D⁻ Phi(D⁺ u) whose parameters and time steps are learned, and which stay stable.

    Each time step is a share, between 0 and 1, of the largest that the certificate proves for the parameters as they
    are; so the property named by `stability` holds before, during and after training, at any depth.

    Parameters
    ----------
    x : Family, Kind, str or SplineActivation
        A nonlinearity, the name of a family, or a spline to be learned.
    blocks : int
    shared : bool
        Whether all blocks have the same parameters and time step; else each has its own.
    h : number or tuple of numbers
        The grid size; a tuple has one for each axis that is filtered, the last ones.
    channels : int or bool, optional
        So many channels, on the axis before those, with parameters of their own; True: channels that share one
        gradient.
    boundary, coupling, scheme, cycle
        As of `symtrans.Network`; the scheme is "explicit" or "fsi".
    stability : {"max-min", "sign", "nonexpansive", "euclidean"}
        What every block keeps: the range of its input; also the number of sign changes; distances between two inputs
        (for increasing Phi); the Euclidean norm.
    tau : float or array_like, optional
        Where time steps begin; half of the largest unless it is given.
    learnable : bool or collection of str
        The keywords of parameters, and "tau", that training may change.
    backend : {"auto", "c", "torch"}
        C kernels, or the same program in plain Torch; "auto" takes C where there is a compiler. On other devices than
        the CPU it is always plain Torch.
    **values : float or array_like
        Where each parameter begins, by keyword; 1 unless it is given.

    Raises
    ------
    StabilityError
        If no step keeps what is to be kept.

    Examples
    --------
    >>> network = DiffusionNetwork("perona-malik", blocks=8, lam=0.5)
    >>> u = torch.tensor([0.0, 1.0, 0.0, 0.1])
    >>> bool((network(u) >= 0).all() and (network(u) <= 1).all())
    True
    >>> sorted(name for name, _ in network.named_parameters())
    ['parametrizations.lam.original', 'parametrizations.tau_share.original']
    """

    def __new__(cls, x: Any = None, *arguments: Any, **options: Any) -> Any:
        """Of a learned spline, the network that knows how to learn it."""
        kinds = [network for kind, network in _NETWORKS.items() if cls is DiffusionNetwork and isinstance(x, kind)]
        return super().__new__(kinds[0] if kinds else cls)

    def __init__(
        self,
        x: Family | Kind | str,
        blocks: int = 1,
        *,
        shared: bool = False,
        h: Any = 1,
        channels: int | bool | None = None,
        boundary: str = "reflecting",
        coupling: str = "isotropic",
        scheme: str = "explicit",
        cycle: int | None = None,
        stability: str = "max-min",
        tau: Any = None,
        learnable: Any = True,
        backend: str = "auto",
        **values: Any,
    ) -> None:
        blocks, channels = count_of(blocks, "blocks"), None if channels is False else channels
        given = {key: value for key, value in locals().items() if key not in ("self", "values", "__class__")}
        if backend not in BACKENDS:
            raise NonlinearityError(f"backend = {backend!r} is none of {', '.join(BACKENDS)}")
        if stability not in RULES:
            raise NonlinearityError(f"stability = {stability!r} is none of {', '.join(RULES)}")
        network = {"h": h, "boundary": boundary, "coupling": coupling, "scheme": scheme, "cycle": cycle}
        network |= {"blocks": blocks, "channels": channels is True, "stability": stability}
        recipe = self._recipe_of(x, **network)
        made = recipe.network
        TARGETS["torch"].refuse_uncovered(made.scheme, made.grid)
        in_c = backend == "c" or (backend == "auto" and TARGETS["c"].covers(scheme, made.grid) and has_compiler())
        shape = () if shared else (blocks,)
        self._channels = None if channels in (None, True) else count_of(channels, "channels")
        if self._channels:
            shape = (*shape, self._channels)
        super().__init__(recipe, shape, learnable, own_values(x, values))
        self._given = {**given, **values}
        self._layers, self._in_c = 1 if shared else blocks, in_c
        self._axes, self._order = recipe.axes, recipe.parameters
        self._least = recipe.axes + (channels is not None)
        self._learn(SHARE, 0.5 if tau is None else self._share_of(tau), Share(), "tau" in self._learned)

    def _recipe_of(self, x: Any, **network: Any) -> Recipe:
        return Recipe.of(x, **network)

    @property
    def blocks(self) -> int:
        """How many there are."""
        return self._recipe.blocks

    def forward(self, u: Tensor) -> Tensor:
        """Filter signals along the last axes.

        Parameters
        ----------
        u : Tensor, shape (..., N) with an N for each axis of h, or (..., C, N) with channels; dtype of the module

        Raises
        ------
        NonlinearityError
            If it does not fit; for C kernels also if it holds NaN or infinity.
        """
        parameters = self._given_to_op()
        u = self._fitting(u, parameters)
        if self._in_c and u.device.type == "cpu":
            return applied(u, parameters, self._text)
        if not u.numel():
            return self._of_nothing(u)
        return plain(self._text, u.dtype)(u, parameters)  # type: ignore[no-any-return]

    def _fitting(self, u: Tensor, parameters: Tensor) -> Tensor:
        """The input, if it has the axes and channels that are filtered."""
        u, axes = self._ready(u, parameters), self._axes
        if u.ndim < self._least:
            raise NonlinearityError(
                f"the signal has shape {tuple(u.shape)}; this network wants {self._least} "
                f"{'axis' if self._least == 1 else 'axes'} or more"
            )
        if self._channels is not None and self._channels != u.shape[-1 - axes]:
            raise NonlinearityError(
                f"the signal has shape {tuple(u.shape)}: {u.shape[-1 - axes]} channels before the last "
                f"{'axis' if axes == 1 else f'{axes} axes'}, and the network is for {self._channels}"
            )
        return u

    def _packed(self) -> Tensor:
        """All parameters as the op takes them: (channels or 1, parameters, blocks or 1)."""
        channels = self._channels or 1
        values = torch.stack([self._value(key) for key in self._order])
        return values.reshape(len(self._order), self._layers, channels).permute(2, 0, 1)

    def _given_to_op(self) -> Tensor:
        """These, and what else the op takes."""
        return self._packed()

    @property
    def tau(self) -> Tensor:
        """The time steps as they are, with the gradient by their shares: of the shape of each parameter."""
        share: Tensor = getattr(self, SHARE)
        bound = self._bound()
        return share / (1 - share) if bound is None else share * bound.to(share)

    @tau.setter
    def tau(self, tau: Any) -> None:
        setattr(self, SHARE, self._share_of(tau))

    def _share_of(self, tau: Any) -> Tensor:
        """Which share of the largest step a step is."""
        step, bound = given_numbers(tau, "tau"), self._bound()
        share = step / (1 + step) if bound is None else step / bound
        if not bool(((share > 0) & (share <= 1)).all()):
            raise StabilityError(f"tau = {tau} is not above 0 and up to the largest stable step, {self._recipe.bound}")
        return share

    def _bound(self) -> Tensor | None:
        """The largest steps for the parameters as they are; None where every step will do."""
        bound, symbols = self._recipe.bound, self.nonlinearity.parameters
        if bound is sp.oo:
            return None
        values = [self._numbers(getattr(self, keyword_of(symbol))).numpy() for symbol in symbols]
        return torch.as_tensor(sp.lambdify(symbols, bound, "numpy")(*values), dtype=torch.float64)

    def networks(self, channel: int = 0) -> tuple[Network, ...]:
        """Each block as a network of its own, with exactly the numbers that it has now."""
        names = self._order
        packed = self._numbers(self._packed())
        if not 0 <= channel < packed.shape[0]:
            raise NonlinearityError(f"channel = {channel}; there are {packed.shape[0]}")
        rows = packed[channel].expand(-1, self.blocks).t().tolist()
        made = {row: self._block(dict(zip(names, row, strict=True))) for row in dict.fromkeys(map(tuple, rows))}
        return tuple(made[tuple(row)] for row in rows)

    def _block(self, values: dict[str, float]) -> Network:
        exact = {key: sp.Rational(value) for key, value in values.items()}
        share = exact.pop(SHARE)
        given = {symbol: exact[keyword_of(symbol)] for symbol in self.nonlinearity.parameters}
        tau = self._recipe.network.tau.subs({**given, sp.Symbol(SHARE, positive=True): share})
        return self._recipe.with_tau(self.nonlinearity.subs(exact), 1, tau)

    def certificate(self, channel: int = 0) -> Standing:
        """What is proved of the network as it stands, with its numbers.

        Examples
        --------
        >>> print(DiffusionNetwork("soft", blocks=2, theta=0.5).certificate())
        2 blocks, tau = 0.25
        proved: min f <= u <= max f (max-min principle)
        ...
        """
        return Standing(self.networks(channel))

    def to_network(self, channel: int = 0) -> tuple[Network, dict[str, Any]]:
        """The network with parameters, and their values: ``network.compile()(u, **values)`` is this module.

        Examples
        --------
        >>> network, values = DiffusionNetwork("soft", blocks=2, theta=0.5).to_network()
        >>> network.parameters, sorted(values)
        ((tau, theta), ['tau', 'theta'])
        """
        rows = self._numbers(self._packed())[channel].numpy()
        named = zip(self._order, rows, strict=True)
        values = {key: row if len(row) > 1 else float(row[0]) for key, row in named}
        del values[SHARE]
        steps = [float(network.tau) for network in self.networks(channel)]
        values["tau"] = steps[0] if self._layers == 1 else np.array(steps)
        return self._recipe.with_tau(self.nonlinearity, self.blocks, sp.Symbol("tau", positive=True)), values

    @classmethod
    def from_network(cls, network: Network, *, stability: str = "max-min", **options: Any) -> Self:
        """A module that begins as a network is; parameters that the network is called with are among the options.

        Examples
        --------
        >>> DiffusionNetwork.from_network(Network("soft", blocks=2, tau="1/8"), theta=0.5).tau.tolist()
        [0.125, 0.125]
        """
        if not isinstance(network, Network):
            raise NonlinearityError(
                f"{type(network).__name__} is no symtrans.Network; of a kernel give kernel.network, of a module "
                "module.to_network()[0]"
            )
        tau = options.pop("tau", None) if network.tau.free_symbols else float(network.tau)
        grid = network.grid
        return cls(
            network.origin,
            network.blocks,
            h=grid.sizes,
            boundary=grid.boundary,
            coupling=grid.coupling,
            scheme=network.scheme.name,
            cycle=network.cycle if network.scheme is FSI else None,
            channels=True if grid.channels else None,
            stability=stability,
            tau=tau,
            **options,
        )

    def family(self, block: int = 0, channel: int = 0) -> Family:
        """The nonlinearity that a block has learned, as diffusivity, regulariser, shrinkage function and activation.

        Examples
        --------
        >>> DiffusionNetwork("soft", theta=0.5).family().diffusivity
        Diffusivity('Piecewise((1, |r| <= sqrt(2)/2), (sqrt(2)/(2*|r|), otherwise))')
        """
        if not -self.blocks <= block < self.blocks:
            raise NonlinearityError(f"block = {block}; there are {self.blocks}, the first is 0")
        network = self.networks(channel)[block]
        return translate(network.origin, tau=network.tau)


class DiffusionBlock(DiffusionNetwork):
    """One block of `DiffusionNetwork`; it takes the same arguments, but for `blocks` and `shared`.

    Examples
    --------
    >>> block = DiffusionBlock("charbonnier", lam=0.5, learnable="tau")
    >>> block(torch.tensor([0.0, 1.0])).tolist()
    [0.111..., 0.888...]
    """

    def __init__(self, x: Family | Kind | str, **options: Any) -> None:
        super().__init__(x, 1, shared=True, **options)
        self._given = {"x": x, **options}
