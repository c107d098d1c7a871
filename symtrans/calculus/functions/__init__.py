"""What holds of a whole even or odd function? Its smooth pieces on the half line, extrema, smoothness, inverses.

Imports `signs` and what stands below it.
"""
