"""Arrays of other libraries, taken as NumPy's and given back as what they were; none of them is imported here."""

import os
import sys
from typing import Any

import numpy as np

from symtrans.errors import NonlinearityError
from symtrans.language.arrays import array_of


def taken(array: Any, what: str = "an image") -> np.ndarray:
    """The samples as an array of NumPy, from wherever they lie; they are not to be written to.

    Examples
    --------
    >>> taken([[0, 1], [2, 3]]).shape
    (2, 2)
    """
    if isinstance(array, str | os.PathLike):
        raise NonlinearityError(
            f"{what} is an array, and {str(array)!r} is text: read the file first, for example with "
            "imageio.v3.imread, or call symtrans denoise in a shell"
        )
    if getattr(array, "mode", "") in ("P", "PA"):  # Pillow, whose array is that of the places in the palette
        raise NonlinearityError(
            f"{what} with a palette holds places in it, no colours: give image.convert('RGB') and channel_axis=-1, or "
            "image.convert('L')"
        )
    if getattr(array, "requires_grad", False):
        raise NonlinearityError(
            f"{what} that requires a gradient gets none from here: detach() it, or take the module that "
            "Network.source('torch') writes"
        )
    if hasattr(array, "detach") and hasattr(array, "cpu"):  # PyTorch
        array = array.detach().cpu().resolve_neg()
        if str(array.dtype) == "torch.bfloat16":  # which NumPy does not have
            array = array.float()
    elif hasattr(array, "__cuda_array_interface__") and hasattr(array, "get"):  # CuPy
        array = array.get()
    return array_of(array, what)


def unlabelled(array: Any) -> Any:
    """What an array of xarray holds, of any library; every other array is itself."""
    return array.data if hasattr(array, "variable") else array


def relabelled(result: Any, original: Any) -> Any:
    """The result in place of what an array of xarray held."""
    return original.copy(data=result) if hasattr(original, "variable") else result


def given_back(result: np.ndarray, original: Any) -> Any:
    """A result as an array of the library, and on the device, of the original; lists become arrays of NumPy."""
    if hasattr(original, "iloc"):  # pandas
        labelled = original.astype(result.dtype)
        labelled[:] = result
        return labelled
    if isinstance(original, np.ndarray):
        return result
    if hasattr(original, "__array_namespace__"):
        library = original.__array_namespace__()
    else:
        library = sys.modules.get(type(original).__module__.partition(".")[0])
    if not hasattr(library, "asarray"):
        return result
    try:
        return library.asarray(result, device=original.device)
    except (AttributeError, TypeError):  # one that knows no devices
        return library.asarray(result)
