"""How are arrays filtered that do not fit into memory, or into one machine? In chunks of Dask, with an exact halo.

Needs Dask, the extra ``[dask]``; `import symtrans` does not import this room.
"""

from symtrans.errors import MissingPackageError

try:
    import dask.array as _array  # noqa: F401
except ImportError as _error:
    raise MissingPackageError.of("symtrans.dask", "'dask[array]' distributed zarr", "dask") from _error

from symtrans.dask.filtering import filter

__all__ = ["filter"]
