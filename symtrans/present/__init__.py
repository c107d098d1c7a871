"""How formulas, families and certificates are shown: LaTeX, MathML, text, tables, pages, curves and pictures.

Imports `signals` and what stands below it; a value of a lower room finds its display through `runtime.display`.
"""
