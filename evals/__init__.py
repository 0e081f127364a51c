"""Batch evaluation: cases as data, scorers with versions."""
