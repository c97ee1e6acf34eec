"""Stores of a modem: which are read, and that a delete hits the one its message was in."""

from __future__ import annotations

import re

import pytest

from modem.types import ModemRefused, PinNeeded, SimMissing, StoredPdu

from .scripted import ERROR, OK, Scripted, final, lines

WHOLE = "07912618010000F0" + "040B917238880900F1" + "0000" + "62113232410282" + "02" + "C834"
OTHER = WHOLE[:-4] + "C835"
OCTETS = len(WHOLE) // 2 - 8


class Shelves:
    """A modem with several stores, on the first of `names` after each start."""

    def __init__(self, *names: str, broken: dict[str, str] | None = None, offered: str = "") -> None:
        self.names = names
        self.stored: dict[str, dict[int, str]] = {name: {} for name in names}
        self.mem1 = self.mem3 = names[0]
        self.broken = broken or {}
        self.offered = offered or ",".join("(" + ",".join(f'"{name}"' for name in names) + ")" for _ in range(3))

    def __call__(self, command: str) -> bytes:
        if command == "AT+CPMS=?":
            return lines(f"+CPMS: {self.offered}")
        if command == "AT+CPMS?":
            return lines("+CPMS: " + ",".join(self._fill(name) for name in (self.mem1, self.mem3, self.mem3)))
        if command.startswith("AT+CPMS="):
            return self._switch(re.findall('"(..)"', command))
        if command == "AT+CMGL=4":
            return self._list()
        if command.startswith("AT+CMGD="):
            found = self.stored[self.mem1].pop(int(command[8:]), None)
            return OK if found else final("+CMS ERROR: 321")
        return OK

    def restart(self) -> None:
        self.mem1 = self.mem3 = self.names[0]

    def _fill(self, name: str) -> str:
        return f'"{name}",{len(self.stored[name])},20'

    def _switch(self, names: list[str]) -> bytes:
        if names[0] in self.broken:
            return final(self.broken[names[0]])
        if names[0] not in self.names:
            return final("+CMS ERROR: 302")
        self.mem1, self.mem3 = names[0], names[-1] if len(names) == 3 else self.mem3
        return OK

    def _list(self) -> bytes:
        return lines(*(f"+CMGL: {slot},0,,{OCTETS}\r\n{pdu}" for slot, pdu in self.stored[self.mem1].items()))


def test_every_store_is_read_and_each_message_deleted_from_its_own(scripted: Scripted) -> None:
    shelves = Shelves("SM", "ME")
    shelves.stored["SM"] = {1: WHOLE}
    shelves.stored["ME"] = {1: OTHER, 7: WHOLE}
    modem, _ = scripted(shelves)
    modem.open()
    found = modem.list_stored()
    assert found == [StoredPdu(1, WHOLE, "SM"), StoredPdu(1, OTHER, "ME"), StoredPdu(7, WHOLE, "ME")]
    shelves.stored["SM"][7] = OTHER  # arrived meanwhile, in the other store's slot
    modem.delete(found)
    assert shelves.stored == {"SM": {7: OTHER}, "ME": {}}


def test_one_store_alone_can_be_read(scripted: Scripted) -> None:
    shelves = Shelves("SM", "ME")
    shelves.stored = {"SM": {1: WHOLE}, "ME": {2: OTHER}}
    modem, _ = scripted(shelves)
    modem.open()
    assert modem.list_stored("ME") == [StoredPdu(2, OTHER, "ME")]


def test_a_modem_that_went_back_to_its_default_store_loses_nothing(scripted: Scripted) -> None:
    shelves = Shelves("ME", "SM")
    shelves.stored = {"SM": {1: WHOLE}, "ME": {1: OTHER}}
    modem, _ = scripted(shelves)
    modem.open()
    found = modem.list_stored("SM")
    shelves.restart()
    modem.delete(found)
    assert shelves.stored == {"SM": {}, "ME": {1: OTHER}}
    shelves.restart()
    assert modem.list_stored("SM") == []


def test_the_sim_is_where_new_messages_go_and_status_sees_to_it(scripted: Scripted) -> None:
    shelves = Shelves("ME", "SM")
    modem, _ = scripted(shelves)
    modem.open()
    assert shelves.mem3 == "SM"
    shelves.restart()
    shelves.stored["SM"] = {1: WHOLE}
    status = modem.status()
    assert shelves.mem3 == "SM"
    assert (status.sim_used, status.sim_capacity) == (1, 20)


@pytest.mark.parametrize(
    ("stores", "read"),
    [(("MT",), ["MT"]), (("MT", "SM", "ME"), ["SM", "ME"]), (("ME", "MT"), ["ME"]), (("SM", "SR"), ["SM"])],
)
def test_which_stores_are_read(scripted: Scripted, stores: tuple[str, ...], read: list[str]) -> None:
    shelves = Shelves(*stores)
    for name in stores:
        shelves.stored[name] = {1: WHOLE}
    modem, _ = scripted(shelves)
    modem.open()
    assert [pdu.storage for pdu in modem.list_stored()] == read


