"""Unfinished forms belong to whoever types them, survive everything, and never leave the PC."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from returnee_desk import acts
from returnee_desk.store.desk import Desk
from tests.making import Clock, Founding, everything_of, exchange, make_family, register, reopened

CANARY = {"members": [{"given_names": "Canaria"}], "phone": "5551"}


def test_drafts_are_kept_the_newest_first_over_a_restart(desk: Desk) -> None:
    assert isinstance(desk.clock, Clock)
    desk.save_draft("one", CANARY)
    desk.clock.move(minutes=1)
    desk.save_draft("two", make_family(size=5))
    desk.clock.move(minutes=1)
    desk.save_draft("one", CANARY | {"language": "mam"})
    again = reopened(desk)
    first, second = again.drafts()
    assert (first.id, first.data, first.at) == ("one", CANARY | {"language": "mam"}, again.clock())
    assert (second.id, second.data) == ("two", make_family(size=5))
    again.drop_draft("one")
    again.drop_draft("none")
    assert [one.id for one in again.drafts()] == ["two"]
    again.close()


def test_a_draft_is_its_users_alone(desk: Desk) -> None:
    desk.do(acts.add_user, "Beto", role="clerk")
    desk.save_draft("one", CANARY)
    ana, desk.me = desk.me, next(one for one in desk.staff() if one.name == "Beto")
    assert desk.drafts() == []
    desk.save_draft("one", {"members": []})
    desk.drop_draft("one")
    assert desk.drafts() == []
    desk.me = ana
    assert [one.data for one in desk.drafts()] == [CANARY]


def test_a_draft_never_travels_and_leaves_no_word_behind(founding: Founding, tmp_path: Path) -> None:
    with founding.copy(tmp_path / "A") as here, founding.copy(tmp_path / "B", letter="B") as there:
        before = here.status(), here.content_digest(), here.history_digest()
        here.save_draft("one", CANARY)
        assert (here.status(), here.content_digest(), here.history_digest()) == before
        exchange(here, there)
        assert there.drafts() == []
        assert "Canaria" not in repr(everything_of(there))
        assert here.find("Canaria") == []
        here.drop_draft("one")
        assert "Canaria" not in repr(everything_of(here))
        assert here.check() == []


def test_no_bit_of_a_draft_stands_readable_on_the_disk(desk: Desk) -> None:
    desk.save_draft("one", CANARY)
    register(desk, members=[{"given_names": "Canaria", "sex": "F", "role": "MADRE"}])
    for file in desk.folder.rglob("*"):
        if file.is_file():
            assert b"anaria" not in file.read_bytes()


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_killed_program_loses_nothing_that_was_written_to_a_draft(founding: Founding, tmp_path: Path) -> None:
    with founding.copy(tmp_path / "A") as desk:
        key = desk._key.hex()
    command = [sys.executable, "-c", _TYPING, str(tmp_path / "A"), key]
    told = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as child:
        assert child.stdout is not None
        for line in child.stdout:
            told = int(line)
            if told == 40:
                child.kill()
    with Founding.open(tmp_path / "A", bytes.fromhex(key)) as again:
        (draft,) = again.drafts()
        assert len(draft.data["text"]) >= told >= 40
        assert again.check() == []


_TYPING = """
import sys
from pathlib import Path
from tests.making import Founding
desk = Founding.open(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]))
for n in range(1, 10_000):
    desk.save_draft("one", {"text": "x" * n})
    print(n, flush=True)
"""
