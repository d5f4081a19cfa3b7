"""A desk that holds the published year (or a part of it), and the pieces every bench shares."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from returnee_desk import acts
from returnee_desk.store.desk import Desk
from returnee_desk.sync.founding import found_desk
from tests.make_year import make_year

PASSPHRASE = "banco de prueba"


@contextlib.contextmanager
def season(quick: bool) -> Iterator[Desk]:
    """One practice post with every family of the year, whatever its post: 15,706 people, a twentieth when quick."""
    with tempfile.TemporaryDirectory() as folder:
        desk = fill(Path(folder) / "post", quick)
        try:
            yield desk
        finally:
            desk.close()


def fill(folder: Path, quick: bool) -> Desk:
    """The desk of `season`, open, in a folder of the caller's."""
    desk = found_desk(
        folder, kind="post", place="TUM1", letter="A", user="banco", passphrase=PASSPHRASE, practice=True
    ).desk
    for _post, line in make_year(scale=0.05 if quick else 1):
        desk.do(acts.register_family, line)
    return desk


def timed(call: Callable[[], Any]) -> float:
    """Milliseconds of one call."""
    begun = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - begun)


def compared(pairs: list[tuple[float, float]]) -> dict[str, float]:
    """Medians and 95th percentiles of (floor, ours) pairs measured in turn, and the ratio of the medians."""
    floor, ours = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    return {
        "rounds": len(pairs),
        "floor_ms": round(median(floor), 3),
        "ours_ms": round(median(ours), 3),
        "ours_p95_ms": round(quantiles(ours, n=20)[-1], 3),
        "ratio": round(median(ours) / median(floor), 2),
    }
