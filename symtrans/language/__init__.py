"""How people write formulas: text and LaTeX to SymPy, SymPy to text, and the user's own symbols and values.

Imports `runtime`. No text is ever evaluated: each grammar builds SymPy objects from a whitelist.
"""
