"""Every public value is frozen: nothing in it is set, added or written over."""

import inspect
import re
import types
from collections.abc import Mapping, MutableMapping, MutableSequence, MutableSet
from enum import Enum
from pathlib import Path

import numpy as np
import pytest

import symtrans as st
from symtrans.catalogue import Catalogue, Entry
from symtrans.catalogue.reading import read
from symtrans.codegen.targets import target_of
from symtrans.nonlinearity.learned import PROJECTIONS

PAGE = Path(__file__).parents[1] / "docs" / "api.md"
HARD = st.catalogue["hard"]
NETWORK = st.Network(HARD, blocks=2)

# One of each, with what is derived only when asked for.
VALUES = {
    "catalogue": Catalogue((st.catalogue.entry("soft"),)),
    "entry": st.catalogue.entry("truncated-quadratic"),
    "family": HARD,
    "certificate": HARD.certificate,
    "steps": HARD.certificate.steps(),
    "verdict": HARD.certificate.keeps_range(1, theta=1.0),
    "rules": st.dictionary,
    "rule": st.dictionary[st.Diffusivity, st.Activation],
    "proximal": HARD.proximal("1/4"),
    "shrinkage of a step": st.Shrinkage("Max(|r| - theta, 0)*sgn(r)", tau="1/8"),
    "reading": read("garrote"),
    "network": NETWORK,
    "source": NETWORK.source("numpy"),
    "kernel": NETWORK.compile("numpy"),
    "target": target_of("c"),
    "projection": PROJECTIONS["deep-spline"],
}


def reachable(value):
    """The value, and all values of symtrans, mappings and arrays that its public attributes lead to."""
    found, waiting = {}, [value]
    while waiting:
        value = waiting.pop()
        if id(value) in found or isinstance(value, type | types.FunctionType | types.MethodType):
            continue
        if isinstance(value, list | dict | set | np.ndarray):
            found[id(value)] = value
        if isinstance(value, tuple | list | frozenset):
            waiting += value
        elif isinstance(value, Mapping) and not isinstance(value, Catalogue):  # whose families would all be derived
            waiting += value.values()
        if isinstance(value, Entry) and not value.exists:
            continue
        if type(value).__module__.startswith("symtrans"):
            found[id(value)] = value
            waiting += (getattr(value, name) for name in public(value))
    return list(found.values())


def public(value):
    """Attributes, fields and properties; not methods."""
    declared = {name for name, kind in inspect.getmembers_static(type(value)) if hasattr(kind, "__get__")}
    names = {*declared, *getattr(value, "__dict__", {})}
    return sorted(n for n in names if not n.startswith("_") and not callable(getattr(type(value), n, None)))


def refuses(change, *words):
    with pytest.raises((AttributeError, TypeError)):
        change(*words)


@pytest.mark.parametrize("name", VALUES)
def test_nothing_is_set(name):
    for value in reachable(VALUES[name]):
        if isinstance(value, np.ndarray):
            assert not value.flags.writeable, value
            continue
        assert not isinstance(value, MutableMapping | MutableSequence | MutableSet), value
        for attribute in public(value):
            refuses(setattr, value, attribute, None)
            refuses(delattr, value, attribute)
        if not isinstance(value, Enum):  # the members of Python's own enumerations take more
            refuses(setattr, value, "something_new", None)


def test_every_public_class_is_among_them():
    page = PAGE.read_text(encoding="utf-8")
    described = {name.rpartition(".")[2] for name in re.findall(r"^\.\. autoclass:: ([\w.]+)", page, re.MULTILINE)}
    seen = {base.__name__ for value in VALUES.values() for v in reachable(value) for base in type(v).__mro__}
    assert described <= seen


def test_what_is_refused_reads_well():
    with pytest.raises(AttributeError, match="expr of an Activation cannot be set; make a new one"):
        st.Activation("r").expr = 1
