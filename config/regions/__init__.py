"""The places of one kabupaten: codes, names, levels and one point each, read from the shipped CSV files.

Source of the files: `SOURCES.md` beside them. A region is a folder named by its Kemendagri code.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from config import StartError

REGIONS_FOLDER = Path(__file__).parent


class RegionError(StartError):
    """A region that is not there or not usable; the text says what to do."""


@dataclass(frozen=True)
class Place:
    """One kabupaten, kecamatan, desa or kelurahan. Latitude and longitude in degrees (WGS 84), None where unknown."""

    code: str
    name: str
    level: str
    parent: str
    latitude: float | None = None
    longitude: float | None = None

    @property
    def is_village(self) -> bool:
        """Desa or kelurahan."""
        return self.level in ("desa", "kelurahan")

    @property
    def short_code(self) -> str:
        """Two digits of the kecamatan and the last two of the village (`15.07.08.1001` → `0801`); '' for others."""
        pieces = self.code.split(".")
        return pieces[2] + pieces[3][-2:] if len(pieces) == 4 else ""

    @property
    def title(self) -> str:
        """Name with its level, as people say it: `Desa Lambur`, `Kelurahan Kampung Laut`, `Kecamatan Sadu`."""
        return f"{self.level.capitalize()} {self.name}"


@dataclass(frozen=True)
class Region:
    """All places of a kabupaten, in order of code."""

    code: str
    name: str
    places: tuple[Place, ...]

    @cached_property
    def by_code(self) -> dict[str, Place]:
        """Every place by its Kemendagri code."""
        return {place.code: place for place in self.places}

    @property
    def districts(self) -> tuple[Place, ...]:
        """The kecamatan."""
        return tuple(place for place in self.places if place.level == "kecamatan")

    @property
    def villages(self) -> tuple[Place, ...]:
        """Desa and kelurahan."""
        return tuple(place for place in self.places if place.is_village)


def load_region(code: str, folder: Path = REGIONS_FOLDER) -> Region:
    """The region with this code. Raises RegionError naming the file and line that is wrong."""
    base = folder / code
    if not (base / "wilayah.csv").is_file():
        known = ", ".join(sorted(entry.name for entry in folder.iterdir() if (entry / "wilayah.csv").is_file()))
        raise RegionError(f"There is no region {code}; set general.region to one of: {known}.")
    points = {row["code"]: (float(row["lat"]), float(row["lon"])) for row in _rows(base / "titik.csv")}
    places = []
    for row in _rows(base / "wilayah.csv"):
        latitude, longitude = points.get(row["code"], (None, None))
        places.append(Place(row["code"], row["name"], row["level"], row["parent_code"], latitude, longitude))
    names = [place.name for place in places if place.code == code]
    if not names:
        raise RegionError(f"{base / 'wilayah.csv'} has no line for {code} itself; add it.")
    return Region(code, names[0], tuple(sorted(places, key=lambda place: place.code)))


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
