"""The signs of the paper that are no expressions, as plain text and in LaTeX, for sentences that speak of them."""

from typing import NamedTuple


class Notation(NamedTuple):
    r"""A sign, in two writings.

    Examples
    --------
    >>> INF_SLOPE.text, INF_SLOPE.latex
    ("inf Phi'", "\\inf \\Phi'")
    """

    text: str
    latex: str


PHI = Notation("Phi", r"\Phi")
PSI = Notation("Psi", r"\Psi")
L = Notation("L", "L")
TAU = Notation("tau", r"\tau")
SUP_G = Notation("sup g", r"\sup g")
INF_G = Notation("inf g", r"\inf g")
SUP_SLOPE = Notation("sup Phi'", r"\sup \Phi'")
INF_SLOPE = Notation("inf Phi'", r"\inf \Phi'")
RANGE = Notation("min f <= u <= max f", r"\min f \leq u \leq \max f")
NONNEGATIVE_G = Notation("g >= 0", r"g \geq 0")

# between expressions
EQUALS = Notation(" = ", " = ")
AT_MOST = Notation(" <= ", r" \leq ")
ABOVE = Notation(" > ", " > ")
TENDS_TO = Notation(" -> ", r" \to ")
OPENS, COMMA, CLOSES = Notation("(", "("), Notation(", ", ", "), Notation(")", ")")
