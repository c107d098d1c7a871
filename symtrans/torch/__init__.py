"""How is a nonlinearity trained? PyTorch modules that stay stable at every step, on the generated C kernels.

Needs PyTorch, the extra ``[torch]``; `import symtrans` does not import this room.
"""

from symtrans.errors import MissingPackageError

try:
    import torch as _torch  # noqa: F401
except ImportError as _error:
    raise MissingPackageError.of("symtrans.torch", "torch", "torch") from _error

from symtrans.torch.layers import Activation, DiffusionBlock, DiffusionNetwork
from symtrans.torch.splines import SplineActivation
from symtrans.torch.symmetric import SymmetricBlock

__all__ = ["Activation", "DiffusionBlock", "DiffusionNetwork", "SplineActivation", "SymmetricBlock"]
