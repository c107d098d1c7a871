"""Signals: files in and out, examples, what is measured of them, and filtering one with a report.

Imports `codegen`, `models` and what stands below them.
"""
