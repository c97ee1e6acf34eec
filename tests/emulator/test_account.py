"""Credit, tariff and validity; the balance by USSD; notices of the operator; how USSD texts are written."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem.emulator import tpdu, ussd
from modem.emulator.account import NOTICES, OPERATORS, Account
from modem.emulator.network import Network
from modem.emulator.subscribers import Refused, Sim

OWN, VILLAGER = "+6281215070001", "+6281272000101"
NOW = 1_732_330_000.0  # 2024-11-23


def sim_with(account: Account) -> Sim:
    return Network(clock=lambda: NOW).add_sim(Sim(OWN, account=account))


def submit(sim: Sim) -> None:
    sim.submit(tpdu.encode_submit(tpdu.Submit(VILLAGER, tpdu.split_text("halo")[0])), no_credit=21)


def test_each_sms_costs_and_without_enough_credit_none_is_taken() -> None:
    sim = sim_with(Account(balance=800, tariff=350))
    submit(sim)
    submit(sim)
    assert sim.account.balance == 100
    with pytest.raises(Refused) as refused:
        submit(sim)
    assert (refused.value.code, sim.account.balance) == (21, 100)


def test_what_the_network_does_not_take_costs_nothing() -> None:
    sim = sim_with(Account(balance=800, tariff=350))
    with pytest.raises(Refused):
        sim.submit(b"\x00")
    assert sim.account.balance == 800


def test_after_the_last_day_nothing_is_taken() -> None:
    submit(sim_with(Account(active_until=datetime.date(2024, 11, 23))))
    with pytest.raises(Refused):
        submit(sim_with(Account(active_until=datetime.date(2024, 11, 22))))


@pytest.mark.parametrize(
    ("operator", "code", "text"),
    [
        ("telkomsel", "*888#", "Sisa Pulsa Rp12.500. Aktif s.d. 07-03-2027. Info: *888*1#"),
        ("indosat", "*123#", "Pulsa Rp.12500.Aktif s/d 07.03.27.Mau kuota lebih? Pilih: 1 Paket 2 Info"),
        ("xl", "*123#", "Pulsa Rp 12.500 s.d. 07-03-2027 1.Paket Internet 2.Info Kartu 3.Transfer Pulsa"),
        ("tri", "*111#", "Pulsa: Rp12500, berlaku s/d 07/03/2027. Info paket tekan 1"),
    ],
)
def test_the_balance_is_told_in_the_operators_words(operator: str, code: str, text: str) -> None:
    sim = sim_with(Account(12_500, active_until=datetime.date(2027, 3, 7), operator=operator))
    assert sim.answer_ussd(code) == text
    assert sim.answer_ussd("*000#") is None
    sim.ussd[code] = "Sistem sibuk"
    assert sim.answer_ussd(code) == "Sistem sibuk"


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_has_every_notice(operator: str) -> None:
    account = Account(1_500, active_until=datetime.date(2027, 3, 7), operator=operator)
    told = {kind: account.notice(kind) for kind in NOTICES}
    assert {sender for sender, _ in told.values()} == {OPERATORS[operator].sender}
    assert "1.500" in told["low_credit"][1] or "1500" in told["low_credit"][1]
    assert all("{" not in text for _, text in told.values())
    with pytest.raises(ValueError, match="there are: low_credit"):
        account.notice("nix")


def test_the_grace_period_ends_after_its_days() -> None:
    account = Account(active_until=datetime.date(2027, 3, 7), grace_days=30)
    assert "06/04/2027" in account.notice("grace")[1]


@given(st.text(alphabet="abcXYZ019*#.: Rp@", min_size=0, max_size=40).filter(lambda text: not text.endswith("@")))
def test_packed_ussd_reads_back(text: str) -> None:
    assert ussd.unpack(ussd.pack(text)) == text


def test_packed_ussd_is_as_the_standard_packs_it() -> None:
    assert ussd.pack("*888#").hex().upper() == "2A1C0E3702"  # TS 23.038 6.1.2.3
    assert ussd.pack("*123*1#")[-1] >> 1 == 0x0D  # seven bits too many are a CR, not an @


def test_what_the_default_alphabet_lacks_is_told_as_ucs2() -> None:
    assert ussd.encode("“Rp5”", "packed") == ("201C005200700035201D", ussd.DCS_UCS2)
    assert ussd.encode("Rp5", "ucs2") == ("005200700035", ussd.DCS_UCS2)
    assert ussd.encode("Rp5", "plain") == ("Rp5", ussd.DCS_GSM7)
