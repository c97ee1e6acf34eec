"""The SIM's PIN: read from a file nobody else can read, never tried twice where that may lock the card, never told."""

from __future__ import annotations

import json
import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from config import StartError
from modem.pin import Denial, PinFile, PinMemory, StoredPin
from modem.types import ModemRefused, ModemSilent, ModemState, PinNeeded, SimMissing

from .scripted import ERROR, OK, Scripted, final, lines

CARD, OTHER_CARD = "8962101234567890123", "8962109999999999999"
READY, ASKS, PUK = lines("+CPIN: READY"), lines("+CPIN: SIM PIN"), lines("+CPIN: SIM PUK")


@pytest.fixture
def pin_file(tmp_path: Path) -> Path:
    file = tmp_path / "pin"
    file.write_text("4321\n")
    file.chmod(0o600)
    return file


@pytest.fixture
def pin(pin_file: Path, tmp_path: Path) -> StoredPin:
    return StoredPin(PinFile(pin_file), PinMemory(tmp_path / "tried.json"))


def again(pin_file: Path) -> StoredPin:
    """The same after a restart of the program."""
    return StoredPin(PinFile(pin_file), PinMemory(pin_file.parent / "tried.json"))


def test_two_modems_that_ask_at_once_do_not_both_try(tmp_path: Path) -> None:
    memory = PinMemory(tmp_path / "tried.json")
    together = threading.Barrier(4)

    def begin(_: int) -> Denial | None:
        together.wait()
        return memory.begin("4321", CARD, False)

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(begin, range(4)))
    assert sorted(map(str, answers)) == ["None", *["in_doubt"] * 3]


def test_what_modems_remember_at_once_is_all_remembered(tmp_path: Path) -> None:
    memory = PinMemory(tmp_path / "tried.json")
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: memory.refused("4321", f"card {number}"), range(16)))
    assert all(PinMemory(tmp_path / "tried.json").is_refused("4321", f"card {number}") for number in range(16))


# -- the file ------------------------------------------------------------------------------------------------------


def test_the_pin_is_what_stands_in_the_file(pin_file: Path) -> None:
    assert PinFile(pin_file).read() == "4321"


@pytest.mark.parametrize("content", ["", "123", "123456789", "12a4", "1234 5678", "\u0661\u0662\u0663\u0664"])
def test_a_file_without_a_pin_is_refused_without_telling_what_it_holds(pin_file: Path, content: str) -> None:
    pin_file.write_text(content, encoding="utf-8")
    with pytest.raises(StartError, match="4 to 8 digits") as caught:
        PinFile(pin_file).read()
    assert not content or content not in str(caught.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="cannot be read"):
        PinFile(tmp_path / "none").read()


@pytest.mark.skipif(os.name != "posix", reason="rights are POSIX")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_file_that_others_can_read_is_refused_with_the_way_out(pin_file: Path, mode: int) -> None:
    pin_file.chmod(mode)
    with pytest.raises(StartError, match=f"chmod 600 {pin_file}"):
        PinFile(pin_file).read()


# -- the memory ----------------------------------------------------------------------------------------------------


def test_a_refused_pin_is_never_tried_again_also_after_a_restart(pin: StoredPin, pin_file: Path) -> None:
    assert pin.to_try(CARD, all_tries_left=True) == "4321"
    pin.refused()
    assert pin.to_try(CARD, all_tries_left=True) is Denial.REFUSED
    assert again(pin_file).to_try(CARD, all_tries_left=True) is Denial.REFUSED


def test_another_pin_may_be_tried_after_a_refusal(pin: StoredPin, pin_file: Path) -> None:
    pin.to_try(CARD, all_tries_left=True)
    pin.refused()
    pin_file.write_text("8765")
    assert pin.to_try(CARD, all_tries_left=False) == "8765"


def test_another_card_may_know_the_pin_that_one_refused(pin: StoredPin) -> None:
    pin.to_try(CARD, all_tries_left=True)
    pin.refused()
    assert pin.to_try(OTHER_CARD, all_tries_left=True) == "4321"


@pytest.mark.parametrize(("then", "now"), [(CARD, ""), ("", CARD), ("", "")])
def test_a_card_that_is_not_known_may_be_the_one_that_refused(pin: StoredPin, then: str, now: str) -> None:
    pin.to_try(then, all_tries_left=True)
    pin.refused()
    assert pin.to_try(now, all_tries_left=True) is Denial.REFUSED


def test_after_a_crash_in_the_try_it_is_tried_only_with_all_tries_left(pin: StoredPin, pin_file: Path) -> None:
    pin.to_try(CARD, all_tries_left=True)
    assert again(pin_file).to_try(CARD, all_tries_left=False) is Denial.IN_DOUBT
    assert again(pin_file).to_try(CARD, all_tries_left=True) == "4321"


