"""What is kept but is no message: the sentence that stands beside such a PDU (`PduState.FILED`). Pure."""

from __future__ import annotations

from modem.parts import mend_surrogates
from modem.types import ReceivedSms

WAP_PUSH_PORT = 2948
"""Port of WAP push (WAP-259): MMS notifications, settings sent by the operator."""
_SENTENCES = {
    "submit": "Draf yang tersimpan di kartu SIM, bukan SMS masuk.",
    "silent": "SMS senyap (tipe 0) dari jaringan, bukan tulisan orang.",
    "sim": "SMS untuk kartu SIM atau modem sendiri, bukan tulisan orang.",
    "waiting": "Pemberitahuan pesan suara dari operator.",
    "broadcast": "Siaran sel (cell broadcast) dari jaringan, bukan SMS.",
}


def sentence(sms: ReceivedSms) -> str:
    """Why this is no message, for the operator; where there is something to read, it follows on the next lines."""
    said = _SENTENCES.get(sms.kind) or _of_data(sms)
    words = mend_surrogates(sms.text).replace("\0", "").strip()
    return f"{said}\n{words}" if words else said


def _of_data(sms: ReceivedSms) -> str:
    if sms.coding == "compressed":
        return "SMS terkompresi; tulisannya tidak dapat dibuka."
    if sms.port == WAP_PUSH_PORT:
        return "Pemberitahuan MMS atau WAP; laptop ini tidak dapat membukanya."
    if sms.port is not None:
        return f"SMS untuk aplikasi (port {sms.port}), bukan tulisan orang."
    return "SMS data (8-bit), bukan tulisan."
