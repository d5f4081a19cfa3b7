"""How long likely earlier records for a family of four take while typing, against bare look-ups of as many keys.

The floor looks up sixty keys in an ordered table of one row a person and key (same driver, same file) and reads the
rows found. Ours is `Desk.likely_earlier` for four members: keys, candidates, scores, reasons.
"""

from __future__ import annotations

from random import Random
from typing import Any

from returnee_desk.records import form
from tests.bench._season import compared, season, timed
from tests.make_year import make_year

KEYS = 60


def run(quick: bool) -> dict[str, Any]:
    """Milliseconds a question. Goal: `ours_p95_ms` 10 at 1,000,000 people."""
    with season(quick) as desk:
        chance = Random(11)
        run_sql = desk.db.conn.execute
        run_sql("CREATE TEMP TABLE bare (key INTEGER, person INTEGER, PRIMARY KEY (key, person)) WITHOUT ROWID")
        people = run_sql("SELECT count(*) FROM person").fetchone()[0]
        desk.db.conn.executemany(
            "INSERT OR IGNORE INTO bare VALUES (?, ?)",
            ((chance.randrange(people * 3), n) for n in range(people) for _ in range(8)),
        )
        year = make_year(scale=0.01 if quick else 0.05, seed=5)
        families = [line for _post, line in year if len(line["members"]) >= 3]
        drafts = [form.read_family(line, day=None) for line in families][: 60 if quick else 300]

        def floor() -> None:
            for _ in range(KEYS):
                run_sql(
                    "SELECT p.given, p.surnames FROM bare b JOIN person p ON p.n = b.person WHERE b.key = ? LIMIT 50",
                    (chance.randrange(people * 3),),
                ).fetchall()

        pairs = [
            (
                timed(floor),
                timed(
                    lambda draft=draft: desk.likely_earlier(
                        draft.members[:4], municipality=draft.origin.municipality, phone=draft.phone
                    )
                ),
            )
            for draft in drafts
        ]
    return {"people": people, **compared(pairs), "goal_p95_ms": 10}
