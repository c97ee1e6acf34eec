"""Which modem takes an SMS: readiest, longest prefix, least used."""

from __future__ import annotations

import pytest

from config.settings import Modem, ModemLine, Settings
from gateway.fleet import GONE_SECONDS, Fleet, keys, names
from gateway.routing import Candidate, Readiness, choose, matching

TSEL, XL = "+6281272000101", "+6281772000101"


@pytest.mark.parametrize(
    ("why", "candidates", "chosen"),
    [
        ("a single one takes everything", [Candidate("a", prefixes=("+62817",))], "a"),
        ("a receiver never sends", [Candidate("a", sends=False), Candidate("b", used=99)], "b"),
        ("nobody sends", [Candidate("a", sends=False)], None),
        ("nobody is there", [Candidate("a", readiness=Readiness.AWAY)], None),
        ("the prefix fits", [Candidate("a"), Candidate("b", prefixes=("+62812",), used=9)], "b"),
        ("the longer prefix", [Candidate("a", prefixes=("+62",)), Candidate("b", prefixes=("+62812", "+62"))], "b"),
        ("a prefix as at home", [Candidate("a"), Candidate("b", prefixes=("0812",))], "b"),
        ("a prefix of others is no ban", [Candidate("a", prefixes=("+62817",), used=1), Candidate("b", used=2)], "a"),
        ("the least used", [Candidate("a", used=3), Candidate("b", used=2)], "b"),
        ("who is idle", [Candidate("a", busy=True), Candidate("b", used=5)], "b"),
        ("the prefix is worth waiting", [Candidate("a", prefixes=("0812",), busy=True), Candidate("b")], "a"),
        ("equals: the first", [Candidate("a"), Candidate("b")], "a"),
        ("away, whatever the prefix", [Candidate("a", prefixes=("0812",), readiness=Readiness.AWAY), Candidate("b")], "b"),
        ("without network only when no other", [Candidate("a", readiness=Readiness.OPEN), Candidate("b", used=5)], "b"),
        ("without network, but the only one", [Candidate("a", readiness=Readiness.OPEN)], "a"),
    ],
)  # fmt: skip
def test_an_sms_goes_to(why: str, candidates: list[Candidate], chosen: str | None) -> None:
    assert choose(TSEL, candidates) == chosen, why


def test_what_is_urgent_does_not_wait_for_the_modem_its_prefix_fits() -> None:
    candidates = [Candidate("a", prefixes=("0812",), busy=True), Candidate("b", used=5)]
    assert choose(TSEL, candidates, urgent=True) == "b"
    assert choose(TSEL, [Candidate("b"), Candidate("a", prefixes=("0812",))], urgent=True) == "a"


def test_the_longest_beginning_counts() -> None:
    assert matching(TSEL, ("+62", "+62812", "0817")) == len("+62812")
    assert matching(XL, ("+62812", "")) == 0


def test_modems_have_keys_and_names_in_the_order_of_the_settings() -> None:
    settings = Settings(modem=Modem(port="a", more=(ModemLine(port="b", name="cadangan"), ModemLine(port="c"))))
    assert list(keys(settings)) == ["modem", "modem.more.1", "modem.more.2"]
    assert names(settings) == {"modem": "Modem 1", "modem.more.1": "cadangan", "modem.more.2": "Modem 3"}


def test_a_modem_is_gone_for_good_after_an_hour_without_being_able_to_send() -> None:
    now = 100.0
    fleet = Fleet({"a": ModemLine(), "b": ModemLine(role="receive")}, tick=lambda: now)
    assert (fleet.gone("a"), fleet.gone("b"), fleet.gone("modem.more.7")) == (False, True, True)
    now += GONE_SECONDS
    fleet.tell("a", Readiness.READY)
    now += GONE_SECONDS
    fleet.tell("a", Readiness.AWAY)
    assert not fleet.gone("a")
    now += 1
    assert fleet.gone("a")
