"""Why an automatic answer must not leave (promise P8): nothing that answers by itself may storm or be lured into it.

Everything is worked out from the rows of the database, so a restart forgets nothing. What may be answered at all comes
first, then whether the sender seems to be a machine, then how much was answered already.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.settings import Replies, Settings

from . import numbers
from .store import outgoing
from .store.models import Message

MINUTE_MILLISECONDS = 60 * 1000
PROMPT_MILLISECONDS = MINUTE_MILLISECONDS
"""A message that comes so soon after our answer left may have been made by it."""
PAUSE_MILLISECONDS = 60 * MINUTE_MILLISECONDS
"""So long a sender that seems to be a machine is left alone."""
SHORTEST_ECHO = 20
"""Characters; what is shorter ("ya", a ticket) people write as well."""
MOST_AROUND_ECHO = 3
"""So many words beside our own answer make a cry for help that is not a machine's ("Fwd:", "(terkirim)")."""
SHORTEST_AUTOMATIC = 4
"""Words of a sentence that nobody types twice by chance; short answers ("lambur ii") people do repeat."""
MOST_COMPARED = 50
"""So many of our last answers to a sender are compared with what it wrote."""

LOOP = "Pengirim ini seperti mesin: terus membalas jawaban kita. Satu jam tidak dijawab; bacalah pesannya."
RESTING = "Pengirim ini tadi seperti mesin dan satu jam tidak dijawab; bacalah pesannya."
ECHO = "Pesan ini berisi jawaban kita sendiri, mungkin dari mesin penjawab; tidak dibalas."
AUTOMATIC = "Kalimat yang sama datang lagi begitu kita menjawab, seperti jawaban otomatis HP; tidak dibalas."


def why_not(session: Session, message: Message, text: str, settings: Settings, now: int) -> str:
    """The reason, as a sentence for the operator, why this answer is held; '' if it may go. `now`: milliseconds.

    `message` is stored and understood; where we write first it is one that never was stored, with the recipient as its sender.
    Answers to emergencies have an allowance of their own, as large as that of all the
    others: what other people and machines write leaves nobody in danger without an answer.
    """
    return (
        _never(message, settings)
        or _machine(session, message, settings.replies, now)
        or _enough(session, message, text, settings.replies, now)
    )


def own_numbers(settings: Settings) -> set[str]:
    """Numbers of our own SIMs, normalised: two modems that answer each other would never end."""
    named = (*settings.replies.own_numbers, *(line.number for line in settings.modem.lines if line.number))
    return {numbers.normal(number) for number in named}


def is_never(sender: str, never: Sequence[str]) -> bool:
    """Whether a sender is on the district's list: whole numbers however written, or beginnings with a `*` behind them."""
    for listed in never:
        written = listed.strip().casefold()
        if written.endswith("*"):
            beginning = _international(written[:-1])
            if beginning and sender.casefold().startswith(beginning):
                return True
        elif written and sender.casefold() in (written, numbers.normal(written)):
            return True
    return False


def _international(beginning: str) -> str:
    """A beginning as it stands in E.164: `0811` and `62811` are `+62811`."""
    digits = "".join(sign for sign in beginning if sign not in " -().")
    if digits.startswith("0"):
        return f"+62{digits[1:]}"
    return f"+{digits}" if digits.startswith("62") else digits


def _never(message: Message, settings: Settings) -> str:
    """Who is not answered, whatever was written."""
    sender, limits = message.sender, settings.replies
    if not limits.enabled:
        return "Balasan otomatis dimatikan (replies.enabled)."
    if not message.sender_is_number or not numbers.is_subscriber(sender):
        return "Pengirim bukan nomor pelanggan; tidak pernah dibalas."
    if sender in own_numbers(settings):
        return "Pengirim adalah nomor kita sendiri; tidak pernah dibalas."
    if is_never(sender, limits.never):
        return "Pengirim ada di daftar yang tidak pernah dibalas (replies.never)."
    return ""


