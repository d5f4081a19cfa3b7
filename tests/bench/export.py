"""How long a stick of the whole season takes to make, against reading the same operations from the file.

The floor is one SELECT of the bodies of the operations that travel. Ours is the whole of `export`: what is not yet
safe, the account of what is here, compressing, sealing, signing, writing to a folder, reading back and comparing,
remembering what went out. Both run in turn on the same open desk, which holds the published year.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from returnee_desk.store.desk import Desk
from returnee_desk.sync.exchange import export
from returnee_desk.sync.founding import accept_enrolment, found_desk, install_enrolment, request_enrolment
from tests.bench._season import PASSPHRASE, compared, fill, timed

MOST_BYTES = 2_800_000


def enrolled(desk: Desk, folder: Path) -> Desk:
    """An office that knows this post, open; the post is enrolled."""
    office = found_desk(
        folder / "office", kind="office", place="OFFICE", letter="A", user="banco", passphrase=PASSPHRASE,
        escrow=folder / "escrow", practice=True,
    ).desk  # fmt: skip
    request_enrolment(desk, folder / "request")
    accept_enrolment(office, folder / "request", folder / "answer", passphrase=PASSPHRASE)
    install_enrolment(desk, folder / "answer")
    return office


def run(quick: bool) -> dict[str, Any]:
    """Milliseconds a stick. `ratio`: ours to the floor; goal 1.6. `bytes`: what lies on the stick of one export; goal
    2.8 MB for the whole season."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with fill(folder / "post", quick) as post, enrolled(post, folder):
            stick = folder / "stick"
            stick.mkdir()
            export(post, stick)
            size = max(file.stat().st_size for file in stick.iterdir())

            def floor() -> None:
                post.db.conn.execute("SELECT body FROM operation ORDER BY n").fetchall()

            pairs = [(timed(floor), timed(lambda: export(post, stick))) for _ in range(5 if quick else 9)]
            operations = post.db.execute("SELECT count(*) FROM operation").fetchone()[0]
            told = post.db.execute("SELECT sum(length(body)) FROM operation").fetchone()[0]
    return {"operations": operations, "read_bytes": told, **compared(pairs), "goal": 1.6, "bytes": size,
            "goal_bytes": MOST_BYTES}  # fmt: skip
