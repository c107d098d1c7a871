"""Exact calculus on the half line r >= 0. Its folders stand in the order of the proof, each on those before it.

`enclosures` bound numbers, `algebra` finds normal forms and orders constants, `asymptotics` knows what
happens at the ends, `signs` where a function is positive, `functions` what holds of a whole half line,
`antiderivatives` what it integrates to. Imports `runtime` and `language`.
"""
