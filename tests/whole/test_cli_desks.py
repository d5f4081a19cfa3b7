"""Making a desk, who may open it, a copy of it, its check."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from returnee_desk.sync.keys import recipient_of
from tests.whole.commands import Run, mother_and_child, ndjson, new_desk


def init(run: Run, folder: Path, *words: object) -> dict[str, object]:
    said = run("init", "--desk", folder, "--letter", "A", "--user", "ana", *words)
    return said.json if said.code == 0 else said.error


@pytest.mark.parametrize(
    ("kind", "place", "name"),
    [
        ("post", "TUM1", "Tecún Umán I"),
        ("office", "OFFICE", "Oficina central"),
        ("delegation", "D13", "Huehuetenango"),
    ],
)
def test_each_kind_of_desk_is_made(run: Run, tmp_path: Path, kind: str, place: str, name: str) -> None:
    made = init(run, tmp_path / "desk", "--kind", kind, "--place", place)
    assert len(str(made["fingerprint_words"]).split()) == 6
    assert len(str(made["recovery_code"])) == 39 and made["desk_id"]
    status = run("--desk", tmp_path / "desk", "status").json
    assert (status["kind"], status["place"], status["place_name"]) == (kind, place, name)
    assert status["own"] == status["unsent"] == 1 and status["stock"] == {}
    assert set(status["versions"]) == {"program", "schema", "format", "sqlite", "python"}
    assert len(status["history_digest"]) == len(status["content_digest"]) == 64


def test_a_place_of_ones_own_needs_a_name(run: Run, tmp_path: Path) -> None:
    assert init(run, tmp_path / "a", "--kind", "post", "--place", "XYZ9")["code"] == "unknown_place"
    assert init(run, tmp_path / "a", "--kind", "post", "--place", "XYZ9", "--place-name", "Paso nuevo")[
        "place_name"
    ] == ("Paso nuevo")
    assert init(run, tmp_path / "b", "--kind", "post", "--place", "tum1")["code"] == "unknown_place"
    assert init(run, tmp_path / "b", "--kind", "post", "--place", "D01", "--place-name", "x")["code"] == "unknown_place"
    assert init(run, tmp_path / "b", "--kind", "delegation", "--place", "D23")["code"] == "unknown_place"
    assert init(run, tmp_path / "b", "--kind", "office", "--place", "TUM1")["code"] == "unknown_place"
    assert not (tmp_path / "b" / "desk.db").exists()


def test_a_desk_is_made_once(run: Run, post: Run, tmp_path: Path) -> None:
    assert init(run, tmp_path / "post", "--kind", "post", "--place", "TUM1")["code"] == "desk_exists"
    assert post("status").code == 0


def test_a_desk_needs_a_letter_a_user_and_a_passphrase(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["init", "--desk", tmp_path / "d", "--kind", "post", "--place", "TUM1"]
    assert run(*words, "--letter", "A").error["code"] == "usage"
    assert run(*words, "--letter", "a", "--user", "ana").error["code"] == "invalid_letter"
    monkeypatch.delenv("RETURNEE_DESK_PASSPHRASE")
    assert run(*words, "--letter", "A", "--user", "ana").error["code"] == "passphrase_needed"
    empty = tmp_path / "empty"
    empty.write_text("\n", encoding="utf-8")
    said = run(*words, "--letter", "A", "--user", "ana", "--passphrase-file", empty)
    assert said.error["code"] == "passphrase_empty"


def test_the_escrow_identity_is_written_once_and_not_kept(run: Run, tmp_path: Path) -> None:
    escrow = tmp_path / "escrow.txt"
    made = init(run, tmp_path / "office", "--kind", "office", "--place", "OFFICE", "--escrow", escrow)
    identity = escrow.read_text(encoding="utf-8").splitlines()[-1]
    assert made["desk_id"] and recipient_of(identity).startswith("age1")
    kept = b"".join(file.read_bytes() for file in (tmp_path / "office").rglob("*") if file.is_file())
    assert identity.encode() not in kept
    refused = init(run, tmp_path / "other", "--kind", "office", "--place", "OFFICE", "--escrow", escrow)
    assert refused["code"] == "file_exists"
    assert init(run, tmp_path / "p", "--kind", "post", "--place", "TUM1", "--escrow", tmp_path / "x")["code"] == (
        "escrow_only_office"
    )


@pytest.mark.skipif(sys.platform == "win32", reason="modes have no say there")
def test_a_desk_is_for_its_owner_alone(post: Run, tmp_path: Path) -> None:
    post("register", "-", given=ndjson(mother_and_child()))
    for path in (tmp_path / "post", *(tmp_path / "post").rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path.name
    assert os.access(tmp_path / "post", os.R_OK)


def test_people_open_the_desk_with_their_own_passphrase_and_role(post: Run, tmp_path: Path) -> None:
    secret = tmp_path / "berta"
    secret.write_text("otra frase larga", encoding="utf-8")
    added = post("user", "add", "Berta López", "--role", "clerk", "--new-passphrase-file", secret).json
    assert [(one["name"], one["role"]) for one in added["users"]] == [
        ("ana", "administrator"),
        ("Berta López", "clerk"),
    ]
    assert post("status").error["code"] == "user_needed"
    berta = ["--user", "berta lopez", "--passphrase-file", secret]
    assert post("register", "-", *berta, given=ndjson(mother_and_child())).code == 0
    assert post("report", "2026", *berta).error["code"] == "not_allowed"
    assert post("user", "list", *berta).code == 0
    another = ["--role", "clerk", "--new-passphrase-file", secret]
    assert post("user", "add", "Carlos", *another, *berta).error["code"] == "not_allowed"
    ana = ["--user", "ana"]
    assert post("user", "add", "berta lópez", *another, *ana).error["code"] == "user_exists"
    assert post("user", "add", "Carlos", "--role", "king", *another[2:], *ana).error["code"] == "unknown_role"
    assert post("user", "add", "Carlos", "--role", "analyst", *another[2:], *ana).error["code"] == "unknown_role"
    assert post("user", "remove", "ana", *ana).error["code"] == "last_administrator"
    assert post("user", "remove", "Nadie", *ana).error["code"] == "unknown_user"
    left = post("user", "remove", "Berta López", *ana).json
    assert [one["name"] for one in left["users"]] == ["ana"]
    assert post("status", *berta).error["code"] == "wrong_passphrase"
    assert post("status").code == 0


def test_a_removed_person_may_come_back(post: Run, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("otra frase larga", encoding="utf-8")
    words = ["user", "add", "Berta", "--role", "clerk", "--new-passphrase-file", secret]
    post(*words)
    post("user", "remove", "Berta", "--user", "ana")
    assert len(post(*words).json["users"]) == 2


def test_a_user_without_a_passphrase_is_not_kept(post: Run, tmp_path: Path) -> None:
    secret = tmp_path / "long"
    secret.write_text("x" * 60_000, encoding="utf-8")
    said = post("user", "add", "Berta", "--role", "clerk", "--new-passphrase-file", secret)
    assert said.error["code"] == "passphrase_too_long"
    assert [one["name"] for one in post("user", "list").json["users"]] == ["ana"]
    secret.write_text("", encoding="utf-8")
    assert post("user", "add", "Berta", "--role", "clerk", "--new-passphrase-file", secret).error["code"] == (
        "passphrase_empty"
    )


def test_a_passphrase_is_taken_as_typed(run: Run, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(" con espacios  ", encoding="utf-8")
    words = ["--desk", tmp_path / "d", "--passphrase-file", secret]
    assert run("init", "--kind", "post", "--place", "TUM1", "--letter", "A", "--user", "ana", *words).code == 0
    assert run("status", *words).code == 0
    secret.write_text("con espacios", encoding="utf-8")
    assert run("status", *words).error["code"] == "wrong_passphrase"


def test_a_backup_holds_the_desk_and_replaces_only_its_own(run: Run, post: Run, tmp_path: Path) -> None:
    post("register", "-", given=ndjson(mother_and_child()))
    copy = tmp_path / "copy.zip"
    made = post("backup", copy).json
    assert made["content_digest"] == post("status").json["content_digest"]
    assert copy.stat().st_size > 10_000 and b"Petronila" not in copy.read_bytes()
    assert post("backup", copy).code == 0
    other = new_desk(run, tmp_path / "other", letter="B")
    assert other("backup", copy).error["code"] == "target_taken"
    assert post("backup", tmp_path / "none" / "copy").error["code"] == "place_gone"


def test_check_finds_what_is_wrong(post: Run, tmp_path: Path) -> None:
    post("register", "-", given=ndjson(mother_and_child()))
    sound = post("check").json
    assert sound["problems"] == [] and len(sound["content_digest"]) == 64
    from returnee_desk.store.desk import Desk
    from tests.whole.commands import PASSPHRASE

    with Desk.open(tmp_path / "post", user=None, passphrase=PASSPHRASE) as desk:
        desk.db.conn.execute("UPDATE person SET surnames = 'X' WHERE number = 1")
    said = post("check")
    assert said.code == 1 and said.error["code"] == "problems_found"
    assert said.json["problems"] == ["tables differ from the registers"]
