"""Frames over HTTP: `POST /sync/v1/frames`, one frame a request, one connection kept while there is more to send.

Never retries and never follows a redirect: the worker is the only retrier, and only our central may answer.
"""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3.util import SKIP_HEADER

from sync.protocol import MAX_REPLY_OCTETS

from . import Busy, CarrierError, Refused, StrangeAnswer, TooLarge, Unreachable

FRAMES_PATH = "/sync/v1/frames"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def plain_session(url: str) -> requests.Session:
    """A session without retries, redirects, netrc and superfluous headers; proxies of the environment but for loopback."""
    session = requests.Session()
    adapter = HTTPAdapter(max_retries=0, pool_connections=1, pool_maxsize=1)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    session.trust_env = False
    session.headers.clear()
    session.headers.update({"User-Agent": SKIP_HEADER, "Accept-Encoding": SKIP_HEADER})
    if urlsplit(url).hostname not in _LOOPBACK:
        session.proxies.update(get_environ_proxies(url))
    return session


class HttpCarrier:
    """Carries frames to the central at `url` (`https://host[:port][/path]`). Times in seconds."""

    def __init__(self, url: str, connect_seconds: float = 30.0, read_seconds: float = 60.0) -> None:
        self._address = url.rstrip("/") + FRAMES_PATH
        self._timeouts = (connect_seconds, read_seconds)
        self._session: requests.Session | None = None

    def exchange(self, frame: bytes) -> bytes:
        """See `Carrier.exchange`."""
        if self._session is None:
            self._session = plain_session(self._address)
        try:
            with self._session.post(
                self._address, data=frame, timeout=self._timeouts, allow_redirects=False, stream=True
            ) as response:
                _check(response)
                return _read(response)
        except requests.RequestException as error:
            self.close()
            raise Unreachable(type(error).__name__, timed_out=isinstance(error, requests.Timeout)) from None
        except CarrierError:
            self.close()
            raise

    def close(self) -> None:
        """See `Carrier.close`."""
        if self._session is not None:
            self._session.close()
            self._session = None


def _check(response: requests.Response) -> None:
    status = response.status_code
    if status == 200:
        return
    if status in (401, 403):
        raise Refused(f"status {status}")
    if status == 413:
        raise TooLarge("status 413")
    if status in (429, 503):
        raise Busy(f"status {status}", _retry_after(response))
    raise StrangeAnswer(f"status {status}")


def _read(response: requests.Response) -> bytes:
    body = bytearray()
    for piece in response.iter_content(8192):
        body += piece
        if len(body) > MAX_REPLY_OCTETS:
            raise StrangeAnswer("too long for an answer")
    return bytes(body)


def _retry_after(response: requests.Response) -> float | None:
    """`Retry-After` in seconds (RFC 9110 10.2.3); a date counts from the answer's own `Date`, never from our clock."""
    text = response.headers.get("Retry-After", "")
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        wait = parsedate_to_datetime(text) - parsedate_to_datetime(response.headers["Date"])
    except (ValueError, KeyError, TypeError):
        return None
    return max(0.0, wait.total_seconds())
