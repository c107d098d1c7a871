"""A budget leaves nothing behind in the interpreter."""

import cProfile

from symtrans.runtime.budgets import OutOfTime, time_limit


def test_code_after_a_budget_can_be_profiled() -> None:
    def small() -> int:
        return 1

    for seconds in (10.0, 0.01):
        try:
            with time_limit(seconds):
                while seconds < 1:
                    pass
        except OutOfTime:
            pass
    profile = cProfile.Profile()
    assert profile.runcall(small) == 1
