"""Hypothesis without a deadline: a shared machine may pause a test for longer than any limit worth having."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
