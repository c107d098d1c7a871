"""Generated files, and how they are written."""

from pathlib import Path

from symtrans.runtime.frozen import FrozenMapping
from symtrans.runtime.public import public


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
        """Write the files into `folder` (made if missing) and return their paths.

        Each file is written aside and renamed, so none is ever half there.
        """
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        written = []
        for name, text in self.items():
            path = target / name
            aside = target / f".{name}.part"
            aside.write_text(text, encoding="utf-8", newline="\n")
            aside.replace(path)
            written.append(path)
        return tuple(written)
