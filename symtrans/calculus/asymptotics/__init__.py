"""What does a function do at the ends of its interval? Growth, expansions at infinity, one-sided limits.

Imports `algebra` and `enclosures`.
"""
