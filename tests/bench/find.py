"""How long finding by the beginnings of names takes, against the bare question to a full-text index.

The floor asks SQLite's FTS5 (same driver, same file) for the rows whose words begin so, the first fifty, and reads
nothing else. Ours is `Desk.find`: reading what was typed, asking, ranking, names and reasons. Words are beginnings
of names on file, one or two of them, three letters and more.
"""

from __future__ import annotations

from random import Random
from typing import Any

from tests.bench._season import compared, season, timed


def run(quick: bool) -> dict[str, Any]:
    """Milliseconds a question. `ratio`: ours to the floor; goal 1.5 at 1,000,000 people."""
    with season(quick) as desk:
        chance = Random(7)
        names = [row[0].split() for row in desk.db.execute("SELECT name FROM search ORDER BY rowid")]
        asked = []
        for words in chance.choices([one for one in names if len(one) >= 2], k=120 if quick else 600):
            picked = chance.sample(words, 2) if chance.random() < 0.5 else [chance.choice(words)]
            asked.append([word[: max(3, len(word) - chance.randrange(3))] for word in picked])
        question = "SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT 50"

        def floor(words: list[str]) -> None:
            desk.db.conn.execute(question, (" AND ".join(f'"{word}"*' for word in words),)).fetchall()

        pairs = [
            (timed(lambda words=words: floor(words)), timed(lambda words=words: desk.find(" ".join(words))))
            for words in asked
        ]
        found = sum(bool(desk.find(" ".join(words))) for words in asked) / len(asked)
        people = desk.db.execute("SELECT count(*) FROM person").fetchone()[0]
    return {"people": people, **compared(pairs), "goal": 1.5, "found": round(found, 3)}
