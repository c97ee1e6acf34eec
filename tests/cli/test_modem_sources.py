"""Which modem of the settings gets which port."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import pytest

from config.settings import Modem, ModemLine, Settings
from gateway.board import Board
from gateway.cli.modem_sources import _Ports
from gateway.store import modems
from gateway.store.database import Store, open_store
from modem.types import ModemState, ModemStatus

FIRST, SECOND = "modem", "modem.more.1"
MINE, THEIRS = "1" * 15, "2" * 15
AUTO = ModemLine(port="auto")
Find = Callable[..., str | None]


class Asked:
    """Stands in for the search: what it was told, and what it finds."""

    def __init__(self) -> None:
        self.imei: str | None = None
        self.taken: set[str] = set()
        self.in_use: set[str] = set()
        self.answer: Find = lambda: "/dev/ttyUSB0"

    def find(
        self, now: float, *, imei: str | None = None, taken: Collection[str] = (), in_use: Collection[str] = ()
    ) -> str | None:
        self.imei, self.taken, self.in_use = imei, set(taken), set(in_use)
        return self.answer()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    made = Asked()
    monkeypatch.setattr("modem.discovery.PortFinder", lambda *_, **__: made)
    return made


@pytest.fixture
def ports(tmp_path: Path, asked: Asked) -> Iterator[_Ports]:
    board = Board()
    board.expect_modems({FIRST: "satu", SECOND: "dua"})
    store = open_store(tmp_path / "data")
    remember(store, FIRST, MINE)
    remember(store, SECOND, THEIRS)
    yield _Ports(Settings(modem=Modem()), store, board)
    store.close()


def remember(store: Store, key: str, imei: str) -> None:
    with store.write() as session:
        modems.note_status(session, key, ModemStatus(ModemState.READY, imei=imei), 1)


def test_a_modem_that_is_away_keeps_its_place(ports: _Ports, asked: Asked) -> None:
    ports.find(FIRST, AUTO)
    assert (asked.imei, asked.taken) == (MINE, {THEIRS})


def test_ports_of_others_are_in_use_and_a_link_under_both_names(ports: _Ports, asked: Asked, tmp_path: Path) -> None:
    device, link = tmp_path / "ttyUSB0", tmp_path / "stick"
    device.touch()
    link.symlink_to(device)
    assert ports.find(FIRST, ModemLine(port=str(link))) == str(link)
    ports.find(SECOND, AUTO)
    assert asked.in_use == {str(link), str(device.resolve())}


def test_a_modem_that_searches_gives_its_old_port_free(ports: _Ports, asked: Asked) -> None:
    ports.find(FIRST, AUTO)
    ports.find(FIRST, AUTO)
    assert asked.in_use == set()


def test_a_modem_whose_port_is_there_waits_for_no_search(ports: _Ports, asked: Asked, tmp_path: Path) -> None:
    searching, go_on = threading.Event(), threading.Event()

    def slow() -> str | None:
        searching.set()
        go_on.wait(10)
        return None

    asked.answer = slow
    searcher = threading.Thread(target=ports.find, args=(FIRST, AUTO))
    searcher.start()
    assert searching.wait(5)
    (tmp_path / "ttyUSB1").touch()
    found: list[str | None] = []
    other = threading.Thread(target=lambda: found.append(ports.find(SECOND, ModemLine(port=str(tmp_path / "ttyUSB1")))))
    other.start()
    other.join(5)
    assert found == [str(tmp_path / "ttyUSB1")]
    go_on.set()
    searcher.join(5)
