"""How new messages are announced, and what happens to those handed over directly."""

from __future__ import annotations

import pytest

from modem.types import BROADCAST, DIRECT, Notification, StoredPdu

from .scripted import ERROR, OK, Scripted, final, lines, saying

PDU = "07912618010000F0" + "040B917238880900F1" + "0000" + "62113232410282" + "02" + "C834"
HANDED_OVER = Notification("delivered", stored=StoredPdu(None, PDU, DIRECT))
DIRECT_ONLY = {"AT+CNMI=?": lines("+CNMI: (0-2),(0,2),(0),(0,1),(0)")}


@pytest.mark.parametrize(
    ("offered", "refused", "chosen"),
    [
        ("+CNMI: (0-2),(0-3),(0-3),(0-2),(0,1)", [], "2,1,0,2,0"),
        ("+CNMI: (0-2),(0-3),(0,2),(0,1),(0,1)", [], "2,1,0,1,0"),
        ("+CNMI: (0,1),(0,1),(0),(0),(1)", [], "1,1,0,0,1"),
        ("+CNMI: (3),(0,1),(2),(0)", [], "3,1,2,0"),
        ("+CNMI: (0-2),(0-3),(0-3),(0-2),(0,1)", ["2,1,0,2,0"], "2,1,0,1,0"),
        ("", [], "2,1,0,2,0"),
        ("", ["2,1,0,2,0", "2,1,0,1,0", "2,1,0,0,0"], "2,1"),
        ("+CNMI: (0-2),(0,2),(0),(0,1),(0)", [], "2,2,0,1,0"),
    ],
)
def test_the_best_announcing_is_chosen(scripted: Scripted, offered: str, refused: list[str], chosen: str) -> None:
    modem, other_end = scripted(
        {
            "AT+CNMI=?": lines(offered) if offered else ERROR,
            **{f"AT+CNMI={setting}": final("+CMS ERROR: 302") for setting in refused},
            f"AT+CNMI={chosen}": OK,
        }
    )
    modem.open()
    assert [command for command in other_end.said if "+CNMI=" in command][-1] == f"AT+CNMI={chosen}"
    assert modem.notifies


def test_without_any_announcing_the_store_must_be_polled(scripted: Scripted) -> None:
    modem, _ = scripted({"AT+CNMI": ERROR, "AT+CSMS": ERROR})
    modem.open()
    assert not modem.notifies


def test_a_modem_that_is_silent_about_announcing_is_not_asked_ten_times(scripted: Scripted, impatient: None) -> None:
    modem, other_end = scripted({"AT+CNMI": b"", "AT+WASPADA": ERROR})
    modem.open()
    assert not modem.notifies
    assert len([command for command in other_end.said if "+CNMI" in command]) == 1


@pytest.mark.parametrize("announced", ['+CMTI: "ME",3', '+CDSI: "ME",3'])
def test_a_stored_message_is_announced_with_its_store(scripted: Scripted, announced: str) -> None:
    modem, other_end = scripted({})
    modem.open()
    other_end.announce(announced)
    assert modem.wait(2) == Notification("arrived", "ME")


def test_what_is_handed_over_is_acknowledged_in_pdu_modes_form(scripted: Scripted) -> None:
    modem, other_end = scripted(DIRECT_ONLY)
    modem.open()
    assert "AT+CSMS=1" in other_end.said
    other_end.announce(f"+CMT: ,{len(PDU) // 2 - 8}\r\n{PDU}")
    assert modem.wait(2) == HANDED_OVER
    before = len(other_end.said)
    modem.acknowledge()
    modem.acknowledge()  # nothing more was handed over
    assert other_end.said_since(before) == ["AT+CNMA=0"]


def test_a_status_report_is_acknowledged_too(scripted: Scripted) -> None:
    modem, other_end = scripted(DIRECT_ONLY)
    modem.open()
    other_end.announce(f"+CDS: {len(PDU) // 2 - 8}\r\n{PDU}")
    assert modem.wait(2) == HANDED_OVER
    modem.acknowledge()
    assert other_end.said[-1] == "AT+CNMA=0"


