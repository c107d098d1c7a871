"""How does a network become source text and a compiled kernel? `symtrans.codegen.pipeline` lists the passes.

`forms` finds forms of the formulas that are right on the whole half line, `program` cuts them into instructions,
`floating_point` proves what holds of these, and `targets`, one folder for each language, print and load them;
`approximations` are functions that C inlines. It may import schemes and everything below.
"""
