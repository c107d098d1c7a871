"""Symmetric residual blocks u - tau W^T Phi(W u) with any bank of filters, eq. (4) with W_2 = -tau W_1^T.

The Euclidean norm never grows if g >= 0 and tau <= 2/(sup g ||W||^2); distances do not if Phi increases and
tau <= 2/(sup Phi' ||W||^2). For convolutions ||W||^2 is at most the largest value of the trigonometric polynomial
sum_k |W_k(w)|^2, and padding by zeros only lowers it. A trigonometric polynomial of degree n is nowhere larger than
its largest value at M > 2 n equidistant places, over cos(pi n/M) (Ehlich and Zeller 1964), axis by axis.
"""

import math
from contextlib import nullcontext
from typing import Any

import sympy as sp
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from symtrans.catalogue.family import Family
from symtrans.errors import NonlinearityError, StabilityError
from symtrans.stability.certificate import Certificate
from symtrans.stability.evidence import Evidence
from symtrans.stability.guarantees import Guarantee
from symtrans.stability.prover import certify
from symtrans.torch.layers import Activation
from symtrans.torch.learning import Remade, given_numbers
from symtrans.torch.parametrizations import Share
from symtrans.torch.splines import SplineActivation

_FINER = 16  # places for each tap of a filter
_ROUNDED = 1 + 2.0**-12  # far more than rounding takes off the computed norm, and the step
_CLAIMS = {
    "euclidean": ("the Euclidean norm never grows", "g_max", "nonnegative", "g >= 0"),
    "nonexpansive": ("distances between two signals never grow", "slope_max", "monotone", "Phi increasing"),
}
_CONVOLUTIONS = {
    1: (nn.functional.conv1d, nn.functional.conv_transpose1d),
    2: (nn.functional.conv2d, nn.functional.conv_transpose2d),
    3: (nn.functional.conv3d, nn.functional.conv_transpose3d),
}


