"""Serving pages: bounds before Flask sees a request, and ports that are taken."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from flask import Flask

from config import StartError
from gateway.cli.pages import PageServer

LARGEST = 1000


@pytest.fixture
def pages() -> Flask:
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST
    app.add_url_rule("/", view_func=lambda: "looked at nothing", methods=["POST"])
    return app


@pytest.fixture
def server(pages: Flask) -> Iterator[PageServer]:
    made = PageServer(pages, "127.0.0.1", 0)
    made.start()
    yield made
    made.close()


def test_a_request_too_large_is_refused_even_where_no_page_reads_it(server: PageServer) -> None:
    with requests.Session() as session:
        assert session.post(server.address, data=bytes(LARGEST), timeout=10).status_code == 200
        assert session.post(server.address, data=bytes(LARGEST + 1), timeout=10).status_code == 413


def test_a_port_that_is_taken_is_replaced_unless_others_know_it(pages: Flask, server: PageServer) -> None:
    taken = int(server.address.rstrip("/").rsplit(":", 1)[1])
    other = PageServer(pages, "127.0.0.1", taken)
    other.start()
    assert other.address != server.address
    other.close()
    with pytest.raises(StartError, match=str(taken)):
        PageServer(pages, "127.0.0.1", taken, only_port=True)
