"""The command line as a script uses it: words in, exit code and one JSON document out."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from returnee_desk.cli import main

PASSPHRASE = "cuatro palabras bien largas"
BUS = {"mode": "land", "label": "Bus 3", "from": "MEX", "at": "2026-11-22T14:20-06:00", "headcount": 36}


@dataclass(frozen=True)
class Said:
    """What a command answered. `json` is its one document, empty where it said nothing."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        document = json.loads(self.out)
        assert isinstance(document, dict)
        assert document["ok"] is (self.code == 0)
        return document

    @property
    def error(self) -> dict[str, Any]:
        error = self.json["error"]
        assert isinstance(error, dict) and error["message"] and set(error) >= {"code", "message", "details", "path"}
        return error

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


def program(*words: object, given: bytes | str = b"", timeout: float = 120, **environment: str) -> Said:
    """The real program, in a process of its own."""
    data = given.encode() if isinstance(given, str) else given
    done = subprocess.run(
        command(*words), input=data, capture_output=True, env=variables(**environment), timeout=timeout
    )
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())


def command(*words: object) -> list[str]:
    return [sys.executable, "-m", "returnee_desk", *map(str, words)]


def variables(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RETURNEE_DESK")}
    return kept | {"RETURNEE_DESK_PASSPHRASE": PASSPHRASE} | more


Run = Callable[..., Said]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The same without a process: `run("show", code)` adds `--json`. Standard input is what is `given`."""
    monkeypatch.setenv("RETURNEE_DESK_PASSPHRASE", PASSPHRASE)

    def ran(*words: object, given: bytes | str | dict[str, Any] = b"", plain: bool = False) -> Said:
        text = json.dumps(given, ensure_ascii=False) if isinstance(given, dict) else given
        data = text.encode() if isinstance(text, str) else text
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
        capsys.readouterr()
        code = main([*map(str, words), *([] if plain else ["--json"])])
        out, err = capsys.readouterr()
        return Said(code, out, err)

    return ran


def at(run: Run, folder: Path) -> Run:
    """`run` for the desk of a folder."""
    return lambda *words, **more: run("--desk", folder, *words, **more)


def person(name: str, role: str, sex: str, **more: Any) -> dict[str, Any]:
    given, _, surnames = name.partition(" ")
    return {"given_names": given, "surnames": surnames, "role": role, "sex": sex, **more}


def mother_and_child(**more: Any) -> dict[str, Any]:
    """A mother with her son, from one bus."""
    return {
        "arrival": BUS,
        "destination": {"municipality": "1217", "place": "Aldea La Independencia"},
        "phone": "5551 2345",
        "language": "mam",
        "spanish": "some",
        "consent": {"asked_in": "mam", "how": "read aloud", "register": True, "share": False},
        "members": [
            person("Petronila Xiloj Tzul", "MADRE", "F", birth_date="1994-05-02",
                   documents=[{"kind": "CUI", "number": "2345 67899 1217"}]),
            person("Baltazar Xiloj", "HIJO", "M", age=4),
        ],
        **more,
    }  # fmt: skip


def ndjson(*families: dict[str, Any]) -> str:
    return "".join(json.dumps(family, ensure_ascii=False) + "\n" for family in families)


def new_desk(run: Run, folder: Path, *, kind: str = "post", place: str = "TUM1", letter: str = "A") -> Run:
    """A desk made by `init`; answers `run` for it."""
    made = run("init", "--desk", folder, "--kind", kind, "--place", place, "--letter", letter, "--user", "ana")
    assert made.code == 0, made.out + made.err
    return at(run, folder)
