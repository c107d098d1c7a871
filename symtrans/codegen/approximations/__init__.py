"""Elementary functions as polynomials on vectors, each with a proved bound of its error.

formats -> polynomials (fit, Taylor models) -> programs (steps as data)
-> rounding (the proof) and printing (the text)
"""