def test_a_pin_that_was_accepted_before_survives_one_crash_not_two(pin: StoredPin, pin_file: Path) -> None:
    pin.to_try(CARD, all_tries_left=False)
    pin.accepted()
    assert again(pin_file).to_try(CARD, all_tries_left=False) == "4321"
    assert again(pin_file).to_try(CARD, all_tries_left=False) == "4321"
    assert again(pin_file).to_try(CARD, all_tries_left=False) is Denial.IN_DOUBT


def test_a_try_that_did_not_reach_the_card_does_not_count(pin: StoredPin, pin_file: Path) -> None:
    pin.to_try(CARD, all_tries_left=False)
    pin.not_tried()
    assert again(pin_file).to_try(CARD, all_tries_left=False) == "4321"


def test_the_memory_holds_no_pin_and_is_for_its_owner_only(pin: StoredPin, tmp_path: Path) -> None:
    pin.to_try(CARD, all_tries_left=True)
    file = tmp_path / "tried.json"
    (entry,) = json.loads(file.read_text())["pins"]
    assert entry["state"] == "trying"
    assert {len(entry["pin"]), len(entry["card"])} == {64}
    assert CARD not in file.read_text()
    assert not list(tmp_path.glob("*.new"))
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_memory_that_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "tried.json").write_text('{"salt": "zz"}')
    with pytest.raises(StartError, match="delete that file"):
        PinMemory(tmp_path / "tried.json")


def test_a_try_that_cannot_be_remembered_is_not_made(pin_file: Path, tmp_path: Path) -> None:
    memory = PinMemory(tmp_path / "gone" / "tried.json")
    assert StoredPin(PinFile(pin_file), memory).to_try(CARD, all_tries_left=True) is Denial.UNREADABLE


def test_the_pin_shows_in_no_repr(pin: StoredPin) -> None:
    pin.to_try(CARD, all_tries_left=True)
    assert "4321" not in repr(pin)


# -- entering it ---------------------------------------------------------------------------------------------------


def test_the_pin_is_entered_and_the_sim_waited_for(scripted: Scripted, pin: StoredPin, impatient: None) -> None:
    modem, other_end = scripted(
        {"AT+CPIN?": [ASKS, ASKS, final("+CME ERROR: 14"), READY], 'AT+CPIN="': OK, "AT+CPINR": ERROR}, pin=pin
    )
    modem.open()
    assert 'AT+CPIN="4321"' in other_end.said
    assert modem.status().state is ModemState.READY
    assert other_end.said.index("AT+CMGF=0") > other_end.said.index('AT+CPIN="4321"')


@pytest.mark.parametrize("refusal", ["+CME ERROR: 16", "+CME ERROR: incorrect password", "ERROR", "+CME ERROR: 3"])
def test_a_wrong_pin_is_tried_once_and_never_told(
    scripted: Scripted, pin: StoredPin, pin_file: Path, refusal: str
) -> None:
    script = {"AT+CPIN?": ASKS, 'AT+CPIN="': final(refusal), "AT+CPINR": lines("+CPINR: SIM PIN,3,3")}
    modem, other_end = scripted(script, pin=pin)
    for _ in range(3):
        with pytest.raises(PinNeeded) as caught:
            modem.open()
        assert "4321" not in str(caught.value) + repr(caught.value) + caught.value.operator
        assert "ditolak" in caught.value.operator
    afresh, second_end = scripted(script, pin=again(pin_file))
    with pytest.raises(PinNeeded):
        afresh.open()
    assert [*other_end.said, *second_end.said].count('AT+CPIN="4321"') == 1


def test_a_modem_that_is_ready_after_all_has_taken_the_pin(scripted: Scripted, pin: StoredPin, pin_file: Path) -> None:
    modem, _ = scripted({"AT+CPIN?": [ASKS, READY], 'AT+CPIN="': final("+CME ERROR: 3"), "AT+CPINR": ERROR}, pin=pin)
    modem.open()
    assert again(pin_file).to_try("", all_tries_left=False) == "4321"


def test_a_sim_too_busy_to_take_the_pin_did_not_refuse_it(scripted: Scripted, pin: StoredPin) -> None:
    modem, _ = scripted(
        {"AT+CPIN?": [ASKS, ASKS, READY], 'AT+CPIN="': [final("+CME ERROR: 14"), OK], "AT+CPINR": ERROR}, pin=pin
    )
    with pytest.raises(ModemRefused, match="CPIN"):
        modem.open()
    modem.open()


def test_the_last_try_is_left_to_a_person(scripted: Scripted, pin: StoredPin) -> None:
    modem, other_end = scripted({"AT+CPIN?": ASKS, "AT+CPINR": lines('+CPINR: "SIM PIN",1,3')}, pin=pin)
    with pytest.raises(PinNeeded) as caught:
        modem.open()
    assert "satu percobaan" in caught.value.operator
    assert not [command for command in other_end.said if command.startswith('AT+CPIN="')]


