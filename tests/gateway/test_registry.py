"""Registering people: DAFTAR changes nothing until a person decides; the central learns a pseudonym, a role and a village."""

from __future__ import annotations

import pytest

from gateway import numbers
from gateway.registry import RegistryError
from gateway.store.database import Store
from gateway.store.models import Outgoing, Registration, Reporter
from tests.gateway.registry_desk import ANI, BUDI, CAMAT, KADES, LAMBUR, Office, entry, replace_section


@pytest.fixture
def office(store: Store) -> Office:
    return Office(store)


def test_daftar_is_written_down_and_changes_nothing(office: Office) -> None:
    wish = office.daftar("DAFTAR KADES LAMBUR BUDI SANTOSO")
    assert (wish.state, wish.role, wish.village, wish.name) == ("menunggu", "kades", LAMBUR, "BUDI SANTOSO")
    assert office.rows(Reporter) == []
    assert office.rows(Outgoing) == []
    assert office.ledger_octets() == b""


def test_an_incomplete_wish_waits_too(office: Office) -> None:
    wish = office.daftar("DAFTAR KADES")
    assert (wish.state, wish.role, wish.village, wish.name) == ("menunggu", "kades", "", "")


def test_a_later_wish_of_the_same_number_replaces_the_waiting_one(office: Office) -> None:
    office.daftar("DAFTAR KADES")
    office.daftar("DAFTAR KADES LAMBUR BUDI")
    office.daftar("DAFTAR RT LAMBUR ANI", sender=ANI)
    assert [(row.number, row.state) for row in office.rows(Registration)] == [
        (BUDI, "diganti"),
        (BUDI, "menunggu"),
        (ANI, "menunggu"),
    ]


def test_the_same_message_read_again_corrects_its_own_wish_and_never_a_decided_one(office: Office) -> None:
    from gateway.registry import request
    from gateway.store.models import Message

    wish = office.daftar("DAFTAR KADES")

    def again() -> None:
        with office.store.write() as session:
            message = session.get_one(Message, wish.message_id)
            request(session, message, office.read("DAFTAR KADES LAMBUR BUDI"), office.now)

    again()
    (row,) = office.rows(Registration)
    assert (row.village, row.name, row.state) == (LAMBUR, "BUDI", "menunggu")
    office.people.reject(row.id, "bukan dia")
    again()
    assert [row.state for row in office.rows(Registration)] == ["ditolak"]


@pytest.mark.parametrize(("sender", "more"), [("TELKOMSEL", {"sender_is_number": False}), ("4444", {})])
def test_machines_cannot_be_registered(office: Office, sender: str, more: dict[str, bool]) -> None:
    assert office.daftar("DAFTAR KADES LAMBUR BUDI", sender=sender, **more) is None


def test_approving_registers_tells_the_central_and_sends_one_sms(office: Office) -> None:
    wish = office.daftar("DAFTAR KADES LAMBUR BUDI")
    office.people.approve(wish.id, KADES)
    person = office.person()
    assert (person.status, person.role, person.village, person.name) == ("terdaftar", "kades", LAMBUR, "Budi Santoso")
    assert (person.registered_at, person.confirmed_at, person.asked_at) == (office.now, office.now, None)
    (told,) = office.told()
    assert (told.reporter, told.role, told.village) == (person.pseudonym, "kades", LAMBUR)
    (sms,) = office.rows(Outgoing)
    assert (sms.recipient, sms.purpose, sms.state, sms.message_id) == (BUDI, "reply", "queued", wish.message_id)
    assert "Lambur" in sms.text
    assert len(sms.text) <= 160
    assert office.rows(Registration)[0].state == "diterima"


def test_neither_number_nor_name_reaches_the_ledger(office: Office) -> None:
    wish = office.daftar("DAFTAR KADES LAMBUR BUDI")
    pseudonym = office.people.approve(wish.id, KADES)
    office.people.change(pseudonym, entry(role="sekdes"))
    octets = office.ledger_octets()
    assert b"kades" in octets
    for secret in (b"81274000111", b"Budi", b"BUDI"):
        assert secret not in octets


