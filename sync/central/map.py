"""A schematic map: one cell around each village point, joined by kecamatan. Not an official border. Pure.

A cell is all that is nearer to its village than to any other (Voronoi), within `REACH_KM` of it. Edges between two
villages of one kecamatan are dropped; what remains is drawn as the kecamatan's outline.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from config.regions import Place, Region

REACH_KM = 9.0
"""How far a cell may reach where no other village is near: about two villages' distance on this coast."""
_CORNERS = 40
_KM_PER_DEGREE = 111.32
_WIDTH = 1000.0
_MARGIN = 12.0
_LETTER, _LINES = 11.0, 58.0
"""Width of a letter of a kecamatan's name, and height of name and number together, in picture units."""
_OUTER = -1

Point = tuple[float, float]


@dataclass(frozen=True)
class Cell:
    """A village's cell: corners in picture units, and for each edge (corner i to i+1) the village beyond it or -1."""

    village: int
    corners: tuple[Point, ...]
    beyond: tuple[int, ...]


@dataclass(frozen=True)
class District:
    """A kecamatan as it is drawn: SVG paths of its cells and of its outline, and where its name stands."""

    code: str
    name: str
    cells: str
    outline: str
    label: Point


@dataclass(frozen=True)
class SchematicMap:
    """The whole picture; `width` and `height` are its viewBox. `villages`: code, name and point of each."""

    width: float
    height: float
    districts: tuple[District, ...]
    villages: tuple[tuple[str, str, Point], ...]


def draw(region: Region) -> SchematicMap:
    """The map of a region; villages without a point are left out. Takes some tens of milliseconds: keep the result."""
    villages = [place for place in region.villages if place.latitude is not None and place.longitude is not None]
    if not villages:
        return SchematicMap(_WIDTH, _WIDTH / 2, (), ())
    flat = _flatten(villages)
    cells = [_cell(index, flat) for index in range(len(flat))]
    left = min(x for cell in cells for x, _ in cell.corners)
    right = max(x for cell in cells for x, _ in cell.corners)
    top = min(y for cell in cells for _, y in cell.corners)
    bottom = max(y for cell in cells for _, y in cell.corners)
    scale = (_WIDTH - 2 * _MARGIN) / (right - left)

    def place(point: Point) -> Point:
        return (point[0] - left) * scale + _MARGIN, (point[1] - top) * scale + _MARGIN

    placed = [Cell(cell.village, tuple(place(corner) for corner in cell.corners), cell.beyond) for cell in cells]
    points = [place(point) for point in flat]
    labels = _labels([(district, _points_of(district, villages, points)) for district in region.districts])
    districts = tuple(
        _district(district, villages, placed, label) for district, label in zip(region.districts, labels, strict=True)
    )
    shown = tuple((village.code, village.title, point) for village, point in zip(villages, points, strict=True))
    return SchematicMap(_WIDTH, (bottom - top) * scale + 2 * _MARGIN, tuple(d for d in districts if d.cells), shown)


def _flatten(villages: list[Place]) -> list[Point]:
    """Kilometres east and south; the earth is flat over one kabupaten."""
    middle = math.radians(sum(village.latitude or 0.0 for village in villages) / len(villages))
    return [
        ((village.longitude or 0.0) * _KM_PER_DEGREE * math.cos(middle), -(village.latitude or 0.0) * _KM_PER_DEGREE)
        for village in villages
    ]


def _cell(index: int, points: list[Point]) -> Cell:
    x, y = points[index]
    turn = 2 * math.pi / _CORNERS
    corners = [(x + REACH_KM * math.cos(turn * i), y + REACH_KM * math.sin(turn * i)) for i in range(_CORNERS)]
    beyond = [_OUTER] * _CORNERS
    for other, point in enumerate(points):
        if other != index and math.dist(point, (x, y)) < 2 * REACH_KM and point != (x, y):
            corners, beyond = _cut(corners, beyond, (x, y), point, other)
    return Cell(index, tuple(corners), tuple(beyond))


def _cut(
    corners: list[Point], beyond: list[int], mine: Point, other: Point, number: int
) -> tuple[list[Point], list[int]]:
    """What remains of a convex cell on my side of the line half-way to the other (Sutherland and Hodgman, one edge)."""
    normal = (other[0] - mine[0], other[1] - mine[1])
    middle = ((other[0] + mine[0]) / 2, (other[1] + mine[1]) / 2)
    past = [(corner[0] - middle[0]) * normal[0] + (corner[1] - middle[1]) * normal[1] for corner in corners]
    kept: list[Point] = []
    edges: list[int] = []
    for i, corner in enumerate(corners):
        j = (i + 1) % len(corners)
        if past[i] <= 0:
            kept.append(corner)
            edges.append(beyond[i])
        if (past[i] <= 0) != (past[j] <= 0):
            share = past[i] / (past[i] - past[j])
            kept.append(
                (corner[0] + (corners[j][0] - corner[0]) * share, corner[1] + (corners[j][1] - corner[1]) * share)
            )
            edges.append(number if past[i] <= 0 else beyond[i])
    return kept, edges


def _points_of(district: Place, villages: list[Place], points: list[Point]) -> list[Point]:
    return [point for village, point in zip(villages, points, strict=True) if village.parent == district.code]


def _labels(districts: list[tuple[Place, list[Point]]]) -> list[Point]:
    """Where each name stands: in the middle of its villages, or by the nearest of them where no other name is in the way."""
    taken: list[tuple[Point, float]] = []
    for district, points in districts:
        count = max(1, len(points))
        middle = sum(x for x, _ in points) / count, sum(y for _, y in points) / count
        half = len(district.name) * _LETTER / 2
        places = [middle, *sorted(points, key=lambda point: math.dist(point, middle))]
        taken.append((next((place for place in places if _is_free(place, half, taken)), middle), half))
    return [place for place, _ in taken]


def _is_free(place: Point, half: float, taken: list[tuple[Point, float]]) -> bool:
    return all(
        abs(place[0] - other[0]) > half + other_half or abs(place[1] - other[1]) > _LINES for other, other_half in taken
    )


def _district(district: Place, villages: list[Place], cells: list[Cell], label: Point) -> District:
    mine = {index for index, village in enumerate(villages) if village.parent == district.code}
    shapes, outline = [], []
    for index in sorted(mine):
        corners = cells[index].corners
        shapes.append("M" + "L".join(_pair(corner) for corner in corners) + "Z")
        for i, beyond in enumerate(cells[index].beyond):
            if beyond not in mine:
                outline.append(f"M{_pair(corners[i])}L{_pair(corners[(i + 1) % len(corners)])}")
    return District(district.code, district.name, "".join(shapes), "".join(outline), label)


def _pair(point: Point) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"
