"""What does a function integrate to from 0 on? Rules propose, differentiation verifies.

Imports `functions` and what stands below it.
"""
