"""What is proved of a nonlinearity: the certificate (data), the prover that makes it, and its words.

Imports `nonlinearity` and what stands below it.
"""
