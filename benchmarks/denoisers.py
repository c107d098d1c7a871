"""Denoisers trained on real data, signals and pictures: with and without a guarantee."""

import argparse
from pathlib import Path

from benchmarks.denoisers_page import written
from benchmarks.pictures import filtered
from benchmarks.signals import TINY, Size, compared


def main() -> int:
    """Train all, and write the page and its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tiny", action="store_true", help="next to no training: whether it runs at all")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--write", action="store_true", help="write docs/training.md and its figures")
    parser.add_argument("--output", type=Path, help="write them into another folder")
    options = parser.parse_args()
    size = TINY if options.tiny else Size()
    folder = options.output or (Path(__file__).parents[1] / "docs" if options.write else None)
    text = written(compared(size, options.workers), filtered(size, options.workers), size, folder)
    print(text)
    return 0
