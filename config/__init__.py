"""Typed settings and the data Waspada ships: regions, report forms, vocabulary. Imports nothing else of ours."""

__version__ = "0.1.0"
