"""How the program is spoken to: where options stand, exit codes, what goes where."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

from returnee_desk import __main__ as start
from returnee_desk.cli import frame
from tests.whole.commands import Run, mother_and_child, ndjson, program

COMMANDS = [
    "init", "enrol", "user", "arrival", "register", "show", "list", "find", "correct", "member", "split", "void",
    "note", "consent", "same", "distinct", "unlink", "deliver", "undo", "slip", "sheet", "export", "import", "status",
    "report", "backup", "check", "demo",
]  # fmt: skip


def test_commands_are_those_promised_and_no_empty_ones() -> None:
    assert sorted(frame.root.commands) == sorted(COMMANDS)
    groups = {
        name: sorted(group.commands) for name, group in frame.root.commands.items() if isinstance(group, click.Group)
    }
    assert groups == {
        "arrival": ["add", "close", "correct", "list", "row", "set"],
        "enrol": ["accept", "install", "request"],
        "member": ["add", "move", "remove"],
        "user": ["add", "list", "remove"],
    }


def test_options_may_stand_before_or_after_the_command(post: Run, run: Run, tmp_path: Path) -> None:
    desk = tmp_path / "post"
    before = run("--json", "--desk", desk, "--user", "ana", "--lang", "en", "status", plain=True)
    after = run("status", "--user", "ana", "--lang", "es", "--desk", desk, "--json", plain=True)
    between = run("arrival", "--desk", desk, "list", "--json", plain=True)
    assert before.json["place"] == after.json["place"] == "TUM1"
    assert between.json["arrivals"] == []


def test_a_passphrase_file_stands_for_the_variable(post: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RETURNEE_DESK_PASSPHRASE")
    assert post("status").error["code"] == "passphrase_needed"
    written = tmp_path / "passphrase"
    written.write_bytes("\ufeffcuatro palabras bien largas\r\n".encode())
    assert post("status", "--passphrase-file", written).code == 0
    written.write_text("otra", encoding="utf-8")
    assert post("status", "--passphrase-file", written).error["code"] == "wrong_passphrase"
    assert post("status", "--passphrase-file", tmp_path / "none").error["code"] == "passphrase_file"


@pytest.mark.parametrize(
    "words",
    [
        ["--json"],
        ["--json", "nothing"],
        ["show", "--json"],
        ["show", "A", "B", "--json"],
        ["list", "--bogus", "--json"],
        ["arrival", "--json"],
        ["arrival", "add", "--headcount", "many", "--json"],
        ["correct", "TUM1-A1-00001-V", "surnames", "--reason", "x", "--json"],
        ["correct", "TUM1-A1-00001-V", 'sex="F"', 'sex="M"', "--reason", "x", "--json"],
        ["correct", "TUM1-A1-00001-V", 'sex="F"', "--json"],
        ["slip", "TUM1-A1-00001-V", "-o", "x.pdf", "--paper", "58mm", "--json"],
        ["restore", "x", "--json"],
        ["--lang", "fr", "status", "--json"],
    ],
)
def test_wrong_usage_is_told_in_json_with_exit_code_two(run: Run, words: list[str]) -> None:
    said = run(*words, plain=True)
    assert said.code == 2
    assert said.error["code"] == "usage"


def test_wrong_usage_without_json_says_nothing_on_standard_output(run: Run) -> None:
    said = run("show", plain=True)
    assert (said.code, said.out) == (2, "")
    assert "Uso: returnee-desk show" in said.err


def test_a_refusal_for_people_goes_to_standard_error(post: Run) -> None:
    said = post("show", "TUM1-A1-00009-X", plain=True)
    assert (said.code, said.out) == (1, "")
    assert "código" in said.err


def test_messages_speak_english_when_asked(post: Run) -> None:
    said = post("show", "TUM1-A1-00009-X", "--lang", "en", plain=True)
    assert said.code == 1 and said.err


def test_help_is_in_spanish_and_names_every_command(run: Run) -> None:
    said = run("--help", plain=True)
    assert said.code == 0
    assert all(f"\n  {name} " in said.out for name in COMMANDS)
    assert "Registra familias" in said.out


def test_our_own_fault_ends_with_three_and_shows_no_persons_data(post: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(data: dict[str, object], **_more: object) -> None:
        raise RuntimeError(str(data))

    monkeypatch.setattr("returnee_desk.acts.registering.form.read_family", broken)
    said = post("register", "-", given=ndjson(mother_and_child()))
    assert said.code == 3
    assert said.error["code"] == "bug"
    monkeypatch.setenv("RETURNEE_DESK_DEBUG", "1")
    traced = post("register", "-", given=ndjson(mother_and_child()))
    assert "registering.py" in traced.err and "RuntimeError" in traced.err
    for text in (said.out, said.err, traced.out, traced.err):
        assert "Petronila" not in text and "2345678991217" not in text


def test_a_desk_open_elsewhere_is_told_after_waiting(
    post: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from returnee_desk.store.desk import Desk
    from returnee_desk.store.lock import Lock

    monkeypatch.setitem(Desk.open.__func__.__kwdefaults__, "wait", 0.05)  # type: ignore[attr-defined]  # 10 s otherwise
    with Lock.take(tmp_path / "post"):
        assert post("status").error["code"] == "already_open"
    assert post("status").code == 0


def test_there_is_no_desk_until_one_is_made(run: Run, tmp_path: Path) -> None:
    said = run("--desk", tmp_path / "none", "status")
    assert said.error["code"] == "no_desk"
    assert not (tmp_path / "none").exists()


def test_json_alone_stands_on_standard_output_of_the_real_program(post: Run, tmp_path: Path) -> None:
    said = program("--desk", tmp_path / "post", "register", "-", "--json", given=ndjson(mother_and_child(), {}))
    assert said.code == 1
    assert len(said.out.splitlines()) == 1
    assert said.json["families"][0]["code"].startswith("TUM1-A1-00001")
    assert said.json["refused"][0]["line"] == 2


def test_a_command_line_in_an_old_code_page_still_answers_json(post: Run, tmp_path: Path) -> None:
    said = program("--desk", tmp_path / "post", "find", "Núñez", "--json", PYTHONIOENCODING="cp1252", PYTHONUTF8="0")
    assert said.json["hits"] == []


def test_without_a_screen_the_window_says_so() -> None:
    said = program(DISPLAY="", WAYLAND_DISPLAY="", QT_QPA_PLATFORM="")
    assert (said.code, said.out) == (1, "")
    assert "pantalla" in said.err


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ([], {}),
        (["--desk", "f"], {"--desk": "f"}),
        (["--desk=f", "--lang", "en"], {"--desk": "f", "--lang": "en"}),
        (["status"], None),
        (["--desk", "f", "status"], None),
        (["--desk"], None),
        (["--help"], None),
        (["--json"], None),
    ],
)
def test_the_window_opens_when_nothing_but_its_options_is_said(
    words: list[str], options: dict[str, str] | None
) -> None:
    assert start.window_options(words) == options


def test_arguments_that_are_no_text_leave_as_json(post: Run) -> None:
    said = post("show", "\udcff\udcfe")
    assert said.error["code"] == "invalid_code"
    json.loads(said.out)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("es", ["Uso: returnee-desk init", "Opciones:", "oficina central", "[obligatoria]", "Muestra esta ayuda"]),
        ("en", ["Usage: returnee-desk init", "Options:", "central office", "[required]", "Shows this help"]),
    ],
)
def test_help_speaks_one_language_from_heading_to_last_line(run: Run, language: str, told: list[str]) -> None:
    said = run("--lang", language, "init", "--help", plain=True)
    assert said.code == 0
    assert [words for words in told if words not in said.out] == []
