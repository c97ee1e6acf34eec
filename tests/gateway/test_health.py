"""The sign of life: numbers and states, never who."""

from __future__ import annotations

import json

from gateway.board import Board
from gateway.health import health
from gateway.store import inbox, ledger, outgoing
from gateway.store.database import Store
from modem.types import ModemState, ModemStatus
from sync.entries import BeatBody
from tests.sms import VILLAGER, pdus, stored

NOW = 1_795_442_000_000


def test_it_counts_what_waits_and_leaves_out_what_is_unknown(store: Store) -> None:
    board = Board()
    board.post_modem(ModemStatus(ModemState.READY, "Modem siap.", imsi=VILLAGER, sim_used=3, sim_capacity=40))
    outgoing.queue_typed(store, VILLAGER, "halo", NOW)
    with store.write() as session:
        inbox.keep(session, stored(*pdus("satu"), *pdus("dua")), "1234", NOW)
        ledger.append(session, BeatBody("1", {}), NOW // 1000 - 90)
    told = health(store, board, NOW)
    assert (told["modem"], told["sim_used"], told["sim_total"]) == ("ready", 3, 40)
    assert (told["inbox"], told["outgoing"], told["waiting"], told["oldest_seconds"]) == (2, 1, 2, 90)
    assert told["disk_free_mb"] > 0
    assert "signal" not in told
    assert VILLAGER not in json.dumps(told)
