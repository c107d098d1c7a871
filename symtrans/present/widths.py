"""How wide TeX sets a formula, estimated from its LaTeX without TeX; a little too wide rather than too narrow."""

from symtrans.present import mathlist as tex

EM_PER_CM = 72.27 / 25.4  # Computer Modern at 10 points: an em is 10 points

_SHRUNK = (1.0, 1.0, 0.75, 0.58)  # of the styles of TeX: display, text, script, scriptscript
_DISPLAY, _TEXT, _SCRIPT_SCRIPT = 0, 1, 3
_WIDE = frozenset("mwMW")
_LARGE = frozenset((r"\Gamma", r"\Psi", r"\Phi", r"\infty", r"\int"))


def width(latex: str) -> float:
    r"""The width of a formula in displayed style, in em.

    Examples
    --------
    >>> round(width(r"r - \theta \operatorname{sgn}(r)"), 1)
    5.6
    >>> width(r"\frac{r^{2}}{\lambda}") < width(r"r^{2} \lambda")
    True
    """
    return _row(tex.read(latex), _DISPLAY)


def _row(row: tex.Row | None, style: int) -> float:
    return sum(_item(item, style) for item in row.items) if row else 0.0


def _item(item: tex.Item, style: int) -> float:
    shrunk = _SHRUNK[style]
    match item:
        case tex.Atom(text, prefix):
            return 0.8 * shrunk if prefix else _glyph(text) * shrunk
        case tex.Word(_, text):
            return (sum(0.8 if letter in _WIDE else 0.5 for letter in text) + 0.17) * shrunk
        case tex.Fraction(above, below):
            inner = min(style + 1, _SCRIPT_SCRIPT)
            return max(_row(above, inner), _row(below, inner)) + 0.24
        case tex.Root(body, order):
            return _row(body, style) + _row(order, _SCRIPT_SCRIPT) + 0.9 * shrunk
        case tex.Scripts(base, below, above):
            inner = min(max(style, _TEXT) + 1, _SCRIPT_SCRIPT)
            return _item(base, style) + _row(below, inner) + _row(above, inner)
        case tex.Fence(left, body, sized, tall):
            bracket = 0.39 if not sized else 0.4 if left == "|" else 0.75 if tall else 0.5
            return _row(body, style) + 2 * bracket * shrunk
        case tex.Array(name, rows):
            inner, brace = {"cases": (_TEXT, 2.1), "array": (_TEXT, float(len(rows[0])))}.get(name, (_DISPLAY, 0.4))
            return sum(max(_row(cell, inner) for cell in column) for column in zip(*rows, strict=False)) + brace
        case _:
            return _row(item, style)


def _glyph(token: str) -> float:
    if token in (tex.TIMES, tex.THIN, tex.APPLIED):
        return 0.0  # the space before a function is counted with it
    if token in tex.SPACES:
        return tex.SPACES[token]
    if token in tex.SIGNS:
        return 1.3
    if token in _LARGE:
        return 1.0
    if token in tex.LETTERS or (token.startswith("\\") and not token[1:].isalpha()):
        return 0.62
    if token.startswith("\\"):
        return 0.55 * len(token) - 0.38  # a function: \exp
    if token == ",":
        return 0.45
    if token[0].isdigit():
        return 0.5 * len(token.replace(".", ""))
    return 0.39 if token in "()[]|.;" else 0.9 if token in _WIDE else 0.6
