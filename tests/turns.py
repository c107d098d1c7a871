"""Cases that one template or one rule makes: every other one soon, all of them with the long tests."""

from itertools import product

import pytest


def in_turns(*axes, costly=lambda *case: True):
    """Each combination as a parameter; of the costly ones each second is a long test, so that all values take turns."""
    axes = [[value if hasattr(value, "marks") else pytest.param(value) for value in axis] for axis in axes]
    cases = []
    for places in product(*(range(len(axis)) for axis in axes)):
        chosen = [axis[place] for axis, place in zip(axes, places, strict=True)]
        case = [value for one in chosen for value in one.values]
        marks = [mark for one in chosen for mark in one.marks]
        if costly(*case) and sum(places) % 2:
            marks.append(pytest.mark.long)
        cases.append(pytest.param(*case, marks=marks))
    return cases
