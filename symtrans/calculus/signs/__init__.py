"""Where is an expression positive, negative, zero, and for which parameters? Isolated zeros and sign charts.

Imports `asymptotics` and what stands below it.
"""
