"""Typed settings and the data Waspada ships: regions, report forms, vocabulary. Imports nothing else of ours."""

__version__ = "0.1.0"


class StartError(Exception):
    """What stops a start (promise P11). The text is complete: one sentence that says what is wrong and what to do.

    SettingError, RegionError and KnowledgeError (config), StoreError (gateway) and DatabaseError (central) are such.
    """
