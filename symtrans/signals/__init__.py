"""Signals: files in and out, test signals, what is measured of them, and filtering one with a report."""
