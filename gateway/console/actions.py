"""What the console may ask of the running service. `gateway/service.py` does it; tests bring their own."""

from __future__ import annotations

from typing import Protocol

from gateway.registry.desk import PeopleDesk


class ConsoleActions(Protocol):
    """The few things a person can do from the pages. Every method returns at once."""

    people: PeopleDesk
    """Registering, changing and importing people."""

    def send_sms(self, number: str, text: str) -> int:
        """Queue a message typed by a person; returns its id in `outgoing`.

        `number` and `text` come as typed. Raises ValueError with a whole sentence in Bahasa Indonesia for the operator
        where the number or the text cannot be sent.
        """

    def sync_now(self) -> None:
        """Start a sync without waiting for its time."""

    def retry_pdu(self, pdu_id: int) -> None:
        """Decode an undecodable or set-aside PDU once more; an unknown id is ignored."""