@pytest.mark.parametrize(
    "offered",
    ['(("SM","ME"),("SM","ME"),("SM","ME"))', '("SM","ME"),("SM","ME"),("SM")', "(SM,ME),(SM,ME),(SM,ME)", '"SM","ME"'],
)
def test_stores_are_offered_in_many_forms(scripted: Scripted, offered: str) -> None:
    shelves = Shelves("SM", "ME", offered=offered)
    shelves.stored["ME"] = {2: OTHER}
    modem, _ = scripted(shelves)
    modem.open()
    assert modem.list_stored() == [StoredPdu(2, OTHER, "ME")]


def test_a_second_store_that_refuses_is_left_alone(scripted: Scripted) -> None:
    shelves = Shelves("SM", "ME", broken={"ME": "+CMS ERROR: 302"})
    shelves.stored["SM"] = {1: WHOLE}
    modem, other_end = scripted(shelves)
    modem.open()
    assert modem.list_stored() == modem.list_stored() == [StoredPdu(1, WHOLE, "SM")]
    assert other_end.said.count('AT+CPMS="ME"') == 1


def test_a_second_store_that_is_busy_is_tried_again(scripted: Scripted) -> None:
    shelves = Shelves("SM", "ME", broken={"ME": "+CMS ERROR: 314"})
    shelves.stored["ME"] = {2: OTHER}
    modem, _ = scripted(shelves)
    modem.open()
    assert modem.list_stored() == []
    shelves.broken = {}
    assert modem.list_stored() == [StoredPdu(2, OTHER, "ME")]


def test_nothing_is_deleted_from_a_store_the_modem_will_not_switch_to(scripted: Scripted) -> None:
    shelves = Shelves("SM", "ME")
    shelves.stored = {"SM": {1: WHOLE}, "ME": {1: OTHER}}
    modem, _ = scripted(shelves)
    modem.open()
    found = modem.list_stored()
    shelves.broken = {"ME": "+CMS ERROR: 302"}
    shelves.mem1 = "SM"
    shelves.stored["SM"][2] = WHOLE
    with pytest.raises(ModemRefused, match="CPMS"):
        modem.delete([*found, StoredPdu(2, OTHER, "ME")])
    assert shelves.stored == {"SM": {2: WHOLE}, "ME": {1: OTHER}}


def test_without_cpms_the_current_store_is_read(scripted: Scripted) -> None:
    modem, other_end = scripted({"AT+CPMS": ERROR, "AT+CMGL": lines(f"+CMGL: 3,0,,{OCTETS}\r\n{WHOLE}")})
    modem.open()
    (stored,) = modem.list_stored()
    assert stored == StoredPdu(3, WHOLE, "")
    modem.delete([stored])
    assert other_end.said[-1] == "AT+CMGD=3"


def test_what_was_never_stored_is_not_deleted(scripted: Scripted) -> None:
    modem, other_end = scripted({})
    modem.open()
    modem.delete([StoredPdu(None, WHOLE, "direct")])
    assert not [command for command in other_end.said if command.startswith("AT+CMGD")]


# -- listings ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [ERROR, final("+CMS ERROR: 321"), OK], ids=["ERROR", "321", "OK"])
def test_an_empty_store_has_many_names(scripted: Scripted, answer: bytes) -> None:
    modem, _ = scripted({"AT+CMGL": answer})
    modem.open()
    assert modem.list_stored() == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("+CMS ERROR: 314", ModemRefused),
        ("+CMS ERROR: 320", ModemRefused),
        ("+CMS ERROR: 310", SimMissing),
        ("+CMS ERROR: 311", PinNeeded),
        ("+CME ERROR: SIM busy", ModemRefused),
    ],
)
def test_a_refusal_is_no_empty_store(scripted: Scripted, answer: str, kind: type[ModemRefused]) -> None:
    modem, _ = scripted({"AT+CMGL": final(answer)})
    modem.open()
    with pytest.raises(kind):
        modem.list_stored()


def test_what_was_listed_before_an_error_is_kept(scripted: Scripted) -> None:
    modem, _ = scripted({"AT+CMGL": f"\r\n+CMGL: 1,0,,{OCTETS}\r\n{WHOLE}\r\n".encode() + final("+CMS ERROR: 320")})
    modem.open()
    assert modem.list_stored() == [StoredPdu(1, WHOLE)]


TEXT_MODE = lines('+CMGL: 1,"REC UNREAD","+6281211",,"26/11/23,16:00:00+28"\r\nLAPOR')


