"""Roots of arguments that are proved to be moderate, and of others."""

import pytest

from symtrans import Activation, Network, catalogue
from symtrans.codegen.program.three_address import Operation


def roots(phi, dtype):
    network = Network(phi, blocks=1, tau="1/1000", unstable="allow")
    body = [one for branch in network.lowered("c", dtype).program.branches for one in branch.body]
    return [one.operation for one in body if one.operation.value.startswith("rsqrt")]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_held_argument_is_moderate_for_every_scale(dtype):
    assert roots(catalogue["charbonnier"], dtype) == [Operation.RECIPROCAL_ROOT_HELD]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("text", ["r/sqrt(a + r^2/lambda^2)", "r/(1 + |r|)/sqrt(1 + b*(r/(1 + |r|))^2)"])
def test_a_parameter_that_is_no_scale_may_be_anything(text, dtype):
    assert Operation.RECIPROCAL_ROOT_HELD not in roots(Activation(text), dtype)
