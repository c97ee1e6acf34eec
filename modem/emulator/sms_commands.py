"""The SMS commands of the emulated modem (3GPP TS 27.005): name → forms → what it answers, in PDU and in text mode."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from modem.emulator import text_mode, tpdu
from modem.emulator.at_syntax import (
    READ,
    RUN,
    SET,
    TEST,
    AtError,
    Command,
    accepts,
    number,
    only,
    says,
    unquoted,
    value_range,
    without_smsc,
)
from modem.emulator.stores import READ as WAS_READ
from modem.emulator.stores import SENT, UNREAD, UNSENT, MessageStore, Slot
from modem.emulator.subscribers import Part, Refused

if TYPE_CHECKING:
    from modem.emulator.at_server import AtServer

NO_CENTRE, NO_SERVICE, NOT_ALLOWED, INVALID_PDU, INVALID_TEXT, INVALID_INDEX, NOT_EXPECTED = (
    330,
    331,
    302,
    304,
    305,
    321,
    340,
)
"""+CMS ERROR codes, 27.005 3.2.5."""
ALL = 4
"""<stat> of +CMGL for every message."""


def format_direct(server: AtServer, part: Part, size: int) -> str:
    """+CMT or +CDS with what follows (27.005 3.4.1)."""
    if server.registers.text_mode:
        head, text = text_mode.describe(part.pdu, server.registers.show_headers)
        return f"+CDS: {head}" if part.report else f"+CMT: {head}\r\n{text}"
    head = f"+CDS: {size}" if part.report else f"+CMT: ,{size}"
    return f"{head}\r\n{part.pdu.hex().upper()}"


def _format(server: AtServer, arguments: str) -> list[str]:
    chosen = number(arguments, 0, 1, 0)
    if chosen and not server.personality.text_mode:
        raise AtError()
    server.registers.text_mode = bool(chosen)
    return []


def _store(server: AtServer, place: int) -> MessageStore:
    return server.stores[server.registers.storages[place]]


def _storages(server: AtServer, arguments: str) -> list[str]:
    names = "(" + ",".join(f'"{name}"' for name in server.personality.storages) + ")"
    return [f"+CPMS: {names},{names},{names}"]


def _read_storages(server: AtServer, arguments: str) -> list[str]:
    stores = [_store(server, place) for place in range(3)]
    return ["+CPMS: " + ",".join(f'"{store.name}",{len(store.slots)},{store.capacity}' for store in stores)]


def _choose_storages(server: AtServer, arguments: str) -> list[str]:
    names = [unquoted(name) for name in arguments.split(",")]
    if not all(name in server.stores for name in names) or len(names) > 3:
        raise AtError("CMS", NOT_ALLOWED)
    server.registers.storages[: len(names)] = names  # what is not named stays as it is
    stores = [_store(server, place) for place in range(3)]
    server.network.hand_over()
    return ["+CPMS: " + ",".join(f"{len(store.slots)},{store.capacity}" for store in stores)]


def _notifies(handler: Callable[[AtServer, str], list[str]]) -> Callable[[AtServer, str], list[str]]:
    def checked(server: AtServer, arguments: str) -> list[str]:
        if not server.personality.notifies:
            raise AtError()
        return handler(server, arguments)

    return checked


@_notifies
def _notifications(server: AtServer, arguments: str) -> list[str]:
    fields = (arguments.split(",") + [""] * 5)[:5]
    mode, arrivals, broadcast, reports, _ = (
        number(text, 0, most, 0) for text, most in zip(fields, (2, 3, 3, 2, 1), strict=True)
    )
    if arrivals not in server.personality.arrivals or reports not in server.personality.reports:
        raise AtError("CMS", NOT_ALLOWED)
    registers = server.registers
    registers.notify_mode, registers.notify_broadcasts = mode, broadcast
    registers.notify_arrivals, registers.notify_reports = arrivals, reports
    return []


@_notifies
def _read_notifications(server: AtServer, arguments: str) -> list[str]:
    registers = server.registers
    settings = (registers.notify_mode, registers.notify_arrivals, registers.notify_broadcasts, registers.notify_reports)
    return ["+CNMI: " + ",".join(map(str, settings)) + ",0"]


@_notifies
def _test_notifications(server: AtServer, arguments: str) -> list[str]:
    made = server.personality
    return [f"+CNMI: (0-2),{value_range(made.arrivals)},(0-3),{value_range(made.reports)},(0,1)"]


def _service(server: AtServer, arguments: str) -> list[str]:
    chosen = number(arguments, 0, 1)
    if chosen not in server.personality.services:
        raise AtError("CMS", NOT_ALLOWED)
    server.registers.service = chosen
    return ["+CSMS: 1,1,1"]


def _acknowledge(server: AtServer, arguments: str) -> list[str]:
    """27.005 4.7: 0 and 1 keep the message, 2 refuses it; a length announces the PDU of the acknowledgement itself."""
    chosen, _, length = arguments.partition(",")
    taken = number(chosen, 0, 2, 0) != 2

    def settle(_: str) -> list[str]:
        if not server.arrivals.acknowledge(taken):
            raise AtError("CMS", NOT_EXPECTED)
        return []

    if length.strip():
        number(length, 1, 255)
        server.expect_body(settle)
        return []
    return settle("")


_STATUS_WORDS = {UNREAD: "REC UNREAD", WAS_READ: "REC READ", UNSENT: "STO UNSENT", SENT: "STO SENT", ALL: "ALL"}


def _wanted_status(server: AtServer, arguments: str) -> int:
    if not server.registers.text_mode:
        return number(arguments, 0, 4, 0)
    word = unquoted(arguments) or "REC UNREAD"
    found = next((status for status, name in _STATUS_WORDS.items() if name == word.upper()), None)
    if found is None:
        raise AtError()
    return found


def _message(server: AtServer, name: str, index: int | None, slot: Slot) -> str:
    front = f"{name}: " + ("" if index is None else f"{server.slot_number(index)},")
    if server.registers.text_mode:
        head, text = text_mode.describe(slot.part.pdu, server.registers.show_headers and index is None)
        return f'{front}"{_STATUS_WORDS[slot.status]}",{head}' + ("" if text is None else f"\r\n{text}")
    size = server.arrivals.told_length(slot.part.pdu)
    return f"{front}{slot.status},,{size}\r\n{slot.part.pdu.hex().upper()}"


def _mark_read(slot: Slot) -> None:
    if slot.status == UNREAD:
        slot.status = WAS_READ


def _list(server: AtServer, arguments: str) -> list[str]:
    wanted = _wanted_status(server, arguments)
    lines = []
    for index, slot in sorted(_store(server, 0).slots.items()):
        if wanted in (slot.status, ALL):
            lines.append(_message(server, "+CMGL", index, slot))
            _mark_read(slot)
    if not lines and server.personality.empty_list:
        raise AtError(final=server.personality.empty_list)
    return lines


def _test_list(server: AtServer, arguments: str) -> list[str]:
    if server.registers.text_mode:
        return ["+CMGL: (" + ",".join(f'"{word}"' for word in _STATUS_WORDS.values()) + ")"]
    return ["+CMGL: (0-4)"]


def _read(server: AtServer, arguments: str) -> list[str]:
    slot = _store(server, 0).slots.get(number(arguments, 0, 999_999))
    if slot is None:
        raise AtError("CMS", INVALID_INDEX)
    line = _message(server, "+CMGR", None, slot)
    _mark_read(slot)
    return [line]


_DELETED_BY_FLAG = {
    1: {WAS_READ},
    2: {WAS_READ, SENT},
    3: {WAS_READ, SENT, UNSENT},
    4: {UNREAD, WAS_READ, SENT, UNSENT},
}


def _delete(server: AtServer, arguments: str) -> list[str]:
    index, _, flag = arguments.partition(",")
    store = _store(server, 0)
    if flag and not server.personality.delete_flags:
        raise AtError()
    chosen = number(flag, 0, 4, 0)
    if refused := server.troubles.strikes("refuse_delete"):
        raise AtError("CMS", refused["code"])
    if chosen:
        server.sim.delete(
            [place for place, slot in store.slots.items() if slot.status in _DELETED_BY_FLAG[chosen]], store
        )
        return []
    place = number(index, 0, 999_999)
    if place not in store.places:
        raise AtError("CMS", INVALID_INDEX)
    server.sim.delete([place], store)
    return []


def _test_delete(server: AtServer, arguments: str) -> list[str]:
    places = ",".join(server.slot_number(place) for place in sorted(_store(server, 0).slots))
    return [f"+CMGD: ({places})" + (",(0-4)" if server.personality.delete_flags else "")]


def _send(server: AtServer, arguments: str) -> list[str]:
    if server.registers.text_mode:
        to = unquoted(arguments.partition(",")[0])
        if not to.strip("+").isdigit():
            raise AtError("CMS", INVALID_TEXT)
        server.expect_body(lambda body: _submit(server, _text_submit(server, to, body)))
    else:
        octets = number(arguments, 1, 255)
        server.expect_body(lambda body: _submit(server, _pdu_submit(server, body, octets)))
    return []


def _check_network(server: AtServer, with_centre: bool = False) -> None:
    """`with_centre`: the PDU itself says which service centre it goes to."""
    if not server.registered:
        raise AtError("CMS", NO_SERVICE)
    if server.troubles.on("no_smsc") and not with_centre:
        raise AtError("CMS", NO_CENTRE)


def _text_submit(server: AtServer, to: str, body: str) -> bytes:
    _check_network(server)
    first, validity, protocol, dcs = server.registers.submit_settings
    try:
        return text_mode.submit(to, body, server.registers.charset, first, validity, protocol, dcs)
    except tpdu.TpduError as error:
        raise AtError("CMS", INVALID_TEXT) from error


def _pdu_submit(server: AtServer, body: str, octets: int) -> bytes:
    _check_network(server, with_centre=len(body.strip()) // 2 > octets + 1)
    try:
        return without_smsc(bytes.fromhex(body.strip()), octets)
    except ValueError as error:
        raise AtError("CMS", INVALID_PDU) from error


def _submit(server: AtServer, submit: bytes) -> list[str]:
    made = server.personality
    if server.troubles.strikes("no_credit") is not None:
        raise AtError("CMS", made.no_credit)
    try:
        reference = server.sim.submit(submit, made.no_credit).reference
    except Refused as refused:
        raise AtError("CMS", refused.code) from refused
    return [f"+CMGS: {reference}"] if made.reference else []


def _submit_settings(server: AtServer, arguments: str) -> list[str]:
    fields = (arguments.split(",") + [""] * 4)[:4]
    first, validity, protocol, dcs = (
        number(text, 0, 255, old) for text, old in zip(fields, server.registers.submit_settings, strict=True)
    )
    server.registers.submit_settings = (first, validity, protocol, dcs)
    return []


def _show_headers(server: AtServer, arguments: str) -> list[str]:
    server.registers.show_headers = bool(number(arguments, 0, 1, 0))
    return []


def _set_centre(server: AtServer, arguments: str) -> list[str]:
    """Taken, and any number reaches the one service centre there is."""
    if not unquoted(arguments.partition(",")[0]).strip("+").isdigit():
        raise AtError("CMS", INVALID_TEXT)
    server.troubles.end("no_smsc")
    return []


def _centre(server: AtServer, arguments: str) -> list[str]:
    if server.troubles.on("no_smsc"):
        return ['+CSCA: "",129']
    return [f'+CSCA: "{server.network.smsc}",145']


def _formats(server: AtServer, arguments: str) -> list[str]:
    return ["+CMGF: (0,1)" if server.personality.text_mode else "+CMGF: (0)"]


SMS_COMMANDS: Mapping[str, Command] = {
    "+CSMS": Command(
        {
            SET: _service,
            READ: lambda s, _: [f"+CSMS: {s.registers.service},1,1,1"],
            TEST: lambda s, _: [f"+CSMS: {value_range(s.personality.services)}"],
        }
    ),
    "+CNMA": Command({RUN: _acknowledge, SET: _acknowledge, TEST: says("+CNMA: (0-2)")}, sms=True),
    "+CMMS": Command({SET: only("0", "1", "2"), READ: says("+CMMS: 0"), TEST: says("+CMMS: (0-2)")}),
    "+CMGF": Command({SET: _format, READ: lambda s, _: [f"+CMGF: {int(s.registers.text_mode)}"], TEST: _formats}),
    "+CSCA": Command({READ: _centre, SET: _set_centre, TEST: accepts}, needs_sim=True, sms=True),
    "+CSMP": Command(
        {
            SET: _submit_settings,
            READ: lambda s, _: ["+CSMP: " + ",".join(map(str, s.registers.submit_settings))],
            TEST: accepts,
        }
    ),
    "+CSDH": Command(
        {SET: _show_headers, READ: lambda s, _: [f"+CSDH: {int(s.registers.show_headers)}"], TEST: says("+CSDH: (0,1)")}
    ),
    "+CPMS": Command({SET: _choose_storages, READ: _read_storages, TEST: _storages}, needs_sim=True, sms=True),
    "+CNMI": Command({SET: _notifications, READ: _read_notifications, TEST: _test_notifications}, sms=True),
    "+CMGL": Command({SET: _list, RUN: _list, TEST: _test_list}, needs_sim=True, sms=True),
    "+CMGR": Command({SET: _read, TEST: accepts}, needs_sim=True, sms=True),
    "+CMGD": Command({SET: _delete, TEST: _test_delete}, needs_sim=True, sms=True),
    "+CMGS": Command({SET: _send, TEST: accepts}, needs_sim=True, sms=True),
}
