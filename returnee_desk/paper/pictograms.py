"""A picture for each service, for people who do not read Spanish.

Drawn for this program, as SVG path data on a grid of 24 by 24 (y downwards), strokes 1.6 wide with
round ends: `resources/pictograms/services.json` holds for each service code a `line` to stroke and,
where needed, a `solid` to fill. The entry without a code stands for services a place has added.
The data keeps to absolute M, L, H, V, C, A (circular) and Z, so that an SVG takes it as it is.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

GRID = 24.0
STROKE = 1.6


class Pictogram(NamedTuple):
    """Ready PDF path operators (y upwards, grid units); empty where there is nothing to stroke or fill."""

    line: str
    solid: str


@lru_cache(maxsize=1)
def drawings() -> dict[str, dict[str, str]]:
    """SVG path data by service code: `line` and, for some, `solid`."""
    text = (resources.files("returnee_desk.resources") / "pictograms" / "services.json").read_text("utf-8")
    read: dict[str, dict[str, str]] = json.loads(text)
    return read


@lru_cache(maxsize=128)
def pictogram(code: str) -> Pictogram:
    """The picture of a service; the one for services without their own when it is not known."""
    drawn = drawings().get(code) or drawings()[""]
    return Pictogram(_operators(drawn.get("line", "")), _operators(drawn.get("solid", "")))


def points(path: str) -> list[tuple[float, float]]:
    """End and control points of a path on the grid, to see that it stays inside."""
    return [point for _sign, given in _segments(path) for point in given]


def _operators(path: str) -> str:
    parts = []
    for sign, given in _segments(path):
        numbers = " ".join(f"{value:.2f}".rstrip("0").rstrip(".") for x, y in given for value in (x, GRID - y))
        parts.append(f"{numbers} {sign}" if numbers else sign)
    return " ".join(parts)


def _segments(path: str) -> Iterator[tuple[str, list[tuple[float, float]]]]:
    """PDF operators `m`, `l`, `c`, `h` with their points, still with y downwards."""
    x = y = 0.0
    for sign, rest in re.findall(r"([A-Z])([^A-Z]*)", path):
        values = [float(value) for value in rest.split()]
        match sign:
            case "M" | "L":
                x, y = values
                yield sign.lower(), [(x, y)]
            case "H":
                (x,) = values
                yield "l", [(x, y)]
            case "V":
                (y,) = values
                yield "l", [(x, y)]
            case "C":
                first, second, (x, y) = zip(values[::2], values[1::2], strict=True)
                yield "c", [first, second, (x, y)]
            case "A":
                radius, _same, _turn, large, sweep, end_x, end_y = values
                for curve in _arc((x, y), (end_x, end_y), radius, large=bool(large), sweep=bool(sweep)):
                    yield "c", curve
                x, y = end_x, end_y
            case "Z":
                yield "h", []
            case _:
                raise ValueError(f"path command {sign}")


def _arc(
    start: tuple[float, float], end: tuple[float, float], radius: float, *, large: bool, sweep: bool
) -> Iterator[list[tuple[float, float]]]:
    """A circular arc as Bézier curves of at most a quarter turn (SVG 1.1, appendix F.6.5, for circles)."""
    (x1, y1), (x2, y2) = start, end
    across = math.hypot(x2 - x1, y2 - y1)
    radius = max(radius, across / 2)
    height = math.sqrt(max(0.0, radius**2 - (across / 2) ** 2)) * (1 if large != sweep else -1)
    cx = (x1 + x2) / 2 - height * (y2 - y1) / across
    cy = (y1 + y2) / 2 + height * (x2 - x1) / across
    begin, turn = math.atan2(y1 - cy, x1 - cx), math.atan2(y2 - cy, x2 - cx)
    angle = (turn - begin) % math.tau if sweep else -((begin - turn) % math.tau)
    steps = max(1, math.ceil(abs(angle) / (math.pi / 2) - 1e-9))
    step = angle / steps
    reach = radius * 4 / 3 * math.tan(step / 4)
    for n in range(steps):
        a, b = begin + n * step, begin + (n + 1) * step
        ax, ay = cx + radius * math.cos(a), cy + radius * math.sin(a)
        bx, by = cx + radius * math.cos(b), cy + radius * math.sin(b)
        yield [
            (ax - reach * math.sin(a), ay + reach * math.cos(a)),
            (bx + reach * math.sin(b), by - reach * math.cos(b)),
            (bx, by),
        ]
