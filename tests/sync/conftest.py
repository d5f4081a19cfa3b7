"""Desks that know each other, for every test of sticks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.world import Enrolled, World


@pytest.fixture(scope="session")
def enrolled(tmp_path_factory: pytest.TempPathFactory) -> Enrolled:
    """Founded and enrolled once a session; never opened again itself."""
    return Enrolled(tmp_path_factory.mktemp("enrolled"))


@pytest.fixture
def world(enrolled: Enrolled, tmp_path: Path) -> Iterator[World]:
    """A fresh copy of every desk, open."""
    with enrolled.copy(tmp_path / "world") as world:
        yield world
