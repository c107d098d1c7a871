"""Between which numbers does a value lie? Ball arithmetic (Arb), and the decimals that may be shown of it.

Imports nothing else of the calculus.
"""
