"""Generated files, and how they are written."""

from pathlib import Path

from symtrans.runtime.frozen import FrozenMapping
from symtrans.runtime.public import public
from symtrans.runtime.whole_files import write_whole


@public
class Source(FrozenMapping[str, str]):
    """Generated files: a mapping from file name to text.

    Examples
    --------
    >>> from symtrans import Diffusivity, Network
    >>> source = Network(Diffusivity("exp(-r^2)"), blocks=2).source("numpy")
    >>> list(source)
    ['network_f64.py']
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<source: {', '.join(self)}>"

    def write(self, folder: str | Path) -> tuple[Path, ...]:
        """Write the files into `folder` (made if missing) and return their paths; none is ever half there."""
        written = {Path(folder) / name: text for name, text in self.items()}
        for path, text in written.items():
            write_whole(path, text)
        return tuple(written)
