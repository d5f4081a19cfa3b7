"""A program killed while saving: what was acknowledged is there, nothing is half there."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.making import Founding

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="fork and SIGKILL")


@pytest.mark.parametrize("rounds", [20, pytest.param(100, marks=pytest.mark.slow)])
def test_a_killed_program_keeps_every_acknowledged_save_and_no_half_one(
    founding: Founding, tmp_path: Path, rounds: int
) -> None:
    chance = random.Random(rounds)
    folder = tmp_path / "A"
    with founding.copy(folder) as desk:
        key = desk._key
    saved: dict[str, str] = {}
    command = [sys.executable, "-c", _SAVING, str(folder), key.hex()]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as nursery:
        assert nursery.stdin is not None and nursery.stdout is not None
        for _ in range(rounds):
            nursery.stdin.write("go\n")
            nursery.stdin.flush()
            alive, seen, wanted = 0, 0, chance.randint(0, 8)
            for line in nursery.stdout:
                word, *rest = line.split()
                if word == "pid":
                    alive = int(rest[0])
                elif word == "ended":
                    break
                else:
                    saved[word] = rest[0]
                    seen += 1
                if alive and seen >= wanted:
                    _let_pass(chance.random() * 0.006)
                    os.kill(alive, 9)
                    alive, wanted = 0, 10**9
            with Founding.open(folder, key) as again:
                there = {line.code: again.family_by_id(line.id) for line in again.families()}
                assert saved.keys() <= there.keys()
                for code, family in there.items():
                    size = int(family.notes[0].text)
                    assert len(family.members) + len(family.gone) == size
                    assert (len(family.services), family.phone) == (1, "+50255512345")
                    if saved.get(code) == "corrected":
                        assert family.members[0].given_names == "Rosa"
                assert again.check() == []
                assert again.status()["own"] == again.ledger.have(again._author())[-1][1]
        nursery.stdin.close()
    assert len(saved) > rounds


def _let_pass(seconds: float) -> None:
    """A random moment of a save, not a wait for something."""
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        pass


_SAVING = """
import os, sys
from pathlib import Path
from returnee_desk import acts
from tests.making import Founding, register

def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())

def work():
    desk = Founding.open(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]))
    n = 0
    while True:
        n += 1
        size = 2 + n % 4
        code = register(desk, size=size, notes=[str(size)], services=["VIVERES"], phone="5551 2345")["code"]
        say(code, "registered")
        desk.do(acts.correct_family, code, {"given_names": "Rosa"}, person=1, reason="r")
        say(code, "corrected")

for line in sys.stdin:
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(1)
    say("pid", child)
    os.waitpid(child, 0)
    say("ended")
"""
