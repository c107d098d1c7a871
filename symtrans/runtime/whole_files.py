"""Files that appear whole or not at all."""

import errno
import os
from pathlib import Path

from symtrans.errors import NonlinearityError


def write_whole(target: Path, data: bytes | str) -> None:
    """Write a file aside, in a folder that is made if it is missing, and rename it; text is UTF-8.

    Raises
    ------
    NonlinearityError
        If it is a folder.
    OSError
        If the system refuses; it names the file that was asked for, and nothing is left behind.
    """
    if target.is_dir():
        raise NonlinearityError(f"{target} is a folder; name a file in it")
    content = data.encode() if isinstance(data, str) else data
    if target.exists() and not target.is_file():  # a device or a pipe, which nothing is to be put in the place of
        target.write_bytes(content)
        return
    aside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            aside.write_bytes(content)
            aside.replace(target)
        finally:
            aside.unlink(missing_ok=True)
    except FileExistsError:  # what should be its folder is a file
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(target)) from None
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(target)) from None
