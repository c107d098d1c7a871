"""Measurements and stress runs."""