def test_the_sms_is_held_where_a_rule_forbids_it_and_the_person_is_registered_all_the_same(office: Office) -> None:
    office.turn_to(replace_section(office.settings, "replies", enabled=False))
    wish = office.daftar("DAFTAR KADES LAMBUR BUDI")
    office.people.approve(wish.id, KADES)
    (sms,) = office.rows(Outgoing)
    assert (sms.state, sms.error) == ("held", "Balasan otomatis dimatikan (replies.enabled).")
    assert office.person().status == "terdaftar"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (entry(role="raja"), "Peran tidak dikenal. Pilih salah satu: babinsa, bhabinkamtibmas"),
        (entry(role=""), "Peran tidak dikenal."),
        (entry(village="15.07.99.9999"), "Kode desa ini tidak ada"),
        (entry(village=""), "Desa atau kelurahan belum diisi"),
        (entry(language="xx"), "Bahasa tidak dikenal."),
    ],
)
def test_what_cannot_be_registered_is_refused_with_a_sentence_and_nothing_is_written(
    office: Office, wrong, sentence: str
) -> None:
    wish = office.daftar("DAFTAR KADES LAMBUR BUDI")
    with pytest.raises(RegistryError, match=sentence.replace(".", r"\.")):
        office.people.approve(wish.id, wrong)
    assert office.rows(Reporter) == []
    assert office.rows(Registration)[0].state == "menunggu"


def test_a_wish_is_decided_once(office: Office) -> None:
    wish = office.daftar("DAFTAR KADES LAMBUR BUDI")
    office.people.approve(wish.id, KADES)
    for again in (lambda: office.people.approve(wish.id, KADES), lambda: office.people.reject(wish.id, "x")):
        with pytest.raises(RegistryError, match="sudah diputuskan"):
            again()
    with pytest.raises(RegistryError, match="tidak ada"):
        office.people.reject(99, "x")
    assert len(office.rows(Outgoing)) == 1


def test_a_refusal_needs_a_reason_keeps_it_without_numbers_and_tells_the_sender_nothing(office: Office) -> None:
    wish = office.daftar("DAFTAR KADES LAMBUR BUDI")
    with pytest.raises(RegistryError, match="Alasan"):
        office.people.reject(wish.id, "  ")
    office.people.reject(wish.id, "ditelepon di 081274000111,\nbukan dia")
    (row,) = office.rows(Registration)
    assert (row.state, row.reason) == ("ditolak", f"ditelepon di {numbers.MASK}, bukan dia")
    assert office.rows(Outgoing) == []
    assert office.rows(Reporter) == []


def test_a_typed_number_is_registered_in_any_writing_and_no_sms_goes(office: Office) -> None:
    office.people.register("(0812) 7400-0111", KADES)
    assert office.person().status == "terdaftar"
    assert office.rows(Outgoing) == []
    with pytest.raises(numbers.NumberError):
        office.people.register("4444", KADES)


def test_our_own_sim_is_nobody(office: Office) -> None:
    office.turn_to(replace_section(office.settings, "replies", own_numbers=("081274000111",)))
    with pytest.raises(RegistryError, match="SIM kita sendiri"):
        office.people.register(BUDI, KADES)
    forged = office.daftar("DAFTAR KADES LAMBUR BUDI")
    assert forged is not None
    with pytest.raises(RegistryError, match="SIM kita sendiri"):
        office.people.approve(forged.id, KADES)
    assert office.rows(Reporter) == []


def test_a_change_of_role_is_told_and_a_change_of_name_is_nobodys_business(office: Office) -> None:
    pseudonym = office.people.register(BUDI, KADES)
    office.people.change(pseudonym, entry(name="Budi S."))
    assert len(office.told()) == 1
    office.people.change(pseudonym, entry(role="sekdes"))
    assert [(one.role, one.village) for one in office.told()] == [("kades", LAMBUR), ("sekdes", LAMBUR)]
    assert office.person().name == "Budi Santoso"


def test_who_left_is_a_guest_without_a_role_for_the_central_and_can_come_back(office: Office) -> None:
    pseudonym = office.people.register(BUDI, CAMAT)
    office.people.leave(pseudonym)
    assert office.person().status == "berhenti"
    assert (office.told()[-1].reporter, office.told()[-1].role, office.told()[-1].village) == (pseudonym, "", "")
    for act in (lambda: office.people.change(pseudonym, CAMAT), lambda: office.people.confirm(pseudonym)):
        with pytest.raises(RegistryError, match="tidak terdaftar"):
            act()
    office.people.leave(pseudonym)
    assert len(office.told()) == 2
    office.people.register(BUDI, CAMAT)
    assert office.person().status == "terdaftar"
    assert office.told()[-1].role == "camat"


def test_nobody_stands_behind_an_unknown_pseudonym(office: Office) -> None:
    with pytest.raises(RegistryError, match="tidak ada di daftar"):
        office.people.leave(7)


def test_names_from_sms_hold_no_signs_that_hide_or_run(office: Office) -> None:
    office.people.register(BUDI, entry(name="=cmd|' /C calc'!A0 \u202eBudi\u200b\n\x1b[31m Santoso " + "x" * 90))
    name = office.person().name
    assert name.startswith("cmd|' /C calc'!A0 Budi [31m Santoso x")
    assert len(name) <= 64
    assert name.isprintable()
