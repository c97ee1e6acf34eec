"""Credit and validity of a SIM: what an operator's answer to a USSD code or its notices say. Pure, but for operators.toml."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from config.operators import Operator as Operator
from config.operators import load_operators, plain

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan",
            "feb peb",
            "mar",
            "apr",
            "mei may",
            "jun",
            "jul",
            "agu agt ags aug",
            "sep",
            "okt oct",
            "nov nop",
            "des dec",
        ),
        start=1,
    )
    for name in names.split()
}
LONGEST_LETTERS = 640
"""Of an operator's text, so many are read: the longest that operators send, and no hostile one keeps the patterns busy."""
MOST_DIGITS = 9
"""Of an amount in rupiah: what has more is a number of something else."""
NOT_ASKED = "none"
"""The setting that says: never ask for credit."""


@dataclass(frozen=True)
class Credit:
    """What is known of a SIM's credit; None is unknown. `balance` in rupiah, 0 also where it is said not to suffice."""

    balance: int | None = None
    valid_until: date | None = None
    """Last day of the validity (masa aktif)."""
    grace: bool = False
    """In the grace period (masa tenggang): it receives and cannot send."""
    text: str = ""
    """The operator's own words."""
    blocked: bool = False


def operator_of(imsi: str | None, name: str | None) -> Operator | None:
    """Whose SIM this is: by its IMSI, else by the network's name (as `+COPS` tells it, words or digits)."""
    operators = load_operators()
    for digits in (imsi or "", plain(name or "")):
        for operator in operators:
            if any(digits.startswith(network) for network in operator.networks):
                return operator
    words = {plain(word) for word in re.split(r"[^0-9A-Za-z]+", name or "")} | {plain(name or "")}
    return next((operator for operator in operators if operator.names & words), None)


def balance_code(setting: str, operator: Operator | None) -> str:
    """The USSD code that tells credit: `setting` (modem.balance_code), else the operator's usual one; '' never to ask."""
    if setting == NOT_ASKED:
        return ""
    return setting or (operator.balance_code if operator else "")


def read_balance(text: str, operator: Operator | None) -> Credit | None:
    """What the answer to the USSD code says; None where it tells neither credit nor validity."""
    words = _one_line(text)
    for known in [operator] if operator else load_operators():
        found = Credit(
            balance=_amount(_first(known, "balance", words, "balance")),
            valid_until=_day(_first(known, "until", words, "until")),
            text=words,
        )
        if found.balance is not None or found.valid_until is not None:
            grace, blocked = _standing(words, [known])
            return Credit(found.balance, found.valid_until, grace, words, blocked)
    return None


def read_notice(sender: str, sender_is_number: bool, text: str, operators: Iterable[Operator]) -> Credit | None:
    """What an operator's own SMS says of credit, validity, grace period or blocking; None for all other SMS.

    A name counts only where it came as a name: anybody can have a number, few a name.
    """
    name, words = plain(sender), _one_line(text)
    if sender_is_number and not name.isdigit():
        return None
    for operator in operators:
        if name not in operator.senders:
            continue
        balance = _amount(_first(operator, "low", words, "balance"))
        if balance is None and _says(operator, "empty", words):
            balance = 0
        grace, blocked = _standing(words, [operator])
        # In the grace period the date told is that period's end; the validity is over already.
        until = None if grace or blocked else _day(_first(operator, "ending", words, "until"))
        if balance is not None or until is not None or grace or blocked:
            return Credit(balance, until, grace, words, blocked)
    return None


def warnings(credit: Credit, *, today: date, low_credit: int, expiry_days: int) -> list[str]:
    """Sentences for the person at the laptop, the worst first; none where all is well or nothing is known.

    Grace period and blocking are also read out of `text`: a credit that was only kept as words still warns.
    """
    grace, blocked = _standing(credit.text, load_operators())
    found = []
    if blocked or credit.blocked:
        found.append("Kartu SIM diblokir operator. Hubungi gerai operator; sementara pakai kartu lain.")
    elif grace or credit.grace:
        found.append("Kartu SIM dalam masa tenggang: menerima SMS, tetapi tidak dapat mengirim. Isi ulang sekarang.")
    elif credit.valid_until is not None and (credit.valid_until - today).days <= expiry_days:
        found.append(_ending((credit.valid_until - today).days))
    if credit.balance == 0:
        found.append("Pulsa habis. Isi ulang agar laptop ini dapat mengirim SMS.")
    elif credit.balance is not None and credit.balance < low_credit:
        found.append(f"Pulsa tinggal Rp{credit.balance}. Isi ulang sebelum habis.")
    return found


def tells_of_standing(words: str) -> bool:
    """Whether an operator's words tell of the grace period or of blocking."""
    return any(_standing(words, load_operators()))


def _ending(days: int) -> str:
    if days < 0:
        return "Masa aktif kartu SIM sudah habis. Isi ulang sekarang, sebelum nomornya hangus."
    if days == 0:
        return "Masa aktif kartu SIM habis hari ini. Isi ulang sekarang."
    return f"Masa aktif kartu SIM habis {days} hari lagi. Isi ulang sebelum itu."


def _one_line(text: str) -> str:
    return " ".join(text[:LONGEST_LETTERS].split())


def _first(operator: Operator, what: str, words: str, group: str) -> str:
    """The first of these patterns that fits gives the group; '' where none does."""
    found = (pattern.search(words) for pattern in operator.patterns[what])
    return next((match[group] for match in found if match), "")


def _says(operator: Operator, what: str, words: str) -> bool:
    return any(pattern.search(words) for pattern in operator.patterns[what])


def _standing(words: str, operators: Sequence[Operator]) -> tuple[bool, bool]:
    """Whether these words tell of the grace period, and of blocking."""
    return (
        any(_says(operator, "grace", words) for operator in operators),
        any(_says(operator, "blocked", words) for operator in operators),
    )


def _amount(written: str) -> int | None:
    """Rupiah of `25.000`, `25000,00`, `25,000`, `1.250.000,50`; sen are dropped."""
    if not written:
        return None
    digits = re.sub(r"[.,]", "", re.sub(r"[.,]\d{1,2}$", "", written))
    return int(digits) if len(digits) <= MOST_DIGITS else None


def _day(written: str) -> date | None:
    """The date of `31-12-2026`, `31/12/26`, `31.12.26`, `31 Des 2026`, `31DEC2026`, `2026-12-31`; None where it is none."""
    pieces = re.findall(r"\d+|[a-z]+", written.lower())
    if len(pieces) != 3:
        return None
    day, month, year = reversed(pieces) if len(pieces[0]) == 4 else pieces
    number = _MONTHS.get(month[:3], 0) if month.isalpha() else int(month)
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), number, int(day))
    except ValueError:
        return None
