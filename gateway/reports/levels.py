"""The proposed level (tingkat) of a report, by the rules of config/levels.toml. Pure; a person sets the final level."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from config.knowledge import LevelRules


def propose_level(
    rules: LevelRules,
    base: int | None,
    fields: Mapping[str, Any],
    words: Set[str],
    *,
    emergency: bool = False,
    second_nearby: bool = False,
) -> tuple[int, tuple[str, ...]]:
    """The level (lowest..highest) and one line of trace for each rule that moved it.

    `base` is the type's base level, None where the type is unknown; `words` are the message's words; `second_nearby` says
    that another report came from the same kecamatan within 24 hours (the caller knows, this function does not).
    """
    jenis, massa = fields.get("jenis"), fields.get("massa") or 0
    level = rules.unknown_type if base is None else base
    trace = [f"tingkat: dasar {level}"]
    if jenis not in rules.peaceful_types:
        steps = (
            (massa >= rules.crowd, rules.crowd_step, f"massa {rules.crowd} atau lebih"),
            (not words.isdisjoint(rules.weapons), rules.weapon_step, "senjata disebut"),
            (
                jenis != "TPS" and not words.isdisjoint(rules.organisers),
                rules.organiser_step,
                "penyelenggara atau TPS disebut",
            ),
            (second_nearby, rules.repeat_step, "laporan kedua dari kecamatan ini dalam 24 jam"),
        )
        for holds, step, why in steps:
            if holds and step:
                level += step
                trace.append(f"tingkat: +{step}, {why}")
    violent = jenis in rules.violent_types and massa >= rules.violent_crowd
    floors = (
        (bool(fields.get("luka")), rules.injured_at_least, "ada luka"),
        (bool(fields.get("md")), rules.dead_at_least, "ada yang meninggal"),
        (emergency, rules.emergency_at_least, "DARURAT"),
        (violent, rules.violent_crowd_at_least, f"kekerasan dengan massa {rules.violent_crowd} atau lebih"),
    )
    for holds, floor, why in floors:
        if holds and level < floor:
            level = floor
            trace.append(f"tingkat: paling rendah {floor}, {why}")
    level = max(rules.lowest, min(rules.highest, level))
    return level, tuple(trace)
