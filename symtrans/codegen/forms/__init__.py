"""In which form is a formula to be computed? Forms that stay finite and accurate on the whole half line.

Rewritings (`cancellation`, `tails`, `exponentials`, `units`, `powers`), arguments that are `held` and expansions at the
`ends` are proposals; `trials` run them (`running`) against exact values, and `taming` chooses. It may import the
calculus and `program`.
"""
