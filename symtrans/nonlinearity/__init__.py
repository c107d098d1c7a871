"""One nonlinearity in four kinds: how it is admitted (real, total, of the right parity), and Table 1 between the kinds.

Imports `calculus` and `language`.
"""
