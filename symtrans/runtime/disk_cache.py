"""What is kept between runs: results on disk, each under the version and content of all code that made it, trimmed."""

import hashlib
import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TypeVar

from symtrans._version import __version__
from symtrans.errors import reason
from symtrans.runtime.budgets import expiries
from symtrans.runtime.public import warn
from symtrans.runtime.whole_files import write_whole

T = TypeVar("T")

MOST_BYTES = 64 * 2**20
"""What the kept results may take together; the oldest go."""


def cache_folder() -> Path:
    """Where results and compiled libraries are kept: SYMTRANS_CACHE, else symtrans/ where the system keeps caches.

    That is LOCALAPPDATA on Windows, ~/Library/Caches on macOS, XDG_CACHE_HOME or ~/.cache elsewhere.
    """
    own = os.environ.get("SYMTRANS_CACHE")
    if own:
        return Path(own)
    home = Path("~").expanduser()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
        return base / "symtrans" / "Cache"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "symtrans"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "symtrans"


def kept(what: str, compute: Callable[[], T]) -> T:
    """A result that data of JSON can hold, from the disk, or computed and kept, unless a budget cut it short."""
    key = hashlib.sha256(f"{_code()}:{what}".encode()).hexdigest()[:32]
    path = cache_folder() / "results" / f"{key}.json"
    with suppress(OSError, ValueError):
        found: T = json.loads(path.read_text(encoding="utf-8"))
        return found
    before = expiries()
    found = compute()
    if expiries() == before:
        try:
            write_whole(path, json.dumps(found))
            trim(path.parent, MOST_BYTES)
        except OSError as error:
            say_unwritable(path.parent, error)
    return found


def _code() -> str:
    """Tells versions of the code apart, and what is installed beside it: names, sizes and times of our files."""
    package = Path(__file__).parents[1]
    inside = package / "templates"
    seen = [__version__, sys.version, *map(_installed, filter(None, sys.path))]
    for folder in (package, *(() if inside.is_dir() else (package.with_name("templates"),))):
        for place, _, names in sorted(os.walk(folder)):
            if not place.endswith("__pycache__"):
                states = ((name, os.stat(os.path.join(place, name))) for name in sorted(names))
                seen += [f"{name} {state.st_size} {state.st_mtime_ns}" for name, state in states]
    return hashlib.sha256("\n".join(seen).encode()).hexdigest()


def _installed(folder: str) -> str:
    """What installers wrote into a folder of modules; other files come and go there where people work."""
    try:
        with os.scandir(folder) as entries:
            found = sorted(
                f"{one.name} {one.stat().st_mtime_ns}"
                for one in entries
                if one.name.endswith((".dist-info", ".egg-info", ".egg-link", ".pth"))
            )
    except OSError:
        return folder
    return " ".join([folder, *found])


def say_unwritable(folder: Path, error: OSError) -> None:
    """Say once for a folder that nothing can be kept there."""
    _say_once(f"{folder} cannot be written ({reason(error, named=True)})")


@cache
def _say_once(what: str) -> None:
    words = f"{what}: nothing is kept between runs; set SYMTRANS_CACHE to another folder"
    warn(words, RuntimeWarning)


def trim(folder: Path, most: int) -> None:
    """Remove the files of a folder that were used longest ago, until the others take no more than `most` bytes."""
    states = sorted(((path.stat(), path) for path in folder.iterdir() if path.is_file()), key=lambda s: -s[0].st_mtime)
    total = 0
    for state, path in states:
        total += state.st_size
        if total > most:
            path.unlink(missing_ok=True)
