"""How does a network become source text and a compiled kernel? `symtrans.codegen.pipeline` lists the passes.

It may import schemes and everything below; `targets` holds one folder for each language.
"""
