"""What is proved of a chain of blocks, each with numbers of its own."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy as sp

from symtrans.codegen.network import Network
from symtrans.stability.certificate import Certificate
from symtrans.stability.guarantees import Guarantee


@dataclass(frozen=True)
class Standing:
    """The certificate of a network as it stands.

    Attributes
    ----------
    networks : tuple of Network
        The blocks.
    """

    networks: tuple[Network, ...]

    @property
    def certificates(self) -> tuple[Certificate, ...]:
        """Those of the activations of the blocks."""
        return tuple(network.certificate for network in self.networks)

    @cached_property
    def guarantees(self) -> tuple[Guarantee, ...]:
        """What is proved of every block, and so of the chain."""
        first, *others = (network.guarantees for network in dict.fromkeys(self.networks))
        claims = [{guarantee.claim for guarantee in each} for each in others]
        return tuple(one for one in first if one.when == sp.true and all(one.claim in each for each in claims))

    def expansion(self, norm: Any = 2) -> sp.Expr:
        """How much farther apart two signals can be after the chain than before, at most: the product over blocks."""
        factors = [
            network.certificate.growth(network.tau, network.grid, norm=norm, scheme=network.scheme).value
            for network in self.networks
        ]
        return sp.S.NaN if None in factors else sp.Mul(*factors)

    def __str__(self) -> str:
        steps = [float(network.tau) for network in self.networks]
        count, ends = f"{len(steps)} block{'s' * (len(steps) > 1)}", (f"{min(steps):g}", f"{max(steps):g}")
        return "\n".join([f"{count}, tau = {' to '.join(dict.fromkeys(ends))}", *map(str, self.guarantees)])