@pytest.mark.parametrize("first", [TEXT_MODE, final("+CMS ERROR: 305"), ERROR], ids=["listed", "305", "ERROR"])
def test_a_modem_that_fell_back_to_text_mode_is_put_right(scripted: Scripted, first: bytes) -> None:
    modem, other_end = scripted({"AT+CMGL": [first, lines(f"+CMGL: 1,0,,{OCTETS}\r\n{WHOLE}")]})
    modem.open()
    before = len(other_end.said)
    assert modem.list_stored() == [StoredPdu(1, WHOLE)]
    assert other_end.said_since(before) == ["AT+CMGL=4", "AT+CMGF=0", "AT+CMGL=4"]


@pytest.mark.parametrize("header", ["+CMGL: 007,1,,21", "+CMGL:7,1,21", '+CMGL: 7,1,"Budi",21', "+CMGL: 7 , 1 ,, 21"])
def test_slots_are_what_the_modem_says(scripted: Scripted, header: str) -> None:
    modem, _ = scripted({"AT+CMGL": lines(f"{header}\r\n{WHOLE}")})
    modem.open()
    assert modem.list_stored() == [StoredPdu(7, WHOLE)]


@pytest.mark.parametrize("cut", [WHOLE[:-4], WHOLE[:-3], "", "\u00ff\u00fe" + WHOLE[4:]])
def test_a_pdu_that_lost_octets_on_the_line_is_read_once_more(scripted: Scripted, cut: str) -> None:
    listings = [f"\r\n+CMGL: 4,0,,{OCTETS}\r\n{pdu}\r\nOK\r\n".encode("latin-1") for pdu in (cut, WHOLE)]
    modem, _ = scripted({"AT+CMGL": listings})
    modem.open()
    assert modem.list_stored() == [StoredPdu(4, WHOLE)]


def test_a_pdu_that_stays_shorter_than_announced_is_taken_as_it_is(scripted: Scripted) -> None:
    modem, _ = scripted({"AT+CMGL": lines("+CMGL: 4,0,,99\r\n07912618010000F0FF")})
    modem.open()
    assert modem.list_stored() == [StoredPdu(4, "07912618010000F0FF")]


def test_noise_beside_a_pdu_is_not_taken_for_it(scripted: Scripted) -> None:
    answer = f"\r\n+CMGL: 4,0,,{OCTETS}\r\n~~\u00ff\r\n{WHOLE}\r\n~~~~\r\nOK\r\n".encode("latin-1")
    modem, _ = scripted({"AT+CMGL": answer})
    modem.open()
    assert modem.list_stored() == [StoredPdu(4, WHOLE)]


def test_an_entry_without_pdu_is_read_by_itself_or_stays(scripted: Scripted) -> None:
    listing = lines("+CMGL: 4,0,,21", "+CMGL: 5,0,,21", f"+CMGL: 6,0,,{OCTETS}\r\n{WHOLE}")
    modem, _ = scripted({"AT+CMGL": listing, "AT+CMGR=4": lines(f"+CMGR: 0,,{OCTETS}\r\n{OTHER}"), "AT+CMGR=5": OK})
    modem.open()
    assert modem.list_stored() == [StoredPdu(4, OTHER), StoredPdu(6, WHOLE)]


# -- deleting ------------------------------------------------------------------------------------------------------


def test_a_slot_that_cannot_be_deleted_does_not_keep_the_others(scripted: Scripted) -> None:
    listing = lines(*(f"+CMGL: {slot},0,,{OCTETS}\r\n{WHOLE}" for slot in (1, 2, 3)))
    modem, other_end = scripted({"AT+CMGD=1": final("+CMS ERROR: 320"), "AT+CMGL": listing})
    modem.open()
    with pytest.raises(ModemRefused, match=r"AT\+CMGD=1"):
        modem.delete([StoredPdu(slot, WHOLE) for slot in (1, 2, 3)])
    assert other_end.said[-3:] == ["AT+CMGD=1", "AT+CMGD=2", "AT+CMGD=3"]


def test_a_bare_error_for_an_empty_slot_is_no_error(scripted: Scripted) -> None:
    one, other = f"+CMGL: 1,0,,{OCTETS}\r\n{OTHER}", f"+CMGL: 2,0,,{OCTETS}\r\n{WHOLE}"
    modem, other_end = scripted({"AT+CMGD=1": ERROR, "AT+CMGL": [lines(one, other), lines(other)]})
    modem.open()
    modem.delete([StoredPdu(1, OTHER)])
    assert "AT+CMGD=1" in other_end.said


def test_a_bare_error_for_a_message_that_is_still_there_is_one(scripted: Scripted) -> None:
    modem, _ = scripted({"AT+CMGD=1": ERROR, "AT+CMGL": lines(f"+CMGL: 1,0,,{OCTETS}\r\n{WHOLE}")})
    modem.open()
    with pytest.raises(ModemRefused):
        modem.delete([StoredPdu(1, WHOLE)])
