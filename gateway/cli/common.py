"""What the commands share: where the data lies, and opening it without making a new one by mistake."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from config import StartError

if TYPE_CHECKING:
    from config.settings import Settings
    from gateway.store.database import Store

Command = TypeVar("Command", bound=Callable[..., Any])


def default_data_folder() -> Path:
    """The folder this user's programs keep lasting data in, by the custom of the system."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "Waspada"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Waspada"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "waspada"


def data_option(command: Command) -> Command:
    """The option `--data DIR`; else the variable WASPADA_DATA, else `default_data_folder()`."""
    return click.option(
        "--data",
        type=click.Path(file_okay=False, path_type=Path),
        envvar="WASPADA_DATA",
        default=default_data_folder,
        show_default="WASPADA_DATA, else the user's data folder",
        help="Folder that holds the database.",
    )(command)


def load_settings(data: Path, file: Path | None = None, flags: Mapping[str, Any] | None = None) -> Settings:
    """The settings: `file`, else the variable WASPADA_CONFIG, else `waspada.toml` in the data folder where there is one.

    Raises SettingError.
    """
    from config.settings import load

    return load(settings_file(data, file), flags=flags)


def settings_file(data: Path, file: Path | None = None) -> Path | None:
    """Which settings file is read; None where there is none."""
    from config.settings import CONFIG_FILE_NAME

    named = file or (Path(os.environ["WASPADA_CONFIG"]) if os.environ.get("WASPADA_CONFIG") else None)
    if named is not None:
        return named
    usual = data / CONFIG_FILE_NAME
    return usual if usual.is_file() else None


@contextmanager
def one_sentence() -> Iterator[None]:
    """Turn what stops a start (settings, data folder, region, vocabulary) into one sentence and exit code 1 (promise P11)."""
    try:
        yield
    except StartError as error:
        raise click.ClickException(str(error)) from None


class EndRequest:
    """Ctrl-C or a request to end (SIGTERM), from the moment this is made: make it before you say that you are ready."""

    def __init__(self) -> None:
        self.ended = threading.Event()
        for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), lambda *_: self.ended.set())

    def wait(self) -> None:
        """Sleep until it comes."""
        while not self.ended.wait(timeout=1.0):  # Windows delivers signals only between waits
            pass


@contextmanager
def open_existing_store(folder: Path) -> Iterator[Store]:
    """The store in `folder`, closed afterwards. Raises ClickException, in one sentence, where there is none."""
    from gateway.store.database import DATABASE_NAME, open_store

    if not (folder / DATABASE_NAME).is_file():
        raise click.ClickException(
            f"There is no Waspada database in {folder}; name its folder with --data or WASPADA_DATA, "
            "or start `waspada gateway` there first."
        )
    with one_sentence():
        store = open_store(folder)
    try:
        yield store
    finally:
        store.close()
