"""Every setting of Waspada: name, default, help and check side by side. Where the values come from: settings.py."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

Port = Annotated[int, Meta(ge=0, le=65535)]
Seconds = Annotated[float, Meta(ge=0)]
Count = Annotated[int, Meta(ge=0)]
LONGEST_VALIDITY_HOURS = 63 * 7 * 24
"""3GPP TS 23.040 9.2.3.12.1."""


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all sections."""


class General(Section, frozen=True):
    """What holds for every part."""

    region: Annotated[
        str, Meta(pattern=r"^\d\d\.\d\d$", description="Code of the kabupaten, a folder in config/regions")
    ] = "15.07"
    language: Annotated[str, Meta(pattern="^(id|en)$", description="Language of pages and replies: id or en")] = "id"
    utc_offset_minutes: Annotated[
        int, Meta(ge=-720, le=840, description="Local time: minutes ahead of UTC (WIB 420, WITA 480, WIT 540)")
    ] = 420
    log_level: Annotated[
        str,
        Meta(pattern="^(debug|info|warning|error)$", description="How much is logged: debug, info, warning or error"),
    ] = "info"


class ModemLine(Section, frozen=True):
    """What is said of each modem by itself."""

    name: Annotated[
        str,
        Meta(pattern=r"^[\w -]{0,24}$", description="What the pages call this modem, e.g. utama; empty = its number"),
    ] = ""
    port: Annotated[
        str,
        Meta(
            description="Serial port: auto (look for it), /dev/ttyUSB0, /dev/serial/by-id/..., COM5, or socket://HOST:PORT"
        ),
    ] = ""
    driver: Annotated[
        str,
        Meta(
            pattern="^(at|gammu)$", description="How it is spoken to: at, or gammu for phones that speak no usable AT"
        ),
    ] = "at"
    connection: Annotated[
        str,
        Meta(
            pattern=r"^[a-z0-9-]{1,24}$",
            description="With driver = gammu: how libgammu reaches the phone, e.g. at, fbus, dlr3, bluephonet, bluerffbus",
        ),
    ] = "at"
    model: Annotated[
        str,
        Meta(
            pattern=r"^[A-Za-z0-9.-]{0,16}$",
            description="With driver = gammu: libgammu's model, e.g. 6110; empty = find out",
        ),
    ] = ""
    baud: Annotated[int, Meta(ge=300, le=4_000_000, description="Speed of the serial line, bits a second")] = 115_200
    number: Annotated[
        str, Meta(pattern=r"^(\+?[0-9]{5,15})?$", description="Telephone number of its SIM; never answered")
    ] = ""
    role: Annotated[str, Meta(pattern="^(both|receive|send)$", description="What it is for: both, receive or send")] = (
        "both"
    )
    prefixes: Annotated[
        tuple[Annotated[str, Meta(pattern=r"^(\+|0)[0-9]{1,14}$")], ...],
        Meta(description="Beginnings of numbers it is preferred for, e.g. +62811, +62812 (comma between them)"),
    ] = ()
    pin_file: Annotated[
        str, Meta(description="File with the SIM's PIN and nothing else, readable by this user only; empty = no PIN")
    ] = ""
    balance_code: Annotated[
        str,
        Meta(
            pattern=r"^([*#0-9]*|none)$",
            description="USSD code that tells credit, e.g. *888#; empty = the operator's usual one, none = never ask",
        ),
    ] = ""


