"""Lines an emulated modem hangs on: a pseudo-terminal (POSIX) or a TCP port (everywhere).

`plug` opens the line and powers the modem, `unplug` does what pulling the cable does: the device or port vanishes and whoever had
it open is hung up on. Both may be repeated while the emulator runs and return when it has happened.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import selectors
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

from modem.emulator.at_server import AtServer
from modem.transcript import FROM_MODEM, TO_MODEM

try:
    import pty
    import termios
    import tty
except ImportError:  # Windows has no pseudo-terminals
    pty = None  # type: ignore[assignment]

_CHUNK = 4096
_BACKLOG_OCTETS = 65_536
"""A client that does not read gets so much kept for it; then it is not listened to until it reads."""
_SHORTEST_WAIT = 0.001
"""A clock that stands still (in tests) must not make the line spin."""
_REOPEN_SECONDS = 0.02
"""How often a closed pseudo-terminal is looked at: opening it wakes nobody."""


class LineError(Exception):
    """A line that cannot be opened. The text is complete and says what to do."""


class Line(ABC):
    """One modem on one line, served by one thread while it is plugged in. A context manager: plugged inside, gone after."""

    def __init__(self, server: AtServer) -> None:
        self.server = server
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._wake_reader: socket.socket
        self._wake_writer: socket.socket | None = None
        self._pending = bytearray()
        self._plugging = threading.RLock()
        self.tap: Callable[[str, bytes], None] | None = None
        """Gets everything that passes, `>` to the modem and `<` from it, such as a `modem.transcript.Recorder`; set it while
        the line is unplugged."""
        server.on_output = self._wake
        server.cable = self
        server.power(False)

    @property
    @abstractmethod
    def address(self) -> str:
        """What a client opens: a path, or `socket://HOST:PORT` as pyserial writes it."""

    @property
    def plugged(self) -> bool:
        """Whether the line exists now."""
        return self._thread is not None

    def plug(self) -> None:
        """Make the line appear; nothing happens if it is there. Raises LineError."""
        with self._plugging:
            if self._thread is not None:
                return
            self._open()
            self._wake_reader, self._wake_writer = socket.socketpair()
            for end in (self._wake_reader, self._wake_writer):
                end.setblocking(False)
            self._stopping.clear()
            self._pending.clear()
            self.server.hang_up()
            self.server.power(True)
            self._thread = threading.Thread(target=self._serve, name=f"modem on {self.address}", daemon=True)
            self._thread.start()

    def plug_as(self, address: str) -> None:
        """Plug it under another name, as a port that is numbered anew, after unplugging; '' keeps the name.

        Raises LineError where that name cannot be had; then everything is as it was.
        """
        with self._plugging:
            before, was_plugged = self.address, self.plugged
            try:
                if address:
                    self.unplug()
                    self._rename(address)
                self.plug()
            except LineError:
                self._rename(before)
                if was_plugged:
                    self.plug()
                raise

    def unplug(self) -> None:
        """Make the line vanish; nothing happens if it is gone already."""
        with self._plugging:
            if self._thread is None:
                return
            self._stopping.set()
            self._wake()
            self._thread.join()
            self._thread = None
            self._close()
            self.server.hang_up()
            self.server.power(False)
            writer, self._wake_writer = self._wake_writer, None
            if writer is not None:
                writer.close()
            self._wake_reader.close()

    def __enter__(self) -> Line:
        self.plug()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.faults.close()
        self.unplug()

    @abstractmethod
    def _rename(self, address: str) -> None: ...

    @abstractmethod
    def _open(self) -> None: ...

    @abstractmethod
    def _close(self) -> None: ...

    @abstractmethod
    def _serve(self) -> None: ...

    def _wake(self) -> None:
        writer = self._wake_writer
        if writer is not None:
            with contextlib.suppress(OSError):  # full: it is awake already; closed: it is unplugged
                writer.send(b"!")

    def _woken(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._wake_reader.recv(_CHUNK)
        self._due()

    def _due(self) -> None:
        """Take what has become due; called after every wait, which lasts no longer than `_patience`."""
        self._pending += self.server.take_output()

    def _patience(self) -> float | None:
        seconds = self.server.seconds_to_next()
        return None if seconds is None else max(seconds, _SHORTEST_WAIT)

    def _received(self, octets: bytes) -> None:
        if self.tap is not None:
            self.tap(TO_MODEM, octets)
        self._pending += self.server.feed(octets)

    def _written(self, count: int) -> None:
        if self.tap is not None:
            self.tap(FROM_MODEM, bytes(self._pending[:count]))
        del self._pending[:count]


class PtyLine(Line):
    """A modem on a pseudo-terminal, found under the symbolic link `link`, which is replaced if it was left over.

    Raises LineError where there are no pseudo-terminals or `link` is a file that is no link.
    """

    def __init__(self, server: AtServer, link: Path) -> None:
        if pty is None:
            raise LineError("This system has no pseudo-terminals; use --tcp 127.0.0.1:0 instead of --pty.")
        super().__init__(server)
        self.link = link
        self._controller = -1
        self._device = ""

    @property
    def address(self) -> str:
        return str(self.link)

    def _rename(self, address: str) -> None:
        self.link = Path(address)

    def _open(self) -> None:
        if self.link.exists() and not self.link.is_symlink():
            raise LineError(f"{self.link} exists and is no link; name another path with --pty.")
        self._controller, device = pty.openpty()
        tty.setraw(device)
        os.set_blocking(self._controller, False)
        self._device = os.ttyname(device)
        fresh = self.link.with_name(f".{self.link.name}.{os.getpid()}")
        try:
            fresh.unlink(missing_ok=True)
            fresh.symlink_to(self._device)
            fresh.replace(self.link)
        except OSError as error:
            os.close(self._controller)
            raise LineError(f"The link {self.link} cannot be made ({error.strerror}); name another path.") from error
        finally:
            os.close(device)

    def _close(self) -> None:
        with contextlib.suppress(OSError):
            if os.readlink(self.link) == self._device:
                self.link.unlink()
        os.close(self._controller)

    def _serve(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._wake_reader, selectors.EVENT_READ)
            while not self._stopping.is_set():
                if self._hung_up():
                    self._closed()
                    self._stopping.wait(_REOPEN_SECONDS)
                    continue
                if not self.server.connected:
                    self.server.open_line()
                self._exchange(selector)

    def _exchange(self, selector: selectors.BaseSelector) -> None:
        wanted = selectors.EVENT_WRITE if self._pending else 0
        if len(self._pending) < _BACKLOG_OCTETS:
            wanted |= selectors.EVENT_READ
        selector.register(self._controller, wanted)
        try:
            ready = {key.fd for key, _ in selector.select(self._patience())}
            self._due()
            if self._wake_reader.fileno() in ready:
                self._woken()
            if self._controller in ready:
                self._read()
        finally:
            selector.unregister(self._controller)
        self._write()

    def _read(self) -> None:
        try:
            self._received(os.read(self._controller, _CHUNK))
        except BlockingIOError:
            return
        except OSError as error:
            if error.errno != errno.EIO:  # EIO: the last client closed it; the next turn of the loop sees that
                raise

    def _write(self) -> None:
        if self._pending:
            with contextlib.suppress(BlockingIOError):
                self._written(os.write(self._controller, self._pending))

    def _hung_up(self) -> bool:
        """Whether no client has the device open. What the last one wrote is read first."""
        poller = select.poll()
        poller.register(self._controller, select.POLLIN)
        while (events := sum(event for _, event in poller.poll(0))) & select.POLLHUP:
            if not events & select.POLLIN:
                return True
            self._read()
        return False

    def _closed(self) -> None:
        """Drop what nobody will read, as a serial port does that nobody has open."""
        self._woken()
        self._pending.clear()
        if self.server.connected:
            device = os.open(self._device, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
            termios.tcflush(device, termios.TCIFLUSH)  # from the other end this would not reach what the line holds
            os.close(device)
            self.server.hang_up()


class TcpLine(Line):
    """A modem on a TCP port, for pyserial's `socket://`. One client at a time: a new one replaces the old.

    Port 0 lets the system choose; replugged it keeps the port it got.
    """

    def __init__(self, server: AtServer, host: str, port: int) -> None:
        super().__init__(server)
        self.host, self.port = host, port
        self._listener: socket.socket | None = None
        self._client: socket.socket | None = None

    @property
    def address(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"socket://{host}:{self.port}"

    def _rename(self, address: str) -> None:
        host, _, port = address.removeprefix("socket://").rpartition(":")
        if not port.isdecimal() or int(port) > 65535:
            raise LineError(f"{address} is no HOST:PORT.")
        self.host, self.port = host.strip("[]") or self.host, int(port)

    def _open(self) -> None:
        try:
            family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
            self._listener = socket.create_server((self.host, self.port), family=family)
        except OSError as error:
            reason = error.strerror or str(error)
            raise LineError(f"{self.address} cannot be opened ({reason}); choose another port or 0.") from error
        self._listener.setblocking(False)
        self.port = self._listener.getsockname()[1]

    def _close(self) -> None:
        self._drop_client()
        if self._listener is not None:
            self._listener.close()

    def _serve(self) -> None:
        assert self._listener is not None
        while not self._stopping.is_set():
            with selectors.DefaultSelector() as selector:
                selector.register(self._wake_reader, selectors.EVENT_READ)
                selector.register(self._listener, selectors.EVENT_READ)
                if self._client is not None:
                    wanted = selectors.EVENT_WRITE if self._pending else 0
                    wanted |= selectors.EVENT_READ if len(self._pending) < _BACKLOG_OCTETS else 0
                    selector.register(self._client, wanted)
                ready = [key.fileobj for key, _ in selector.select(self._patience())]
            self._due()
            if self._wake_reader in ready:
                self._woken()
            if self._client is not None and self._client in ready:
                self._exchange(self._client)
            if self._listener in ready:
                self._accept(self._listener)

    def _accept(self, listener: socket.socket) -> None:
        try:
            client, _ = listener.accept()
        except OSError:  # it gave up before we came to it
            return
        self._drop_client()
        client.setblocking(False)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._client = client
        self.server.open_line()

    def _exchange(self, client: socket.socket) -> None:
        try:
            with contextlib.suppress(BlockingIOError):
                received = client.recv(_CHUNK)
                if not received:
                    self._drop_client()
                    return
                self._received(received)
            with contextlib.suppress(BlockingIOError):
                self._written(client.send(self._pending))
        except OSError:
            self._drop_client()

    def _drop_client(self) -> None:
        self.server.hang_up()
        self._pending.clear()
        if self._client is not None:
            self._client.close()
            self._client = None
