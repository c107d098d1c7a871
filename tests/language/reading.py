"""LaTeX as an expression, for tests that ask for no more."""

from symtrans.language.latex_parser import parse_half_line


def parse_latex(text):
    return parse_half_line(text)[0]