class SymmetricBlock(Remade):
    """u - tau W^T Phi(W u) for a bank of filters W, continued by zeros, with a time step that keeps the block stable.

    Parameters
    ----------
    filters : Tensor, shape (K, C, odd size, ...)
        Where the filters begin, for signals, images or volumes of C channels.
    x : Family, Kind, str or SplineActivation
        The activation, of all filters alike; or `SplineActivation(..., channels=K)`, one for each.
    stability : {"euclidean", "nonexpansive"}
        Whether the Euclidean norm never grows, or distances do not, which asks for an increasing Phi.
    learnable : bool
        Whether training changes the filters; the activation says for itself.
    **values
        Where parameters of x begin.

    Examples
    --------
    >>> block = SymmetricBlock(torch.tensor([[[0.0, -1.0, 1.0]]]), "charbonnier", lam=0.5)
    >>> u = torch.tensor([[[0.0, 3.0, 1.0]]])
    >>> bool(block(u).norm() <= u.norm()), [str(one) for one in block.guarantees()]
    (True, ['proved: the Euclidean norm never grows'])
    """

    filters: Tensor
    share: Tensor

    def __init__(
        self, filters: Any, x: Any, *, stability: str = "euclidean", learnable: bool = True, **values: Any
    ) -> None:
        super().__init__()
        if stability not in _CLAIMS:
            raise NonlinearityError(f"stability = {stability!r} is none of {', '.join(_CLAIMS)}")
        self._given = {"filters": filters, "x": x, "stability": stability, "learnable": learnable, **values}
        weights = given_numbers(filters, "filters").to(torch.get_default_dtype(), copy=True)
        is_bank = weights.ndim - 2 in _CONVOLUTIONS and weights.numel() > 0
        if not is_bank or not all(size % 2 for size in weights.shape[2:]):
            raise NonlinearityError(
                f"filters have the shape {tuple(weights.shape)}; give (K, C, size, ...) with one to three odd sizes"
            )
        if not weights.is_meta and not torch.isfinite(weights).all():
            raise NonlinearityError("filters hold NaN or infinity; give finite numbers")
        self._numbers(weights)
        self.filters = nn.Parameter(weights, learnable)
        if not weights.is_meta and not torch.isfinite(self.norm_squared()):
            raise NonlinearityError(
                f"filters of up to {float(weights.abs().max()):g} are too large: the square of their norm is no "
                f"number of {weights.dtype}; divide them by their norm, which the step takes up"
            )
        self._saved_as = f"SymmetricBlock(filters of shape {tuple(weights.shape)}, stability={stability!r})"
        self.activation = x if isinstance(x, SplineActivation) else Activation(x, **values)
        of_filters = x.channels if isinstance(x, SplineActivation) else values.get("channels")
        if of_filters not in (None, len(weights)):
            raise NonlinearityError(f"the activation has channels = {of_filters}, and there are {len(weights)} filters")
        self.stability, self._steepest = stability, _steepest(self.activation, stability)
        self.share = nn.Parameter(torch.tensor(0.5))
        parametrize.register_parametrization(self, "share", Share())

    def forward(self, u: Tensor) -> Tensor:
        """One block on (B, C, N, ...)."""
        u = self._ready(u, self.filters)
        if u.ndim != self.filters.ndim or u.shape[1] != self.filters.shape[1]:
            raise NonlinearityError(
                f"the input has shape {tuple(u.shape)}; filters of shape {tuple(self.filters.shape)} want "
                f"(B, {self.filters.shape[1]}, {', '.join('N' * (self.filters.ndim - 2))})"
            )
        if 0 in u.shape[2:]:  # which convolutions refuse
            return self._of_nothing(u)
        forth, back = _CONVOLUTIONS[u.ndim - 2]
        padding = [size // 2 for size in self.filters.shape[2:]]
        # autocast would round more than the step is kept off its bound
        with nullcontext() if u.is_meta else torch.autocast(u.device.type, enabled=False):
            flow = self.activation(forth(u, self.filters, padding=padding))
            return u - self.tau * back(flow, self.filters, padding=padding)  # type: ignore[no-any-return]

    @property
    def tau(self) -> Tensor:
        """The time step: a share of the largest that keeps the block stable with its filters as they are."""
        return self.share * 2 / (self._steepest * self.norm_squared())

    def norm_squared(self) -> Tensor:
        """A bound of the largest eigenvalue of W^T W, for signals of any size."""
        taps = self.filters.shape[2:]
        places = [_FINER * size for size in taps]
        real, imaginary = self.filters.double(), None
        for size, count in zip(taps, places, strict=True):  # in real numbers, as ONNX has them
            steps = torch.arange(count, dtype=torch.float64, device=self.filters.device)
            angles = torch.outer(torch.arange(size, dtype=torch.float64, device=steps.device), steps * math.tau / count)
            real, imaginary = _turned(real, imaginary, angles)
        between = math.prod([math.cos(math.pi * (size - 1) / count) for size, count in zip(taps, places, strict=True)])
        assert imaginary is not None
        largest = (real.square() + imaginary.square()).sum((0, 1)).flatten().amax(0) * (_ROUNDED / between)
        # of filters that vanish the step has an end, and its slope, 2/norm^4, is no infinity times 0
        return largest.to(self.filters.dtype).clamp(min=torch.finfo(self.filters.dtype).tiny ** 0.5)

    def guarantees(self) -> tuple[Guarantee, ...]:
        """What is proved of the block as it stands."""
        claim, *_ = _CLAIMS[self.stability]
        norm = float(self._numbers(self.norm_squared()))
        reason = f"tau <= 2/({self._steepest:g} ||W||^2), ||W||^2 <= {norm:g} (Ehlich and Zeller)"
        return (Guarantee(claim, Evidence.PROVED, reason),)

    def family(self, channel: int | None = None) -> Family:
        """The nonlinearity that it has learned, in all four forms."""
        return self.activation.family(channel)

    def certificate(self, channel: int | None = None) -> Certificate:
        """What is proved of its activation as it stands; of the block, see `guarantees`."""
        return self.activation.certificate(channel)


def _turned(real: Tensor, imaginary: Tensor | None, angles: Tensor) -> tuple[Tensor, Tensor]:
    """The sum over n along axis 2 of (real_n + i imaginary_n) exp(-i angle_n); the columns of the angles come last."""

    def summed(part: Tensor, factors: Tensor) -> Tensor:
        return torch.tensordot(part, factors, ([2], [0]))

    cosines, sines = angles.cos(), angles.sin()
    if imaginary is None:
        return summed(real, cosines), -summed(real, sines)
    return summed(real, cosines) + summed(imaginary, sines), summed(imaginary, cosines) - summed(real, sines)


def _steepest(activation: Activation | SplineActivation, stability: str) -> float:
    """The constant of the activation that bounds the step."""
    _, constant, condition, words = _CLAIMS[stability]
    if isinstance(activation, SplineActivation):
        if stability == "nonexpansive" and activation.constraint != "monotone":
            raise StabilityError('stability="nonexpansive" needs SplineActivation(..., constraint="monotone")')
        return 1.0
    certificate = certify(activation.nonlinearity)
    bound, verdict = getattr(certificate, constant), getattr(certificate, condition)
    most = bound.value if bound.upper is None else bound.upper
    if verdict.value is not True or most is None:
        raise StabilityError(f"stability={stability!r} needs {words}: {verdict.reason}; {bound.reason}")
    if most == sp.oo:
        raise StabilityError(f"no step keeps stability={stability!r}, since {constant} = oo: {bound.reason}")
    if not (most.is_number and most.is_finite):
        raise StabilityError(
            f"the step depends on {constant} = {most}, which is no number; "
            "give the parameters numbers by subs, or divide by it"
        )
    return float(most)