def _machine(session: Session, message: Message, limits: Replies, now: int) -> str:
    """Whether the sender answers by itself, as we do."""
    if message.id is None:
        return _resting(session, message, now)
    if _is_echo(session, message, now):
        return ECHO
    if _emergency(message) and not _answered_emergency(session, message, now):
        return ""  # a person in danger may hold that phone, and one answer an hour keeps no loop alive
    if resting := _resting(session, message, now):
        return resting
    received = _lately(session, message, limits)
    left = outgoing.answers_left(session, message.sender, received[0].id)
    prompt = answered_at_once([row.received_at for row in received], left)
    if sum(prompt) >= limits.loop_messages:
        return LOOP
    again = _words(message.text)
    repeated = any(_words(row.text) == again for row in received[:-1])
    if prompt[-1] and repeated and len(again) >= SHORTEST_AUTOMATIC and not _emergency(message):
        return AUTOMATIC
    return ""


def answered_at_once(received: Sequence[int], left: Sequence[int]) -> list[bool]:
    """For each message of a sender, oldest first, whether it came just after an answer of ours; each answer counts once.

    A burst that was held up on its way and arrives behind one answer is therefore one such message, not many.
    """
    unused, found = sorted(left), []
    for moment in received:
        before = [at for at in unused if at < moment]
        found.append(bool(before) and moment - before[-1] <= PROMPT_MILLISECONDS)
        unused = unused[len(before) :]
    return found


def _is_echo(session: Session, message: Message, now: int) -> bool:
    said = " ".join(_words(message.text))
    if len(said) < SHORTEST_ECHO:
        return False
    answers = outgoing.answers_to(session, message.sender, now - outgoing.DAY_MILLISECONDS, MOST_COMPARED)
    around = [said.replace(known, "") for answer in answers if len(known := " ".join(_words(answer))) >= SHORTEST_ECHO
              and known in said]  # fmt: skip
    if _emergency(message):  # who forwards our answer with a cry for help is a person
        return any(len(_words(rest)) < MOST_AROUND_ECHO for rest in around)
    return bool(around)


def _resting(session: Session, message: Message, now: int) -> str:
    """Whether the sender is left alone still. Where the clock was set back since, the hour begins anew."""
    began = outgoing.last_held(session, message.sender, LOOP)
    if began is None or now - began >= PAUSE_MILLISECONDS:
        return ""
    return LOOP if began > now else RESTING


def _answered_emergency(session: Session, message: Message, now: int) -> bool:
    return outgoing.answers_since(session, now - PAUSE_MILLISECONDS, message.sender, emergencies=True) > 0


def _lately(session: Session, message: Message, limits: Replies) -> list[Message]:
    """Messages of this sender up to this one that came within `loop_minutes` of it, oldest first; the last is this one.

    What came before the clock was set back is left out: its times say nothing about the others.
    """
    reach = limits.loop_minutes * MINUTE_MILLISECONDS
    query = (
        select(Message)
        .where(Message.sender == message.sender, Message.id <= message.id)
        .order_by(Message.id.desc())
        .limit(4 * limits.loop_messages)
    )
    near: list[Message] = []
    for row in session.scalars(query):
        later = near[-1].received_at if near else message.received_at
        if row.received_at > later or message.received_at - row.received_at > reach:
            break
        near.append(row)
    return near[::-1]


def _enough(session: Session, message: Message, text: str, limits: Replies, now: int) -> str:
    since, cried = now - outgoing.DAY_MILLISECONDS, _emergency(message)
    if outgoing.answers_since(session, since, emergencies=cried) >= limits.per_day:
        return f"Batas {limits.per_day} balasan per hari tercapai (replies.per_day)."
    if outgoing.answers_since(session, since, message.sender, emergencies=cried) >= limits.per_sender_per_day:
        return f"Batas {limits.per_sender_per_day} balasan per hari untuk pengirim ini tercapai."
    if outgoing.answers_since(session, since, message.sender, text) >= limits.identical_per_sender:
        return f"Balasan yang sama sudah {limits.identical_per_sender} kali dikirim ke pengirim ini."
    return ""


def _emergency(message: Message) -> bool:
    return message.intent == outgoing.EMERGENCY


def _words(text: str) -> list[str]:
    return text.casefold().split()
