"""The program killed while it registers, and what may be read outside the encrypted file."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.whole.commands import BUS, Run, at, command, mother_and_child, new_desk, person, program, variables

needs_kill = pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is tried where there is one")


def family(number: int) -> dict[str, Any]:
    return mother_and_child(
        key=f"sheet-{number}",
        members=[
            person(f"Ana{number} Coc", "MADRE", "F", birth_date="1994"),
            person(f"Luz{number} Coc", "HIJA", "F", age=4),
            person(f"Leo{number} Coc", "HIJO", "M", age=2),
        ],
        services=["KIT_HIG", "LLAM_NAC"],
        arrival={**BUS, "headcount": 2000},
    )


def killed_after(folder: Path, first: int, count: int) -> list[dict[str, Any]]:
    """Feeds families and kills the program when so many were acknowledged, or a moment later. Answers what it said."""
    words = command("--desk", folder, "register", "-", "--stream")
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=variables()) as running:
        assert running.stdin and running.stdout
        lines = [json.dumps(family(number)).encode() + b"\n" for number in range(first, first + count + 8)]
        running.stdin.write(b"".join(lines[:count]))
        running.stdin.flush()
        said = [running.stdout.readline() for _ in range(count)]
        running.stdin.write(b"".join(lines[count:]))
        running.stdin.flush()
        said += [running.stdout.readline() for _ in range(random.randrange(3))]
        running.send_signal(signal.SIGKILL)
        said += running.stdout.read().splitlines(keepends=True)
    return [json.loads(line) for line in said if line.endswith(b"\n")]


def kill_again_and_again(run: Run, folder: Path, rounds: int) -> None:
    post = new_desk(run, folder)
    acknowledged: dict[str, str] = {}
    given = 0
    for turn in range(rounds):
        count = 1 + turn % 4
        said = killed_after(folder, given, count)
        assert len(said) >= count and all(line["ok"] for line in said)
        acknowledged |= {f"sheet-{given + line['line'] - 1}": line["code"] for line in said}
        given += count + 8
    kept = {one["code"]: one for one in post("list").json["families"]}
    assert set(acknowledged.values()) <= set(kept)
    assert all((one["persons"], one["minors"], one["services"]) == (3, 2, 4) for one in kept.values())
    everything = b"".join(json.dumps(family(number)).encode() + b"\n" for number in range(given))
    again = program("--desk", folder, "register", "-", "--json", given=everything, timeout=1200)
    assert again.code == 0
    for key, line in zip((f"sheet-{n}" for n in range(given)), again.json["families"], strict=True):
        if key in acknowledged:
            assert (line["repeated"], line["code"]) == (True, acknowledged[key])
    assert len({line["code"] for line in again.json["families"]}) == given == len(post("list").json["families"])
    assert post("check").json["problems"] == []


@needs_kill
def test_what_was_acknowledged_is_there_after_kill_nine(run: Run, tmp_path: Path) -> None:
    kill_again_and_again(run, tmp_path / "post", 4)


@needs_kill
@pytest.mark.slow
def test_what_was_acknowledged_is_there_after_a_hundred_kills(run: Run, tmp_path: Path) -> None:
    kill_again_and_again(run, tmp_path / "post", 100)


def test_a_line_is_answered_before_the_next_one_comes(post: Run, tmp_path: Path) -> None:
    words = command("--desk", tmp_path / "post", "register", "-", "--stream")
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=variables()) as running:
        assert running.stdin and running.stdout
        for number in range(3):
            running.stdin.write(json.dumps(family(number)).encode() + b"\n")
            running.stdin.flush()
            assert json.loads(running.stdout.readline())["line"] == number + 1
        running.stdin.close()
        assert running.wait(30) == 0


CANARIES = (
    "Zoraida",
    "Quetzalina",
    "Tzalam",
    "Ixquiac",
    "5551 7777",
    "55517777",
    "2345678991217",
    "Aldea Canario",
    "canarionota",
)


def test_no_name_is_readable_outside_the_encrypted_file(run: Run, tmp_path: Path) -> None:
    """Every byte of desks, sticks, copies, temporary and home folders is searched, names as written in any encoding."""
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    home.mkdir()
    temporary.mkdir()
    places = {"HOME": str(home), "TMPDIR": str(temporary), "XDG_DATA_HOME": str(home), "XDG_CACHE_HOME": str(home)}
    told = mother_and_child(
        phone="5551 7777",
        destination={"municipality": "1217", "place": "Aldea Canario"},
        members=[
            person("Zoraida Tzalam", "MADRE", "F", documents=[{"kind": "CUI", "number": "2345 67899 1217"}]),
            person("Quetzalina Ixquiac", "HIJA", "F", age=4),
        ],
        notes=["canarionota"],
        services=["KIT_HIG"],
    )
    wrong = {**told, "members": [*told["members"], {"given_names": "Zoraida", "role": "X"}]}
    post, office, stick = tmp_path / "post", tmp_path / "office", tmp_path / "stick"
    stick.mkdir()
    new_desk(run, post)
    new_desk(run, office, kind="office", place="OFFICE")
    at_post, at_office = at(run, post), at(run, office)
    at_post("enrol", "request", stick / "request")
    at_office("enrol", "accept", stick / "request", stick / "answer")
    at_post("enrol", "install", stick / "answer")
    lines = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in (told, wrong))
    said = program("--desk", post, "register", "-", "--json", given=lines, RETURNEE_DESK_DEBUG="1", **places)
    assert said.code == 1
    code = said.json["families"][0]["code"]
    for words in (
        ["correct", code, "--person", "1", 'given_names="Zoraida Quetzalina"', "--reason", "mal oído"],
        ["find", "Zoraida"],
        ["export", stick],
        ["backup", stick / "copy.zip"],
        ["check"],
    ):
        done = program("--desk", post, *words, "--json", RETURNEE_DESK_DEBUG="1", **places)
        assert done.code == 0
        assert not done.err
    assert program("--desk", office, "import", stick, "--json", **places).code == 0
    assert at_office("find", "Zoraida").json["hits"]
    searched = [
        file for folder in (post, office, stick, home, temporary) for file in folder.rglob("*") if file.is_file()
    ]
    assert any(file.name == "desk.db" for file in searched) and any(file.suffix == ".RDB" for file in searched)
    refusal = json.dumps(said.json["refused"])
    assert all(canary not in refusal for canary in CANARIES)
    for file in filter(Path.is_file, searched):
        content = file.read_bytes().lower()
        for canary in CANARIES:
            for encoding in ("utf-8", "utf-16-le"):
                assert canary.lower().encode(encoding) not in content, file.name
            assert canary.lower() not in file.name.lower()