class Modem(ModemLine, frozen=True):
    """The GSM modem; several in [[modem.more]]."""

    more: Annotated[
        tuple[ModemLine, ...],
        Meta(description="Further modems: a table [[modem.more]] for each, at the end of the settings file"),
    ] = ()
    candidates: Annotated[
        tuple[str, ...],
        Meta(description="Where port = auto looks: ports or patterns such as /dev/ttyUSB*; empty = all serial ports"),
    ] = ()
    poll_seconds: Annotated[
        float, Meta(gt=0, description="How often the store is read even if the modem announced nothing")
    ] = 10.0
    quick_poll_seconds: Annotated[float, Meta(gt=0, description="The same for a modem that announces no messages")] = (
        2.0
    )
    answer_seconds: Annotated[float, Meta(gt=0, description="How long a modem may think about a command")] = 15.0
    send_seconds: Annotated[float, Meta(gt=0, description="How long the network may think about a message we send")] = (
        60.0
    )
    reopen_seconds: Annotated[float, Meta(gt=0, description="First wait before a lost modem is tried again")] = 1.0
    reopen_max_seconds: Annotated[float, Meta(gt=0, description="Longest wait before a lost modem is tried again")] = (
        30.0
    )
    search_minutes: Annotated[
        float,
        Meta(gt=0, description="Without network for so long, the modem is restarted; then again after twice that"),
    ] = 15.0
    usb_reset: Annotated[
        bool,
        Meta(description="Whether a modem that stays mute may be taken off the USB and put back by software (Linux)"),
    ] = True
    balance_hours: Annotated[float, Meta(ge=0, description="How often credit is asked for by USSD; 0 never")] = 24.0
    low_credit: Annotated[
        Count, Meta(description="Credit in rupiah below which the operator of this laptop is warned")
    ] = 10_000
    expiry_days: Annotated[Count, Meta(description="Days before the SIM's validity ends at which warnings begin")] = 7
    transcript: Annotated[
        str,
        Meta(
            pattern="^(off|masked|full)$",
            description="Record what passes on the line: off, masked (no numbers, no texts) or full",
        ),
    ] = "off"

    @property
    def lines(self) -> tuple[ModemLine, ...]:
        """Every modem there is, the first one first."""
        return (self, *self.more)


class Messages(Section, frozen=True):
    """Receiving."""

    parts_wait_seconds: Annotated[
        Seconds, Meta(description="How long a long SMS waits for its missing parts before it is shown incomplete")
    ] = 1800.0


class Replies(Section, frozen=True):
    """Answers that leave by themselves, and their limits."""

    enabled: Annotated[bool, Meta(description="Whether senders get answers")] = True
    police_number: Annotated[
        str, Meta(pattern=r"^[0-9+]{3,15}$", description="Number named in the answer to DARURAT")
    ] = "110"
    per_sender_per_day: Annotated[Count, Meta(description="Answers to one sender in 24 hours")] = 20
    per_day: Annotated[Count, Meta(description="Answers to everybody in 24 hours")] = 500
    identical_per_sender: Annotated[Count, Meta(description="Equal answers to one sender in 24 hours")] = 3
    own_numbers: Annotated[
        tuple[str, ...], Meta(description="Numbers of our own SIMs; never answered (comma between them)")
    ] = ()
    never: Annotated[
        tuple[str, ...],
        Meta(description="Numbers, or beginnings of numbers with a *, that are never answered (comma between them)"),
    ] = ()
    loop_messages: Annotated[
        int,
        Meta(
            ge=2,
            description="So many messages of one sender in replies.loop_minutes, each just after our answer, are a machine",
        ),
    ] = 12
    loop_minutes: Annotated[
        float,
        Meta(gt=0, description="The time replies.loop_messages is about; such a sender is left alone for an hour"),
    ] = 10.0


class Dialogue(Section, frozen=True):
    """Conversations by SMS: questions of ours and what people add to their reports."""

    answer_hours: Annotated[float, Meta(gt=0, description="How long a short message may answer a question of ours")] = (
        24.0
    )
    replace_minutes: Annotated[
        float,
        Meta(
            ge=0,
            description="The same report again within so many minutes, with other figures, replaces the first; 0 never",
        ),
    ] = 15.0
    correct_hours: Annotated[
        float, Meta(gt=0, description="How long RALAT, SUSUL or BATAL without a number means the sender's last report")
    ] = 24.0
    continue_minutes: Annotated[
        float, Meta(ge=0, description="How long a message may be offered as the rest of an earlier one; 0 never")
    ] = 60.0


class Registry(Section, frozen=True):
    """People who report."""

    confirm_days: Annotated[
        int,
        Meta(
            ge=0,
            description="A registered person not heard of for so many days is asked whether it is still them; 0 never",
        ),
    ] = 180
    confirm_roles: Annotated[
        tuple[str, ...], Meta(description="Roles that are asked so (comma between them); empty = everybody registered")
    ] = ("kades", "lurah", "camat", "kapolsek", "danramil", "babinsa", "bhabinkamtibmas", "fkdm", "petugas")
    confirm_per_day: Annotated[Count, Meta(description="How many people are asked in a day")] = 10
    confirm_wait_days: Annotated[
        int, Meta(ge=1, description="Without an answer for so many days the registration is marked doubtful")
    ] = 14


