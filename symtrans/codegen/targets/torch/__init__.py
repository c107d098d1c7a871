"""The PyTorch target: one module with an `nn.Module`, which needs PyTorch and nothing else."""

from symtrans.codegen.targets.arrays import covers
from symtrans.codegen.targets.target import Target
from symtrans.codegen.targets.torch.emit import TEMPLATES, emit
from symtrans.codegen.targets.torch.load import load

TORCH = Target("torch", emit, load, templates=TEMPLATES, covers=covers)
