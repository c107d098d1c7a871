"""Measurements, all called as ``python -m benchmarks COMMAND``; no test depends on a time."""
