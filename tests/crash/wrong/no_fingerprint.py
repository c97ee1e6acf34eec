"""A gateway that is wrong on purpose: every reading of an SMS counts as another SMS."""

import secrets

from gateway.cli import main
from modem import pdu

pdu.fingerprint = lambda hex_, **_: secrets.token_bytes(32)
main()
