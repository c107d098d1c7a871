"""Editors are told the names of parameters."""

from inspect import signature

from symtrans import Activation, Network, catalogue


def test_the_parameters_of_a_call_have_names():
    family = catalogue["perona-malik"]
    assert list(signature(family.activation).parameters) == ["values", "lam"]
    assert list(signature(Activation("tanh(r)")).parameters) == ["values"]
    kernel = Network(family, tau="tau").compile("numpy")
    assert list(signature(kernel).parameters) == ["u", "out", "lam", "tau"]
    assert "expr" in signature(Activation).parameters
