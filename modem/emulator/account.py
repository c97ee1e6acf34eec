"""What a SIM's operator knows of it and says about it: credit, tariff, validity; the answer to a balance code, notices."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import msgspec

NOTICES = ("low_credit", "expiry", "grace", "promo")


class Operator(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One operator's words. `plmn`: country and network code, the beginning of its IMSIs; `code`: tells the balance."""

    network: str
    plmn: str
    sender: str
    code: str
    balance: str
    low_credit: str
    expiry: str
    grace: str
    promo: str


OPERATORS: Mapping[str, Operator] = MappingProxyType(
    msgspec.convert(
        tomllib.loads(Path(__file__).with_name("operators.toml").read_text(encoding="utf-8")), dict[str, Operator]
    )
)
"""By the name `waspada emulate --operator` takes."""


@dataclass
class Account:
    """Prepaid credit. `balance` and `tariff` (the price of one submit) in rupiah; after `active_until` nothing can be sent."""

    balance: int = 25_000
    tariff: int = 0
    active_until: datetime.date = datetime.date(2035, 12, 31)
    grace_days: int = 30
    operator: str = "telkomsel"

    @property
    def code(self) -> str:
        """The USSD code that tells the balance."""
        return OPERATORS[self.operator].code

    def can_pay(self, now: float) -> bool:
        """Whether the operator takes one more SMS at `now`, seconds since 1970."""
        today = datetime.datetime.fromtimestamp(now, datetime.UTC).date()
        return self.balance >= self.tariff and today <= self.active_until

    def pay(self) -> None:
        """One SMS was taken."""
        self.balance -= self.tariff

    def balance_text(self) -> str:
        """The answer to the balance code."""
        return self._said("balance")

    def notice(self, kind: str) -> tuple[str, str]:
        """Sender and text of a notice, one of NOTICES. Raises ValueError for another."""
        if kind not in NOTICES:
            raise ValueError(f"There is no notice {kind!r}; there are: {', '.join(NOTICES)}.")
        return OPERATORS[self.operator].sender, self._said(kind)

    def _said(self, form: str) -> str:
        grouped = f"{self.balance:,}".replace(",", ".")
        grace = self.active_until + datetime.timedelta(days=self.grace_days)
        text: str = getattr(OPERATORS[self.operator], form)
        return text.format(balance=grouped, plain=self.balance, until=self.active_until, grace=grace)
