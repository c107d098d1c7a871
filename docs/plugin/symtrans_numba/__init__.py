"""Kernels of symtrans for Numba, and a family."""
