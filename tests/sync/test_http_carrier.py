"""The HTTP carrier: what each answer means, what is sent, what is never done."""

from __future__ import annotations

import socket

import pytest

from sync.carriers import Busy, CarrierError, Refused, StrangeAnswer, TooLarge, Unreachable
from sync.carriers.http import HttpCarrier

from .ends import Answer, ScriptedServer


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(401), Refused),
        (Answer(403), Refused),
        (Answer(413), TooLarge),
        (Answer(429), Busy),
        (Answer(503), Busy),
        (Answer(302, headers={"Location": "/login"}), StrangeAnswer),
        (Answer(404), StrangeAnswer),
        (Answer(500), StrangeAnswer),
        (Answer(400), StrangeAnswer),
        (Answer(200, b"x" * 100_000), StrangeAnswer),
        (Answer(200, b"half", length=100), Unreachable),
    ],
    ids=lambda value: str(getattr(value, "status", "")),
)
def test_each_answer_that_is_none_has_its_error_with_a_sentence(answer: Answer, error: type[CarrierError]) -> None:
    with ScriptedServer(answer) as server:
        carrier = HttpCarrier(server.address)
        with pytest.raises(error) as caught:
            carrier.exchange(b"frame")
        carrier.close()
        assert len(server.requests) == 1, "never repeated, never redirected"
    assert caught.value.retryable is (error is not Refused)
    assert caught.value.sentence.endswith(".")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "120"}, 120),
        ({"Retry-After": "Mon, 23 Nov 2026 10:00:30 GMT", "Date": "Mon, 23 Nov 2026 10:00:00 GMT"}, 30),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "²"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_without_our_clock(headers: dict[str, str], seconds: float | None) -> None:
    from requests import Response

    from sync.carriers.http import _retry_after

    response = Response()
    response.headers.update(headers)
    assert _retry_after(response) == seconds


def test_nobody_listening_is_unreachable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        carrier = HttpCarrier(f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(Unreachable) as caught:
            carrier.exchange(b"frame")
    assert not caught.value.timed_out


def test_no_answer_in_time_is_a_time_out() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        carrier = HttpCarrier(f"http://127.0.0.1:{silent.getsockname()[1]}", read_seconds=0.05)
        with pytest.raises(Unreachable) as caught:
            carrier.exchange(b"frame")
    assert caught.value.timed_out


def test_one_connection_carries_many_frames_with_few_headers() -> None:
    with ScriptedServer(Answer(200, b"answer")) as server:
        carrier = HttpCarrier(server.address + "/")
        for _ in range(3):
            assert carrier.exchange(b"\x00frame") == b"answer"
        carrier.close()
        assert len(server.connections) == 1
        path, headers, body = server.requests[0]
    assert (path, body) == ("/sync/v1/frames", b"\x00frame")
    assert set(headers) == {"Host", "Content-Length"}
