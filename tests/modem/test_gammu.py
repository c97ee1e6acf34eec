"""What of libgammu no emulator shows: PDUs written from decoded SMS, kinds of errors, telephones with habits of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gammu
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modem import pdu
from modem.emulator import tpdu
from modem.gammu_errors import error_for
from modem.gammu_modem import GammuModem
from modem.gammu_sms import stored_hex, submission
from modem.gsm7 import BASIC, EXTENSION
from modem.types import (
    DIRECT,
    Fault,
    ModemAbsent,
    ModemError,
    ModemRefused,
    ModemSilent,
    ModemState,
    Notification,
    OutgoingPdu,
    PduError,
    PinNeeded,
    SimMissing,
    StoredPdu,
)

SMSC = tpdu.encode_smsc("+62811000000")
SENT_AT = 1_795_441_918


def as_libgammu_gives_it(hex_: str, **changed: Any) -> dict[str, Any]:
    read: dict[str, Any] = gammu.DecodePDU(bytes.fromhex(hex_), True)
    return read | {"Memory": "SM", "Location": 1} | changed


def deliver(text: str, sender: str = "+628127400001", reference: int = 7, offset: int = 420) -> list[str]:
    parts = (tpdu.Deliver(sender, content, SENT_AT, offset) for content in tpdu.split_text(text, reference))
    return [(SMSC + tpdu.encode_deliver(part)).hex().upper() for part in parts]


# -- PDUs --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sender", ["+628127400001", "08127400001", "3636", "TELKOMSEL"])
@pytest.mark.parametrize("offset", [420, 0, -210])
def test_a_message_is_written_down_octet_by_octet_as_it_was(sender: str, offset: int) -> None:
    for text in ("halo", "harga 5€ {dua}", "警报", "x" * 300, "警" * 100):
        for hex_ in deliver(text, sender, offset=offset):
            assert stored_hex(as_libgammu_gives_it(hex_)) == hex_


@given(st.text(st.sampled_from(sorted((BASIC | EXTENSION) - {"\f"})), max_size=160))
@settings(max_examples=100)
def test_every_gsm7_text_is_written_down_as_it_was(text: str) -> None:
    for hex_ in deliver(text):
        assert pdu.decode(stored_hex(as_libgammu_gives_it(hex_))).text == pdu.decode(hex_).text


def test_a_binary_message_keeps_its_octets_and_port() -> None:
    hex_ = "07912618010000F0440C912681214365870004621132021585820B06050423F423F401020304"
    assert stored_hex(as_libgammu_gives_it(hex_)) == hex_


def test_a_status_report_is_written_down_with_its_fate() -> None:
    report = tpdu.StatusReport(0x12, "+628127400001", SENT_AT, SENT_AT + 60, 0x41, 420)
    hex_ = (SMSC + tpdu.encode_status_report(report)).hex().upper()
    assert stored_hex(as_libgammu_gives_it(hex_)) == hex_


def test_what_changes_between_two_readings_is_not_in_it() -> None:
    (hex_,) = deliver("halo")
    first = as_libgammu_gives_it(hex_, State="UnRead")
    again = as_libgammu_gives_it(hex_, State="Read", Location=9, Text="halo\0stale")
    assert stored_hex(first) == stored_hex(again)


def test_a_time_that_is_none_stays_none() -> None:
    (hex_,) = deliver("halo")
    assert pdu.decode(stored_hex(as_libgammu_gives_it(hex_, DateTime=None))).sent_at is None


def test_what_cannot_be_written_says_so() -> None:
    (hex_,) = deliver("halo")
    with pytest.raises(PduError):
        stored_hex(as_libgammu_gives_it(hex_, Type="Submit"))
    with pytest.raises(PduError):
        stored_hex(as_libgammu_gives_it(hex_, Number="MORE THAN ELEVEN"))


@pytest.mark.parametrize(
    ("period", "words"),
    [
        ("00", "5M"),
        ("0B", "60M"),
        ("8F", "720M"),
        ("A7", "1440M"),
        ("A8", "2D"),
        ("C4", "30D"),
        ("C5", "Max"),
        ("FF", "Max"),
    ],
)
def test_the_validity_of_what_is_sent_is_kept(period: str, words: str) -> None:
    submit = OutgoingPdu("00" + "1100" + "0C91261872040010" + "0000" + period + "03E8701A", 17)
    made = submission(submit, "+62811000000")
    assert made["SMSC"] == {"Number": "+62811000000", "Validity": words}
    octets = gammu.EncodePDU(made | {"Folder": 0, "Location": 0}, "Submit")
    if words != "Max":
        assert octets.hex().upper().endswith(submit.hex[2:])


def test_flags_header_and_half_signs_of_what_is_sent_are_kept() -> None:
    head = "00" + "7100" + "0C91261872040010" + "0008" + "A7"
    made = submission(OutgoingPdu(head + "0A" + "0500034D0201" + "0041D83D", 24), "")
    assert made["Type"] == "Status_Report"
    assert made["UDH"]["Text"] == bytes.fromhex("0500034D0201")
    assert made["Text"] == "A\ud83d"
    assert made["SMSC"]["Location"] == 1


@pytest.mark.parametrize("hex_", ["", "zz", "00FF", deliver("halo")[0]])
def test_only_a_submit_can_be_sent(hex_: str) -> None:
    with pytest.raises(PduError):
        submission(OutgoingPdu(hex_, 1), "")


# -- errors ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "expected", "fault"),
    [
        (gammu.ERR_DEVICENOTEXIST, ModemAbsent, None),
        (gammu.ERR_DEVICEWRITEERROR, ModemAbsent, None),
        (gammu.ERR_TIMEOUT, ModemSilent, None),
        (gammu.ERR_ABORTED, ModemSilent, None),
        (gammu.ERR_SECURITYERROR, PinNeeded, Fault.TEMPORARY),
        (gammu.ERR_NOSIM, SimMissing, Fault.TEMPORARY),
        (gammu.ERR_GETTING_SMSC, ModemRefused, Fault.NO_SMSC),
        (gammu.ERR_NOSERVICE, ModemRefused, Fault.NO_SERVICE),
        (gammu.ERR_NOTSUPPORTED, ModemRefused, Fault.PERMANENT),
        (gammu.ERR_UNKNOWNMODELSTRING, ModemRefused, Fault.PERMANENT),
        (gammu.ERR_UNKNOWN, ModemRefused, Fault.TEMPORARY),
        (ValueError, ModemRefused, Fault.TEMPORARY),
    ],
)
def test_every_kind_of_error_has_its_meaning(
    kind: type[Exception], expected: type[ModemError], fault: Fault | None
) -> None:
    error = error_for("GetSMS", kind({"Text": "+628127400001"}))
    assert type(error) is expected
    assert getattr(error, "fault", None) is fault
    assert "+62" not in str(error)


# -- telephones --------------------------------------------------------------------------------------------------------


class Telephone:
    """A state machine with messages; `GetNextSMS` walks over them, `GetSMS` reads one. None cannot be decoded."""

    def __init__(self, messages: Sequence[dict[str, Any] | None] = (), *, circles: bool = False) -> None:
        self.messages = list(messages)
        self.circles = circles
        self.deleted: list[int] = []
        self.happened: Callable[..., None] | None = None
        self.aborted = False

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return lambda *given, **named: None

    def GetSMSStatus(self) -> dict[str, int]:
        return {"SIMUsed": len(self.messages), "SIMSize": 20, "PhoneUsed": 0, "PhoneSize": 0}

    def GetSMSFolders(self) -> list[dict[str, Any]]:
        return [{"Name": "Inbox", "Memory": "SM", "Inbox": 1}]

    def GetNextSMS(self, **place: int) -> list[dict[str, Any]]:
        slot = 0 if place.get("Start") else place["Location"] + 1
        if slot >= len(self.messages) and not self.circles:
            raise gammu.ERR_EMPTY({})
        return self._read(slot % len(self.messages))

    def GetSMS(self, **place: int) -> list[dict[str, Any]]:
        if place["Location"] >= len(self.messages):
            raise gammu.ERR_EMPTY({})
        return self._read(place["Location"])

    def _read(self, slot: int) -> list[dict[str, Any]]:
        message = self.messages[slot]
        if message is None:
            raise gammu.ERR_UNKNOWN({})
        return [message | {"Location": slot}]

    def SetIncomingCallback(self, happened: Callable[..., None] | None) -> None:
        self.happened = happened

    def Abort(self) -> None:
        self.aborted = True


def opened(telephone: Telephone, connection: str = "fbus") -> GammuModem:
    modem = GammuModem("COM9", connection=connection, make_machine=lambda: telephone)
    modem.open()
    return modem


def messages(*texts: str) -> list[dict[str, Any]]:
    return [as_libgammu_gives_it(deliver(text)[0]) for text in texts]


def test_a_telephone_that_begins_again_is_read_once() -> None:
    modem = opened(Telephone(messages("satu", "dua"), circles=True))
    assert [pdu.decode(stored.hex).text for stored in modem.list_stored()] == ["satu", "dua"]


def test_what_cannot_be_decoded_is_said_as_long_as_it_lies_there() -> None:
    telephone = Telephone([*messages("satu"), None, *messages("dua")])
    modem = opened(telephone)
    assert [pdu.decode(stored.hex).text for stored in modem.list_stored()] == ["satu", "dua"]
    assert modem.status().state is ModemState.READY
    assert "tidak dapat dibaca" in modem.status().sentence
    telephone.messages.remove(None)
    modem.list_stored()
    assert modem.status().sentence == "Modem siap."


def test_drafts_are_left_alone() -> None:
    draft = messages("draf")[0] | {"Type": "Submit"}
    assert opened(Telephone([draft])).list_stored() == []


def test_a_message_given_whole_is_delivered_and_one_that_is_only_announced_is_announced_once() -> None:
    telephone = Telephone()
    modem = opened(telephone)
    assert modem.notifies
    assert telephone.happened is not None
    (hex_,) = deliver("halo")
    telephone.happened(telephone, "SMS", {"Location": 1, "Folder": 0})
    telephone.happened(telephone, "SMS", {"Location": 2, "Folder": 0})
    telephone.happened(telephone, "SMS", as_libgammu_gives_it(hex_))
    news = [modem.wait(0) for _ in range(3)]
    assert news == [Notification("arrived"), Notification("delivered", stored=StoredPdu(None, hex_, DIRECT)), None]


def test_a_message_given_whole_outlives_a_line_that_broke() -> None:
    telephone = Telephone()
    modem = opened(telephone)
    assert telephone.happened is not None
    telephone.happened(telephone, "SMS", as_libgammu_gives_it(deliver("halo")[0]))
    modem.open()
    news = modem.wait(0)
    assert news is not None
    assert news.what == "delivered"


def test_over_at_nothing_is_announced() -> None:
    assert not opened(Telephone(), connection="at").notifies


def test_a_closed_machine_calls_nobody_and_waits_for_nothing() -> None:
    telephone = Telephone()
    opened(telephone).close()
    assert telephone.happened is None
    assert telephone.aborted
