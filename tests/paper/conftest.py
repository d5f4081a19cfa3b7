"""Papers are read back by programs that know nothing of ours."""

from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.fixture(autouse=True)
def readers(program: Callable[[str], str]) -> None:
    for name in ("pdftotext", "pdftoppm", "pdfinfo", "zbarimg"):
        program(name)
