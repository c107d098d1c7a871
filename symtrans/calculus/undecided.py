"""The one way the calculus says "I cannot prove this": never a guess, always a reason."""


class Undecided(Exception):
    """A question that the exact methods leave open; the message is the reason."""
