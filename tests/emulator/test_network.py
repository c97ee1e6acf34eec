"""Phones, SIM cards and the service centre: what arrives where, in which order, and what waits."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Any

import gammu
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem.emulator import tpdu
from modem.emulator.network import Conditions, Network
from modem.emulator.subscribers import PartState, Phone, ReceivedText, Refused, Sim

OWN = "+6281215070001"
VILLAGER = "+6281272000101"


class Clock:
    def __init__(self) -> None:
        self.now = 1_732_330_000.0

    def __call__(self) -> float:
        return self.now


def world(capacity: int = 40, conditions: Conditions | None = None, **more: Any) -> tuple[Network, Sim, Phone, Clock]:
    clock = Clock()
    network = Network(clock, conditions=conditions, randomness=random.Random(7), **more)
    sim = network.add_sim(Sim(OWN, capacity=capacity))
    return network, sim, network.phone(VILLAGER, "Pak Rusdi"), clock


def texts(sim: Sim) -> list[str]:
    return [read(slot.part.pdu)["Text"].split("\x00")[0] for _, slot in sorted(sim.slots.items())]


def read(pdu: bytes) -> dict[str, Any]:
    decoded: dict[str, Any] = gammu.DecodePDU(pdu)
    return decoded


def submit(sim: Sim, to: str, text: str, report: bool = False) -> list[Any]:
    return [
        sim.submit(tpdu.encode_submit(tpdu.Submit(to, content, report_wanted=report)))
        for content in tpdu.split_text(text, 9)
    ]


def test_a_text_arrives_in_the_sim_with_number_and_local_time() -> None:
    _, sim, villager, _ = world()
    villager.send("LAPOR [satu]", OWN)
    message = read(sim.slots[1].part.pdu)
    assert message["Number"] == VILLAGER
    assert message["DateTime"].isoformat() == "2024-11-23T09:46:40+07:00"
    assert message["SMSC"]["Number"] == "+6281100000"
    assert texts(sim) == ["LAPOR [satu]"]


def test_parts_leave_in_the_order_asked_and_left_out_parts_never() -> None:
    _, sim, villager, _ = world()
    sms = villager.send("a" * 153 + "b" * 153 + "c" * 10, OWN, order=(3, 1, 1))
    assert [text[0] for text in texts(sim)] == ["c", "a", "a"]
    assert [part.number for part in sms.parts] == [3, 1, 1]


def test_a_part_that_does_not_exist_is_refused_and_sends_nothing() -> None:
    network, sim, villager, _ = world()
    with pytest.raises(KeyError):
        villager.send("pendek", OWN, order=(2,))
    assert (sim.slots, network.sent) == ({}, [])


def test_a_full_sim_lets_messages_wait_until_a_slot_is_free() -> None:
    network, sim, villager, _ = world(capacity=2)
    sent = [villager.send(text, OWN) for text in ("satu", "dua", "tiga", "empat")]
    assert [sms.state for sms in sent] == ["slot", "slot", "waiting", "waiting"]
    assert len(network.waiting(OWN)) == 2
    sim.delete([1])
    assert [sms.state for sms in sent] == ["deleted", "slot", "slot", "waiting"]
    assert texts(sim) == ["tiga", "dua"]
    sim.delete([1, 2])
    assert [sms.state for sms in sent] == ["deleted", "deleted", "deleted", "slot"]


def test_a_modem_text_in_parts_is_joined_on_the_phone() -> None:
    network, sim, villager, _ = world()
    text = "x" * 200 + "€"
    assert [sms.reference for sms in submit(sim, "081272000101", text)] == [0, 1]
    assert villager.inbox == [ReceivedText(OWN, text, network.now(), 2)]


def test_a_status_report_comes_back_when_the_submit_asked() -> None:
    _, sim, _, clock = world()
    (plain,) = submit(sim, VILLAGER, "tanpa")
    assert sim.slots == {}
    clock.now += 5
    (asked,) = submit(sim, VILLAGER, "dengan", report=True)
    report = read(sim.slots[1].part.pdu)
    assert (report["Type"], report["MessageReference"]) == ("Status_Report", asked.reference)
    assert report["DeliveryStatus"] == tpdu.STATUS_RECEIVED
    assert plain.reference != asked.reference


def test_no_report_before_the_phone_is_switched_on() -> None:
    _, sim, villager, _ = world()
    villager.switched_on = False
    (sms,) = submit(sim, VILLAGER, "halo", report=True)
    assert (sms.state, sim.slots) == ("waiting", {})
    villager.switched_on = True
    assert (sms.state, len(sim.slots), len(villager.inbox)) == ("received", 1, 1)


def test_what_is_not_delivered_in_its_validity_period_is_given_up_and_reported() -> None:
    network, sim, villager, clock = world()
    villager.switched_on = False
    submit = tpdu.Submit(VILLAGER, tpdu.split_text("basi")[0], report_wanted=True, validity_seconds=300)
    sms = sim.submit(tpdu.encode_submit(submit))
    assert network.seconds_to_next() == 300
    clock.now += 299
    network.hand_over_due()
    assert (sms.state, sim.slots) == ("waiting", {})
    clock.now += 1
    network.hand_over_due()
    report = read(sim.slots[1].part.pdu)
    assert (sms.state, report["DeliveryStatus"]) == ("expired", tpdu.STATUS_EXPIRED)
    villager.switched_on = True
    assert villager.inbox == []


def test_a_number_nobody_has_is_reported_as_not_obtainable() -> None:
    network, sim, _, _ = world(open_numbers=False)
    (sms,) = submit(sim, "+628999", "halo", report=True)
    assert sms.state == PartState.UNKNOWN_NUMBER
    assert read(sim.slots[1].part.pdu)["DeliveryStatus"] == tpdu.STATUS_NOT_OBTAINABLE
    assert "+628999" not in network.phones


def test_an_open_network_gives_a_phone_to_every_number() -> None:
    network, sim, _, _ = world()
    submit(sim, "0899", "halo")
    assert network.received()[0] | {"at": 0} == {"to": "+62899", "sender": OWN, "text": "halo", "at": 0, "parts": 1}


@pytest.mark.parametrize("number", ["081272000101", "6281272000101", "+62 812-7200-0101", "006281272000101"])
def test_all_ways_to_write_a_number_are_one_phone(number: str) -> None:
    network, _, villager, _ = world()
    assert network.phone(number) is villager


@pytest.mark.parametrize("number", ["3636", "TELKOMSEL", "188", "62812"])
def test_short_codes_and_names_stay_as_they_are(number: str) -> None:
    assert world()[0].phone(number).number == number


@pytest.mark.parametrize(
    ("octets", "code"),
    [
        (b"", 304),
        (bytes.fromhex("0100068121436500"), 304),
        (tpdu.encode_submit(tpdu.Submit("PEMDA", tpdu.split_text("x")[0])), 21),
    ],
)
def test_a_submit_the_network_cannot_use_is_refused_with_a_code(octets: bytes, code: int) -> None:
    _, sim, _, _ = world()
    with pytest.raises(Refused) as refused:
        sim.submit(octets)
    assert refused.value.code == code


def test_an_operator_that_refuses_gives_its_code() -> None:
    _, sim, villager, _ = world()
    sim.refusal = 38
    with pytest.raises(Refused) as refused:
        submit(sim, VILLAGER, "halo")
    assert (refused.value.code, villager.inbox) == (38, [])


def test_an_unreadable_pdu_is_put_into_the_sim_as_it_is() -> None:
    network, sim, villager, _ = world()
    network.deliver_raw(sim, "07 91 26 18 FF")
    villager.send("baik", OWN)
    assert sim.slots[1].part.pdu == bytes.fromhex("07912618FF")
    assert len(sim.slots) == 2
    with pytest.raises(ValueError, match="hex"):
        network.deliver_raw(sim, "zz")


def test_a_delayed_part_comes_when_its_time_has_come() -> None:
    network, sim, villager, clock = world(conditions=Conditions(delay_seconds=(3, 5)))
    sms = villager.send("pelan", OWN)
    clock.now += 2.9
    network.hand_over()
    assert sms.state == "waiting"
    clock.now += 2.2
    network.hand_over()
    assert texts(sim) == ["pelan"]


def test_run_hands_over_what_comes_due() -> None:
    network, _, villager, clock = world(conditions=Conditions(delay_seconds=(1, 1)))
    stop = threading.Event()
    thread = threading.Thread(target=network.run, args=(stop, 0.005))
    thread.start()
    try:
        sms = villager.send("pelan", OWN)
        with network.lock:
            clock.now += 1.5
        assert network.wait_for(lambda: sms.state == "slot", 10)
    finally:
        stop.set()
        thread.join()


def test_a_lost_part_never_arrives() -> None:
    _, sim, villager, _ = world(conditions=Conditions(loss=1))
    assert villager.send("hilang", OWN).state == "lost"
    assert sim.slots == {}


def test_a_duplicated_part_arrives_twice_and_both_are_told() -> None:
    _, sim, villager, _ = world(conditions=Conditions(duplication=1))
    sms = villager.send("dua kali", OWN)
    assert texts(sim) == ["dua kali", "dua kali"]
    assert [part.state for part in sms.parts] == [PartState.SLOT, PartState.SLOT]


def test_a_reordered_part_is_overtaken_by_the_next_one() -> None:
    network, sim, villager, _ = world(conditions=Conditions(reordering=1))
    villager.send("satu", OWN)
    assert texts(sim) == []
    network.conditions = Conditions()
    villager.send("dua", OWN)
    assert texts(sim) == ["dua", "satu"]


def test_a_held_part_comes_alone_when_nothing_overtakes_it() -> None:
    network, sim, villager, clock = world(conditions=Conditions(reordering=1, hold_seconds=4))
    villager.send("satu", OWN)
    clock.now += 4
    network.hand_over()
    assert texts(sim) == ["satu"]


def test_the_same_seed_loses_the_same_parts() -> None:
    def losses(seed: int) -> list[str]:
        network = Network(Clock(), conditions=Conditions(loss=0.5), randomness=random.Random(seed))
        network.add_sim(Sim(OWN))
        return [network.phone(VILLAGER).send(str(number), OWN).state for number in range(30)]

    assert losses(1) == losses(1) != losses(2)


def test_a_phone_that_answers_at_once_gets_each_text_once() -> None:
    network, sim, villager, _ = world()
    villager.on_received = lambda got: villager.send("terima " + got.text, OWN)
    submit(sim, VILLAGER, "satu")
    assert [got.text for got in villager.inbox] == ["satu"]
    assert texts(sim) == ["terima satu"]
    assert [sms.id for sms in network.sent] == [1, 2]


def test_two_sims_write_to_each_other() -> None:
    network, sim, _, _ = world()
    other = network.add_sim(Sim("081215070002"))
    submit(sim, other.number, "antar modem")
    assert texts(other) == ["antar modem"]


def test_the_snapshot_tells_where_every_sms_is() -> None:
    network, sim, villager, _ = world(capacity=1)
    first, second = villager.send("satu", OWN), villager.send("dua", OWN)
    sim.delete([1])
    submit(sim, VILLAGER, "jawab")
    network.deliver_raw(sim, "0011")
    found = network.snapshot()
    assert [(row["id"], row["text"], row["state"]) for row in found["sent_by_phones"]] == [
        (first.id, "satu", "deleted"),
        (second.id, "dua", "slot"),
    ]
    assert [(row["recipient"], row["text"], row["state"]) for row in found["submitted_by_modem"]] == [
        (VILLAGER, "jawab", "received")
    ]
    assert [row["state"] for row in found["injected"]] == ["waiting"]
    assert found["sims"] == [
        {"number": OWN, "capacity": 1, "used": 1, "waiting": 1, "slots": {"1": second.id}},
    ]


@given(
    seed=st.integers(0, 2**16),
    capacity=st.integers(1, 4),
    steps=st.lists(st.sampled_from(["send", "long", "delete", "tick", "off", "on"]), max_size=40),
)
def test_whatever_happens_every_part_arrives_exactly_once(seed: int, capacity: int, steps: list[str]) -> None:
    clock = Clock()
    conditions = Conditions(delay_seconds=(0, 3), reordering=0.3, hold_seconds=5)
    network = Network(clock, conditions=conditions, randomness=random.Random(seed))
    sim = network.add_sim(Sim(OWN, capacity=capacity))
    villager = network.phone(VILLAGER)
    arrived: list[bytes] = []

    def empty() -> None:
        arrived.extend(slot.part.pdu for slot in sim.slots.values())
        sim.delete(list(sim.slots))

    for number, step in enumerate(steps):
        match step:
            case "send" | "long":
                villager.send(f"{number} " + "x" * (200 if step == "long" else 1), OWN)
            case "delete":
                empty()
            case "tick":
                clock.now += 2
                network.hand_over()
            case _:
                villager.switched_on = step == "on"
                submit(sim, VILLAGER, str(number))
    villager.switched_on = True
    clock.now += 10
    network.hand_over()
    while sim.slots:
        empty()
    wanted = [part.pdu for sms in network.sent if sms.sender == VILLAGER for part in sms.parts]
    assert sorted(arrived) == sorted(wanted)
    assert sorted(got.text for got in villager.inbox) == sorted(s.text for s in network.sent if s.sender == OWN)
    assert {sms.state for sms in network.sent} <= {"deleted", "received"}


def test_many_threads_lose_nothing() -> None:
    network, sim, _, _ = world(capacity=1000)

    def busy(number: int) -> Callable[[], None]:
        def work() -> None:
            for count in range(20):
                network.phone(f"+6281200000{number:02}").send(f"{number}-{count}", OWN)

        return work

    threads = [threading.Thread(target=busy(number)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sim.slots) == 160
    assert sorted(texts(sim)) == sorted(f"{number}-{count}" for number in range(8) for count in range(20))