class Sending(Section, frozen=True):
    """Everything that leaves by SMS."""

    attempts: Annotated[int, Meta(ge=1, description="How often one SMS is tried before it is given up")] = 5
    retry_seconds: Annotated[
        float,
        Meta(ge=0, le=3600, description="First wait before an SMS is tried again; doubles each time, up to an hour"),
    ] = 30.0
    pause_seconds: Annotated[
        Seconds, Meta(description="Pause between two SMS, so that the operator does not block us")
    ] = 0.0
    delivery_reports: Annotated[
        str, Meta(pattern="^(all|alerts|none)$", description="Ask the network whether SMS arrived: all, alerts or none")
    ] = "all"
    validity_hours: Annotated[
        float,
        Meta(
            gt=0,
            le=LONGEST_VALIDITY_HOURS,
            description="How long the network keeps an SMS for a phone that is off (at most 63 weeks; many keep it 3 days)",
        ),
    ] = 24.0
    alert_validity_hours: Annotated[
        float, Meta(gt=0, le=LONGEST_VALIDITY_HOURS, description="The same for alerts: what comes later helps nobody")
    ] = 2.0
    per_day: Annotated[Count, Meta(description="SMS parts all modems together may send in 24 hours; 0 no limit")] = 1000
    alert_reserve: Annotated[Count, Meta(description="Of sending.per_day, so many parts are kept for alerts")] = 200


class Console(Section, frozen=True):
    """The operator's pages on the laptop."""

    host: Annotated[str, Meta(description="Address the pages are served on; keep 127.0.0.1 unless you know why")] = (
        "127.0.0.1"
    )
    port: Annotated[Port, Meta(description="Port of the pages; 0 lets the system choose")] = 8315


class Sync(Section, frozen=True):
    """From the laptop to the central."""

    central: Annotated[
        str, Meta(pattern="^(https?://.+)?$", description="Address of the central, e.g. https://pusat.example.go.id")
    ] = ""
    batch_entries: Annotated[int, Meta(ge=1, description="So many waiting entries start a sync")] = 20
    wait_seconds: Annotated[
        Seconds, Meta(description="A sync starts this long after the first waiting entry at the latest")
    ] = 900.0
    beat_seconds: Annotated[
        float, Meta(gt=0, description="When nothing else happens, a sign of life is sent this often")
    ] = 900.0
    backoff_seconds: Annotated[float, Meta(gt=0, description="First wait after a failed sync; doubles each time")] = (
        30.0
    )
    backoff_max_seconds: Annotated[float, Meta(gt=0, description="Longest wait after a failed sync")] = 900.0
    connect_seconds: Annotated[float, Meta(gt=0, description="Time allowed for a connection")] = 30.0
    read_seconds: Annotated[float, Meta(gt=0, description="Time allowed for an answer")] = 60.0


class Central(Section, frozen=True):
    """The central server."""

    database: Annotated[
        str, Meta(description="SQLAlchemy address: postgresql+psycopg://...; empty = SQLite in the data folder")
    ] = ""
    host: Annotated[str, Meta(description="Address the central listens on")] = "127.0.0.1"
    port: Annotated[Port, Meta(description="Port the central listens on; 0 lets the system choose")] = 8316
    silent_minutes: Annotated[
        int, Meta(ge=1, description="A gateway without contact for so many minutes is shown as silent")
    ] = 45
    code_hours: Annotated[int, Meta(ge=1, description="How long an enrolment code is valid")] = 72


class Settings(Section, frozen=True):
    """Everything, by section."""

    general: General = General()
    modem: Modem = Modem()
    messages: Messages = Messages()
    replies: Replies = Replies()
    dialogue: Dialogue = Dialogue()
    registry: Registry = Registry()
    sending: Sending = Sending()
    console: Console = Console()
    sync: Sync = Sync()
    central: Central = Central()
