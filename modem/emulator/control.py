"""Steering a running emulator from other processes: JSON over HTTP on the loopback interface.

The emulator writes a control file (address and token, readable by its user only); whoever can read it may steer. An operation is
`POST /NAME` with `Authorization: Bearer TOKEN` and a JSON object; it answers a JSON object, `{"error": ...}` with status 400
when it was asked for something impossible. Operations: `send`, `sent`, `inject`, `notice`, `phone`, `account`, `fault`,
`unplug`, `plug`, `status`; each is a method of `Control` and described there.
"""

from __future__ import annotations

import contextlib
import datetime
import hmac
import http.client
import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from modem.emulator.lines import Line, LineError
from modem.emulator.network import Network
from modem.emulator.subscribers import Sim, Sms

_LARGEST_REQUEST = 1_000_000
_ANSWER_SECONDS = 10


class ControlError(Exception):
    """No emulator could be reached, or it refused. The text is complete: print it."""


class Control:
    """The control channel of one emulated modem: answers until `close`, which removes the control file.

    `file`: where to write the control file; None chooses a new one in `control_folder`, where commands look first.
    """

    def __init__(self, network: Network, sim: Sim, line: Line, file: Path | None = None) -> None:
        self.network, self.line = network, line
        if line.server.sim is not sim:
            raise ValueError("the SIM is in another modem")
        self.token = secrets.token_urlsafe(32)
        self._operations = {
            "send": self.send,
            "sent": self.sent,
            "inject": self.inject,
            "notice": self.notice,
            "phone": self.phone,
            "account": self.account,
            "fault": self.fault,
            "unplug": self.unplug,
            "plug": self.plug,
            "status": self.status,
        }
        self._server = _LoopbackServer(("127.0.0.1", 0), self._handler())
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        self.file = file or control_folder() / f"emulator-{os.getpid()}-{self._server.server_address[1]}.json"
        try:
            _write_private(self.file, {"address": self.address, "token": self.token, "started": time.time()})
        except OSError as error:
            self._server.server_close()
            raise ControlError(f"The control file {self.file} cannot be written ({error.strerror}).") from error
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="emulator control", daemon=True
        )
        self._thread.start()

    @property
    def sim(self) -> Sim:
        """The SIM that is in the modem now."""
        return self.line.server.sim

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self.file.unlink(missing_ok=True)

    def __enter__(self) -> Control:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, asked: dict[str, Any]) -> dict[str, Any]:
        """`from`, `text`, optional `to` (default: the modem's SIM) and `parts` (numbers as they leave): an SMS from a phone."""
        sender, text, to = str(asked["from"]), str(asked["text"]), str(asked.get("to") or self.sim.number)
        sms = self.network.phone(sender).send(text, to, tuple(asked["parts"]) if asked.get("parts") else None)
        return self._whereabouts(sms)

    def sent(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The texts phones received from the modem, oldest first."""
        return {"texts": [row for row in self.network.received() if row["sender"] == self.sim.number]}

    def inject(self, asked: dict[str, Any]) -> dict[str, Any]:
        """`hex`: octets for the SIM, service-centre octets first, readable or not; `storage`: put there, past the network."""
        octets, storage = str(asked["hex"]), asked.get("storage")
        if not storage:
            return self._whereabouts(self.network.deliver_raw(self.sim, octets))
        return self._whereabouts(self.line.server.place(str(storage), octets).sms)

    def notice(self, asked: dict[str, Any]) -> dict[str, Any]:
        """`kind`: a notice of the operator, `low_credit`, `expiry`, `grace` or `promo`; optional `from`: another sender."""
        with self.network.lock:
            sender, text = self.sim.account.notice(str(asked["kind"]))
        sms = self.network.phone(str(asked.get("from") or sender)).send(text, self.sim.number)
        return self._whereabouts(sms)

    def phone(self, asked: dict[str, Any]) -> dict[str, Any]:
        """`number`, `on`: switch a phone on or off; what is sent to it waits meanwhile."""
        phone = self.network.phone(str(asked["number"]))
        if not isinstance(asked["on"], bool):
            raise ValueError("on wants true or false.")
        with self.network.lock:
            phone.switched_on = asked["on"]
        return {"number": phone.number, "on": asked["on"]}

    def account(self, asked: dict[str, Any]) -> dict[str, Any]:
        """`balance`, `tariff` (rupiah), `active_until` (YYYY-MM-DD), each optional: change them; answers all three."""
        with self.network.lock:
            account = self.sim.account
            balance = int(asked.get("balance", account.balance))
            tariff = int(asked.get("tariff", account.tariff))
            until = datetime.date.fromisoformat(str(asked.get("active_until", account.active_until)))
            account.balance, account.tariff, account.active_until = balance, tariff, until
            return {"balance": balance, "tariff": tariff, "active_until": until.isoformat()}

    def fault(self, asked: dict[str, Any]) -> dict[str, Any]:
        """`name` of a fault (`faults.py`), optional `for` seconds, `count` and the fault's own options: begin it.

        `name` `clear`: end them all, or only `which`; without a name nothing happens. Answers `active` faults.
        """
        faults = self.line.server.faults
        options = {key: value for key, value in asked.items() if key not in ("name", "for", "count", "which")}
        match asked.get("name"):
            case None:
                pass
            case "clear":
                faults.clear(asked.get("which"))
            case name:
                count = asked.get("count")
                faults.start(str(name), _number(asked.get("for")), None if count is None else int(count), **options)
        return {"active": faults.active(), "modem": self.line.address, "plugged": self.line.plugged}

    def unplug(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Pull the cable; optional `for` seconds."""
        self.line.server.faults.start("unplug", _number(asked.get("for")))
        return {"plugged": False}

    def plug(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Put the cable back; `as`: under another name."""
        options: dict[str, Any] = {"as": str(asked.get("as") or "")}
        self.line.server.faults.start("plug", **options)
        return {"plugged": True, "modem": self.line.address}

    def status(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Line, slots and everything that was ever sent, with where it is now (`Network.snapshot`)."""
        with self.network.lock:
            return {
                "modem": self.line.address,
                "plugged": self.line.plugged,
                "number": self.sim.number,
                "capacity": self.sim.receiving.capacity,
                "used": len(self.sim.slots),
                "stores": {
                    store.name: {"used": len(store.slots), "capacity": store.capacity}
                    for store in self.line.server.stores.values()
                },
                "faults": self.line.server.faults.active(),
                "account": self.account({}),
                "waiting": len(self.network.waiting(self.sim.number)),
                **self.network.snapshot(),
            }

    def _whereabouts(self, sms: Sms) -> dict[str, Any]:
        with self.network.lock:
            return {
                "id": sms.id,
                "state": sms.state,
                "slots": [part.slot for part in sms.parts if part.slot is not None],
                "full": self.sim.full,
                "plugged": self.line.plugged,
            }

    def _answer(self, name: str, authorization: str, body: bytes) -> tuple[int, dict[str, Any]]:
        if not hmac.compare_digest(authorization.encode(), f"Bearer {self.token}".encode()):
            return 401, {"error": "The token is missing or wrong; it stands in the control file."}
        operation = self._operations.get(name)
        if operation is None:
            return 404, {"error": f"There is no operation {name!r}; there are: {', '.join(self._operations)}."}
        try:
            asked = json.loads(body or b"{}")
            if not isinstance(asked, dict):
                raise ValueError("the request is no JSON object")
            return 200, operation(asked)
        except KeyError as error:
            return 400, {"error": f"{error.args[0]!r} is missing or out of range."}
        except (ValueError, TypeError, LineError) as error:  # TpduError is a ValueError
            return 400, {"error": str(error)}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        control = self

        class Handler(BaseHTTPRequestHandler):
            timeout = _ANSWER_SECONDS

            def do_POST(self) -> None:
                size = min(int(self.headers.get("Content-Length") or 0), _LARGEST_REQUEST)
                answer = control._answer(
                    self.path.strip("/"), self.headers.get("Authorization", ""), self.rfile.read(size)
                )
                octets = json.dumps(answer[1]).encode()
                self.send_response(answer[0])
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(octets)))
                self.end_headers()
                self.wfile.write(octets)

            def log_message(self, *_: object) -> None:
                """Nothing: requests hold numbers and texts."""

        return Handler


