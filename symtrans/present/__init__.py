"""Formulas, tables and plots for human eyes: LaTeX, Markdown, text, pictures."""