def test_silence_after_the_pin_leaves_it_in_doubt(
    scripted: Scripted, pin: StoredPin, pin_file: Path, impatient: None
) -> None:
    modem, _ = scripted({"AT+CPIN?": ASKS, 'AT+CPIN="': b"", "AT+CPINR": ERROR}, pin=pin, answer_seconds=0.2)
    with pytest.raises(ModemSilent) as caught:
        modem.open()
    assert "4321" not in str(caught.value)
    assert again(pin_file).to_try("", all_tries_left=False) is Denial.IN_DOUBT


def test_the_card_is_told_apart_by_its_number(scripted: Scripted, pin: StoredPin) -> None:
    script = {"AT+CPIN?": ASKS, 'AT+CPIN="': final("+CME ERROR: 16"), "AT+CPINR": lines("+CPINR: SIM PIN,3,3")}
    first, _ = scripted({**script, "AT+CCID": lines(f"+CCID: {CARD}")}, pin=pin)
    with pytest.raises(PinNeeded):
        first.open()
    second, other_end = scripted(
        {
            **script,
            "AT+CPIN?": [ASKS, READY],
            'AT+CPIN="': OK,
            "AT+CCID": ERROR,
            "AT^ICCID?": lines(f"^ICCID: {OTHER_CARD}F"),
        },
        pin=pin,
    )
    second.open()
    assert 'AT+CPIN="4321"' in other_end.said


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (ASKS, PinNeeded, "pin_file"),
        (PUK, PinNeeded, "PUK"),
        (final("+CME ERROR: 11"), PinNeeded, "pin_file"),
        (final("+CME ERROR: 12"), PinNeeded, "PUK"),
        (lines("+CPIN: PH-NET PIN"), PinNeeded, "operator lain"),
        (lines("+CPIN: NOT INSERTED"), SimMissing, "Pasang"),
        (final("+CME ERROR: 10"), SimMissing, "Pasang"),
        (final("+CME ERROR: SIM failure"), SimMissing, "Periksa kartu SIM"),
    ],
)
def test_what_locks_a_sim_is_said(scripted: Scripted, answer: bytes, kind: type[ModemRefused], words: str) -> None:
    modem, _ = scripted({"AT+CPIN?": answer})
    with pytest.raises(kind) as caught:
        modem.open()
    assert words in caught.value.operator


@pytest.mark.parametrize("answer", [ERROR, OK, final("+CME ERROR: 100"), lines("+CPIN: SIM PIN2")])
def test_a_modem_that_does_not_say_may_well_work(scripted: Scripted, answer: bytes) -> None:
    modem, _ = scripted({"AT+CPIN?": answer})
    modem.open()


def test_a_modem_that_is_silent_about_its_pin_may_well_work(scripted: Scripted, impatient: None) -> None:
    modem, _ = scripted({"AT+CPIN?": b"", "AT+WASPADA": ERROR}, answer_seconds=0.2)
    modem.open()


def test_a_pin_state_that_was_silent_once_is_asked_again(scripted: Scripted, pin: StoredPin, impatient: None) -> None:
    modem, other_end = scripted(
        {"AT+CPIN?": [b"", ASKS, READY], 'AT+CPIN="': OK, "AT+WASPADA": ERROR, "AT+CPINR": ERROR},
        pin=pin,
        answer_seconds=0.2,
    )
    modem.open()
    assert 'AT+CPIN="4321"' in other_end.said


def test_a_sim_that_stays_busy_is_no_missing_sim(
    scripted: Scripted, impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modem.setup.SIM_SECONDS", 0.2)
    modem, _ = scripted({"AT+CPIN?": final("+CME ERROR: 14")})
    with pytest.raises(ModemRefused) as caught:
        modem.open()
    assert not isinstance(caught.value, PinNeeded | SimMissing)
    assert caught.value.retryable


def test_a_sim_taken_out_while_in_use_is_noticed_by_status(scripted: Scripted) -> None:
    modem, other_end = scripted({"AT+CPIN?": READY})
    modem.open()
    gone = {"AT+CREG?": lines("+CREG: 0,0"), "AT+CPIN?": final("+CME ERROR: 10")}
    other_end.say = lambda command: gone.get(command, OK)
    with pytest.raises(SimMissing):
        modem.status()


def test_a_tap_never_sees_the_pin_not_even_in_an_echo(scripted: Scripted, pin: StoredPin) -> None:
    seen: list[bytes] = []

    def say(command: str) -> bytes:
        asked = [c for c in other_end.said if c.startswith("AT+CPIN=")]
        answer = {"AT+CPIN?": READY if asked else ASKS, "AT+CPINR": ERROR}.get(command, OK)
        return f"{command}\r".encode() + answer

    modem, other_end = scripted(say, pin=pin, tap=lambda way, octets: seen.append(octets))
    modem.open()
    assert 'AT+CPIN="4321"' in other_end.said
    assert b"4321" not in b"".join(seen)
    assert b'AT+CPIN="****"' in b"".join(seen)