def test_a_modem_that_knows_the_other_form_only_is_remembered(scripted: Scripted) -> None:
    modem, other_end = scripted({**DIRECT_ONLY, "AT+CNMA=0": ERROR, "AT+CNMA": OK})
    modem.open()
    before = len(other_end.said)
    for _ in range(2):
        other_end.announce(f"+CMT: ,{len(PDU) // 2 - 8}\r\n{PDU}")
        assert modem.wait(2) == HANDED_OVER
        modem.acknowledge()
    assert other_end.said_since(before) == ["AT+CNMA=0", "AT+CNMA", "AT+CNMA"]


def test_where_acknowledging_fails_routing_is_switched_on_again(scripted: Scripted) -> None:
    modem, other_end = scripted({**DIRECT_ONLY, "AT+CNMA": ERROR})
    modem.open()
    other_end.announce(f"+CMT: ,{len(PDU) // 2 - 8}\r\n{PDU}")
    assert modem.wait(2) == HANDED_OVER
    modem.acknowledge()
    assert other_end.said[-1] == "AT+CNMI=2,2,0,1,0"


def test_a_modem_of_phase_2_waits_for_no_acknowledgement(scripted: Scripted) -> None:
    modem, other_end = scripted({**DIRECT_ONLY, "AT+CSMS=1": final("+CMS ERROR: 302")})
    modem.open()
    other_end.announce(f"+CMT: ,{len(PDU) // 2 - 8}\r\n{PDU}")
    assert modem.wait(2) == HANDED_OVER
    before = len(other_end.said)
    modem.acknowledge()
    assert other_end.said_since(before) == []


@pytest.mark.parametrize(("service", "acknowledged"), [("+CSMS: 1,1,1,1", True), ("+CSMS: 0,1,1,1", False)])
def test_reports_handed_over_beside_stored_messages(scripted: Scripted, service: str, acknowledged: bool) -> None:
    modem, other_end = scripted(
        {"AT+CNMI=?": lines("+CNMI: (0-2),(0-3),(0,2),(0,1),(0,1)"), "AT+CSMS?": lines(service)}
    )
    modem.open()
    other_end.announce(f"+CDS: {len(PDU) // 2 - 8}\r\n{PDU}")
    assert modem.wait(2) == HANDED_OVER
    modem.acknowledge()
    assert (other_end.said[-1] == "AT+CNMA=0") is acknowledged


def test_a_message_of_an_earlier_line_does_not_acknowledge_the_next_one(scripted: Scripted) -> None:
    modem, other_end = scripted(DIRECT_ONLY)
    modem.open()
    other_end.announce(f"+CMT: ,{len(PDU) // 2 - 8}\r\n{PDU}")
    modem.status()
    modem.open()
    before = len(other_end.said)
    assert modem.wait(2) == HANDED_OVER
    modem.acknowledge()
    assert other_end.said_since(before) == []


def test_a_cell_broadcast_is_handed_over_and_not_acknowledged(scripted: Scripted) -> None:
    page = "0010DD001133DAED46ABD56AB5186CD668341A8D46A3D168341A8D46A3D1683497"
    modem, other_end = scripted(DIRECT_ONLY)
    modem.open()
    other_end.announce(f"+CBM: {len(page) // 2}\r\n{page}")
    assert modem.wait(2) == Notification("delivered", stored=StoredPdu(None, page, BROADCAST))
    before = len(other_end.said)
    modem.acknowledge()
    assert other_end.said_since(before) == []


def test_a_delivery_whose_pdu_never_comes_is_looked_for_in_the_store(scripted: Scripted) -> None:
    modem, other_end = scripted({})
    modem.open()
    other_end.announce("+CMT: ,21", "noise")
    assert modem.wait(2) == Notification("arrived")


def test_a_message_in_text_mode_is_kept_with_its_sender(scripted: Scripted) -> None:
    modem, other_end = scripted({})
    modem.open()
    other_end.announce('+CMT: "+628121",,"26/11/23,16:00:00+28"\r\nLAPOR BENTROK')
    found = modem.wait(2)
    assert found is not None
    assert found.stored is not None
    assert "+628121" in found.stored.hex
    assert "LAPOR BENTROK" in found.stored.hex


def test_status_makes_announcing_anew(scripted: Scripted) -> None:
    modem, other_end = scripted(saying(DIRECT_ONLY))
    modem.open()
    before = len(other_end.said)
    modem.status()
    assert [command for command in other_end.said_since(before) if "CNMI" in command or "CSMS" in command] == [
        "AT+CSMS=1",
        "AT+CNMI=2,2,0,1,0",
    ]
