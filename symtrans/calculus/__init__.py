"""Exact calculus on the half line r >= 0: pieces, charts, limits, integrals, extrema."""
