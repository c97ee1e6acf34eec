"""A console over an empty database, with Flask's test client."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from gateway.store.database import Store
from tests.console_seed import Office, make_office, new_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = new_store(tmp_path / "data")
    yield store
    store.close()


@pytest.fixture
def office(store: Store) -> Office:
    return make_office(store)


@pytest.fixture
def client(office: Office) -> FlaskClient:
    return office.app.test_client()


@pytest.fixture
def post(client: FlaskClient):
    """Submit a form of `page` as a browser does: with the token that stands on it."""

    def submit(page: str, address: str, **values: str):
        token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
        assert token, f"{page} has no form"
        return client.post(address, data={"csrf_token": token[1], **values})

    return submit
