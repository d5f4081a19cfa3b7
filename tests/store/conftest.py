from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from returnee_desk.store.desk import Desk
from tests.making import Founding


@pytest.fixture(scope="session")
def founding(tmp_path_factory: pytest.TempPathFactory) -> Founding:
    return Founding(tmp_path_factory.mktemp("founded"))


@pytest.fixture
def desk(founding: Founding, tmp_path: Path) -> Iterator[Desk]:
    """A post's desk with its first administrator, at noon, with nothing in it."""
    with founding.copy(tmp_path / "A") as desk:
        yield desk
