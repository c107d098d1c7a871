"""What marks a text as LaTeX, for who only asks and does not read it."""


class LatexText(str):
    """Text that is to be read as LaTeX wherever text is taken for a formula."""