class _LoopbackServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is nobody's fault."""


class RunningEmulator:
    """A client of one emulator's control channel."""

    def __init__(self, address: str, token: str) -> None:
        self.address, self._token = address, token

    def call(self, operation: str, **asked: Any) -> dict[str, Any]:
        """Run an operation. Raises ControlError when nobody answers or it is refused."""
        host, _, port = self.address.rpartition(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=_ANSWER_SECONDS)
        try:
            connection.request("POST", f"/{operation}", json.dumps(asked), {"Authorization": f"Bearer {self._token}"})
            response = connection.getresponse()
            answer: dict[str, Any] = json.loads(response.read())
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise ControlError(f"The emulator at {self.address} does not answer; is it still running?") from error
        finally:
            connection.close()
        if response.status != 200:
            raise ControlError(f"The emulator refused: {answer.get('error', response.status)}")
        return answer


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def find_emulator(control: str | None = None) -> RunningEmulator:
    """The emulator named by a control file or HOST:PORT; without a name the one started last. Raises ControlError."""
    if control is None or not Path(control).exists():
        for address, token in _known():
            if control in (None, address):
                return RunningEmulator(address, token)
        if control is not None:
            raise ControlError(
                f"No emulator of yours runs at {control}; --control wants its control file or HOST:PORT."
            )
        raise ControlError("No emulator is running. Start one: waspada emulate --pty LINK, or --tcp 127.0.0.1:0")
    try:
        found = json.loads(Path(control).read_text(encoding="utf-8"))
        return RunningEmulator(found["address"], found["token"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ControlError(
            f"{control} is no control file of an emulator; leave --control out or name another."
        ) from error


def control_folder() -> Path:
    """Where emulators of this user leave their control files."""
    if os.name == "nt":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        base = Path(os.environ.get("XDG_RUNTIME_DIR") or Path.home() / ".local" / "state")
    return base / "waspada" / "emulators"


def _known() -> Iterator[tuple[str, str]]:
    """Address and token of every emulator that left a file, the one started last first; files of dead ones are removed."""
    found = []
    for file in control_folder().glob("emulator-*.json"):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            content = json.loads(file.read_text(encoding="utf-8"))
            found.append((float(content["started"]), str(content["address"]), str(content["token"]), file))
    for _, address, token, file in sorted(found, reverse=True):
        if not _listens(address):
            file.unlink(missing_ok=True)
            continue
        yield address, token


def _listens(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=2).close()
    except OSError:
        return False
    return True


def _write_private(file: Path, content: dict[str, Any]) -> None:
    if not file.parent.exists():
        file.parent.mkdir(mode=0o700, parents=True)
    fresh = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
        json.dump(content, stream)
    fresh.replace(file)
