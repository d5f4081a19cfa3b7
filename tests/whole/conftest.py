"""Fixtures for whole desks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.whole.commands import Run, new_desk, run

__all__ = ["post", "run"]


@pytest.fixture
def post(run: Run, tmp_path: Path) -> Run:
    """Commands for a new post at Tecún Umán, letter A."""
    return new_desk(run, tmp_path / "post")
