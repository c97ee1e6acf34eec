"""What AT commands set and a restart forgets."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Registers:
    """Settings as they stand after power-on, unless a command changed them. `storages`: <mem1> to read and delete, <mem2> to
    write and send, <mem3> for what arrives (27.005 3.2.3)."""

    echo: bool
    storages: list[str]
    verbose_errors: int = 0
    notify_mode: int = 0
    notify_arrivals: int = 0
    notify_broadcasts: int = 0
    notify_reports: int = 0
    registration: dict[str, int] = field(default_factory=dict)
    charset: str = "GSM"
    functionality: int = 1
    operator_format: int = 0
    service: int = 0
    text_mode: bool = False
    show_headers: bool = False
    submit_settings: tuple[int, int, int, int] = (17, 167, 0, 0)
    """<fo>, <vp>, <pid>, <dcs> of +CSMP (27.005 3.3.4)."""
