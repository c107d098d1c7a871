"""What keeps a learned number where it must be, whatever training makes of the free number under it."""

import torch
from torch import Tensor, nn

from symtrans.errors import NonlinearityError, StabilityError

_REACH = 16
_LEAST, _MOST = 2.0**-20, 1 - 2.0**-16


class Positive(nn.Module):
    """exp(16 tanh(x/16)): about exp(x) near 0, and between e^-16 and e^16, so that no constant of a kernel overflows.

    Examples
    --------
    >>> positive = Positive()
    >>> positive(positive.right_inverse(torch.tensor(0.5)))
    tensor(0.5000)
    """

    def forward(self, free: Tensor) -> Tensor:
        """The positive number."""
        return torch.exp(_REACH * torch.tanh(free / _REACH))

    def right_inverse(self, value: Tensor) -> Tensor:
        """The free number under it."""
        scaled = torch.log(value) / _REACH
        if not bool((scaled.abs() < 1).all()):
            raise NonlinearityError(
                f"{value.tolist()} is to be learned as a positive number, between e^-16 and e^16; rescale the signals"
            )
        return _REACH * torch.atanh(scaled)


class Share(nn.Module):
    """A sigmoid, kept off 0: a share of the largest stable step, and a network of it keeps what that step keeps.

    Examples
    --------
    >>> share = Share()
    >>> share(torch.tensor([-200.0, 0.0, 200.0]))
    tensor([9.5367e-07, 5.0000e-01, 1.0000e+00])
    """

    def forward(self, free: Tensor) -> Tensor:
        """The share."""
        return _LEAST + (1 - _LEAST) * torch.sigmoid(free)

    def right_inverse(self, value: Tensor) -> Tensor:
        """The free number under it; an end of the range is rounded into it."""
        if not bool(((value >= _LEAST) & (value <= 1)).all()):
            raise StabilityError(f"{value.tolist()} must be a share of the largest stable step, in (0, 1]")
        inside = ((value - _LEAST) / (1 - _LEAST)).clamp(_LEAST, 1 - _LEAST)
        return torch.logit(inside)


def held(rates: Tensor) -> Tensor:
    """Rates that rounding has taken out of the interval of `Inside`, brought back; the gradient is that without.

    Examples
    --------
    >>> held(torch.tensor([-1e-7, 0.5, 1.0]))
    tensor([0.0000, 0.5000, 1.0000])
    """
    found = rates.detach()
    # exact: what is added is 0, or takes all of it away, or lies near 1; 0.0 since ONNX's exporter makes a tensor of 0
    return rates + (found.clamp(0.0, _MOST) - found)


class Inside(nn.Module):
    """A sigmoid that stays below 1 by what rounding may add: numbers of the open unit interval, for boxes.

    Examples
    --------
    >>> inside = Inside()
    >>> inside(inside.right_inverse(torch.tensor([0.0, 0.25, 1.0])))
    tensor([9.5366e-07, 2.5000e-01, 9.9998e-01])
    """

    def forward(self, free: Tensor) -> Tensor:
        """The numbers."""
        return _MOST * torch.sigmoid(free)

    def right_inverse(self, value: Tensor) -> Tensor:
        """The free numbers under them; the ends of the interval are rounded into it."""
        return torch.logit((value / _MOST).clamp(_LEAST, 1 - _LEAST))
