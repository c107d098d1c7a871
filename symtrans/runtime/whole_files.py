"""Files that appear whole or not at all."""

import errno
import os
import re
from pathlib import Path

from symtrans.errors import NonlinearityError


def refuse_url(target: Path) -> None:
    """Refuse a URL, which a path would read as folders: s3://bucket/out.npy as those of `s3:`.

    Raises
    ------
    NonlinearityError
    """
    scheme, *rest = target.parts or ("",)
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]+:", scheme):  # two letters and more: one is a drive of Windows
        raise NonlinearityError(
            f"{scheme}//{'/'.join(rest)} is a URL, and files are written to folders of this machine: name one, and "
            "copy the file from there"
        )


def write_whole(target: Path, data: bytes | str) -> None:
    """Write a file aside, in a folder that is made if it is missing, and rename it; text is UTF-8.

    Raises
    ------
    NonlinearityError
        If it is a folder, or a URL.
    OSError
        If the system refuses; it names the file that was asked for, and nothing is left behind.
    """
    refuse_url(target)
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
