"""Logs: structlog to stderr and to a rotating file in the data folder. No number, text, PIN or key is ever logged (P9)."""

from __future__ import annotations

import logging
import logging.handlers
import sys
from pathlib import Path

import structlog

LOG_NAME = "waspada.log"
FILE_OCTETS = 1_000_000
FILES_KEPT = 3


def start_logging(folder: Path, level: str) -> None:
    """Send all logs to stderr and to `folder`/waspada.log, which is turned over at `FILE_OCTETS`."""
    file = logging.handlers.RotatingFileHandler(
        folder / LOG_NAME, maxBytes=FILE_OCTETS, backupCount=FILES_KEPT, encoding="utf-8", delay=True
    )
    _install([logging.StreamHandler(sys.stderr), file], level)


def append_to_log(folder: Path, level: str = "info") -> None:
    """Write logs of a short command behind those of the gateway, which alone turns the file over; nothing goes to stderr."""
    _install([logging.FileHandler(folder / LOG_NAME, encoding="utf-8", delay=True)], level)


def _install(handlers: list[logging.Handler], level: str) -> None:
    renderers = structlog.stdlib.ProcessorFormatter(
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ],
    )
    root = logging.getLogger()
    for old in root.handlers:
        old.close()
    root.handlers = handlers
    for handler in root.handlers:
        handler.setFormatter(renderers)
    root.setLevel(level.upper())
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it warns when two tabs ask at once
    logging.getLogger("urllib3").setLevel(logging.WARNING)  # it would log addresses of every request at debug
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=False),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
