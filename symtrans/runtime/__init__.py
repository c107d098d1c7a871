"""What knows no mathematics: budgets, caches, workers that can be killed, templates, compilers, what is installed.

Imports nothing of symtrans but its errors.
"""
