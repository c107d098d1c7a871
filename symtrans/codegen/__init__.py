"""From a residual network to source code and compiled kernels.

Network -> ScalarCode (flux as branches, loop constants) -> Target (printer, templates)
-> files -> shared library -> Kernel
"""
