"""Whether a point lies in an area: even-odd rule over rings of latitude and longitude, by boxes first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Outline:
    """An area's rings, with the box around them."""

    area: int
    rings: tuple[tuple[Point, ...], ...]
    south: float
    north: float
    west: float
    east: float

    @classmethod
    def of(cls, area: int, rings: Sequence[Sequence[Sequence[float]]]) -> Outline:
        """From rings of [latitude, longitude] with at least three points each."""
        points = [[(float(point[0]), float(point[1])) for point in ring] for ring in rings if len(ring) >= 3]
        latitudes = [latitude for ring in points for latitude, _ in ring]
        longitudes = [longitude for ring in points for _, longitude in ring]
        return cls(
            area,
            tuple(tuple(ring) for ring in points),
            min(latitudes),
            max(latitudes),
            min(longitudes),
            max(longitudes),
        )

    def holds(self, latitude: float, longitude: float) -> bool:
        """Whether the point lies inside; a hole is a ring in a ring."""
        if not (self.south <= latitude <= self.north and self.west <= longitude <= self.east):
            return False
        inside = False
        for ring in self.rings:
            before_lat, before_long = ring[-1]
            for at_lat, at_long in ring:
                if (at_lat > latitude) != (before_lat > latitude):
                    crossing = (before_long - at_long) * (latitude - at_lat) / (before_lat - at_lat) + at_long
                    if longitude < crossing:
                        inside = not inside
                before_lat, before_long = at_lat, at_long
        return inside


class Outlines:
    """All outlines; a grid of tenths of a degree keeps a look-up from trying each."""

    def __init__(self, outlines: Sequence[Outline]) -> None:
        self._cells: dict[tuple[int, int], list[Outline]] = {}
        for outline in outlines:
            for row in range(int(outline.south * 10) - 1, int(outline.north * 10) + 2):
                for column in range(int(outline.west * 10) - 1, int(outline.east * 10) + 2):
                    self._cells.setdefault((row, column), []).append(outline)

    def __bool__(self) -> bool:
        return bool(self._cells)

    def area_at(self, latitude: float, longitude: float) -> int | None:
        """The area that holds the point, the first if outlines overlap."""
        for outline in self._cells.get((int(latitude * 10), int(longitude * 10)), ()):
            if outline.holds(latitude, longitude):
                return outline.area
        return None
