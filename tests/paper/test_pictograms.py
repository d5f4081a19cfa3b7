from __future__ import annotations

import re
from math import hypot

import pytest

from returnee_desk.paper.pictograms import GRID, STROKE, drawings, pictogram, points
from returnee_desk.records.lists import lists


def test_every_service_has_a_picture_of_its_own_and_no_picture_is_left_over() -> None:
    assert set(drawings()) == {*lists().services, ""}
    assert len({str(drawn) for drawn in drawings().values()}) == len(drawings())


def test_a_service_a_place_has_added_gets_the_common_picture() -> None:
    assert pictogram("NUEVO_SERVICIO") == pictogram("")
    assert pictogram("").line


@pytest.mark.parametrize("code", sorted(drawings()))
def test_a_picture_stays_inside_its_square_with_its_strokes(code: str) -> None:
    for kind, path in drawings()[code].items():
        edge = STROKE / 2 if kind == "line" else 0
        assert all(edge <= value <= GRID - edge for point in points(path) for value in point), kind


@pytest.mark.parametrize("code", sorted(drawings()))
def test_a_picture_is_plain_path_data_that_any_svg_reader_takes(code: str) -> None:
    for path in drawings()[code].values():
        assert re.fullmatch(r"(?:[MLHVCAZ][0-9. -]*)+", path)
        assert path.startswith("M")
        assert "nan" not in " ".join(pictogram(code))


def test_arcs_are_round() -> None:
    """The wheel of the bus: every end point of its curves lies on the circle."""
    ends = points("M5 18.5 A2 2 0 1 1 9 18.5 A2 2 0 1 1 5 18.5 Z")
    on_circle = [point for point in ends if abs(hypot(point[0] - 7, point[1] - 18.5) - 2) < 1e-6]
    assert len(on_circle) == 5
    assert {(round(x), round(y, 1)) for x, y in on_circle} == {(5, 18.5), (7, 16.5), (9, 18.5), (7, 20.5)}
