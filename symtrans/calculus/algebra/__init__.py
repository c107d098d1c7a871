"""Are two expressions equal, which is larger, and how would a person write them? Normal forms, derivatives, orders.

Imports `enclosures`.
"""
