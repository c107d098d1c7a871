"""The clock: rivals in turn within one run, so that a load from elsewhere meets both, and fresh interpreters."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]


def in_turn(
    rounds: int, *actions: Callable[[], Any], clock: Callable[[], float] = time.perf_counter, warm: bool = True
) -> np.ndarray:
    """Seconds of each action in each round, shape (actions, rounds); to get warm, one round before is not counted."""
    times = np.empty((len(actions), rounds))
    for number in range(-1 if warm else 0, rounds):
        for index, action in enumerate(actions):
            start = clock()
            action()
            if number >= 0:
                times[index, number] = clock() - start
    return times


def surroundings(checkout: Path = ROOT) -> dict[str, str]:
    """The environment of a process with the symtrans of a checkout, with bytecode as an installed package has it."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPATH": str(checkout)}


def fresh(*arguments: str, checkout: Path = ROOT) -> str:
    """Run a fresh interpreter in a checkout and return what it prints."""
    command = [sys.executable, *arguments]
    run = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env=surroundings(checkout), cwd=checkout
    )
    return run.stdout
