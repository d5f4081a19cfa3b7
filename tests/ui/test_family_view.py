"""A registered family: handing out, taking back, slip, print, PDF."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtPrintSupport import QPrinter

from returnee_desk.errors import Unavailable
from returnee_desk.store.desk import Desk
from returnee_desk.ui import printing
from returnee_desk.ui.family_view import make_paper
from returnee_desk.ui.window import Window
from tests.bench.typing import mother_and_child
from tests.ui.desks import PASSPHRASE, USER
from tests.ui.keyboard import Keyboard


@pytest.fixture
def view(window: Window, hands: Keyboard) -> Any:
    mother_and_child(hands)
    hands.beyond = hands.data = 0
    assert window.shell is not None
    return window.shell.current


def bar(window: Window) -> str:
    assert window.shell is not None
    return window.shell.quiet.words


def services(window: Window, folder: Path) -> list[tuple[str, int | None, bool]]:
    window.close()
    with Desk.open(folder, user=USER, passphrase=PASSPHRASE) as desk:
        [line] = desk.families()
        return [(one.code, one.person, one.undone) for one in desk.family(line.code).services]


def test_a_digit_hands_out_to_everybody_who_may(view: Any, window: Window, hands: Keyboard, desk_folder: Path) -> None:
    hands.answer("1")
    assert "Kit de higiene ×2" in bar(window)
    assert services(window, desk_folder) == [("KIT_HIG", 1, False), ("KIT_HIG", 2, False)]


def test_the_same_digit_again_says_why_not(view: Any, window: Window, hands: Keyboard, desk_folder: Path) -> None:
    hands.answer("11")
    assert "ya entregado" in bar(window)
    assert len(services(window, desk_folder)) == 2


def test_undo_takes_back_and_lets_give_again(view: Any, window: Window, hands: Keyboard, desk_folder: Path) -> None:
    hands.answer("1")
    hands.press("Ctrl+Z")
    hands.answer("1")
    given = services(window, desk_folder)
    assert [undone for _code, _person, undone in given] == [True, True, False, False]


def test_one_persons_share_is_taken_back_by_its_own_button(
    view: Any, window: Window, hands: Keyboard, desk_folder: Path
) -> None:
    hands.answer("1")
    hands.go("view.undo[2]")
    hands.press("Return")
    assert services(window, desk_folder) == [("KIT_HIG", 1, False), ("KIT_HIG", 2, True)]


def test_after_one_got_it_the_digit_gives_the_other(
    view: Any, window: Window, hands: Keyboard, desk_folder: Path
) -> None:
    hands.answer("1")
    hands.go("view.undo[1]")
    hands.press("Return")
    hands.answer("1")
    active = [(person, undone) for _code, person, undone in services(window, desk_folder) if not undone]
    assert sorted(active) == [(1, False), (2, False)]


def test_what_is_for_children_goes_to_the_child(view: Any, window: Window, hands: Keyboard, desk_folder: Path) -> None:
    hands.answer("6")
    assert services(window, desk_folder) == [("KIT_LUD", 2, False)]


def test_any_service_is_handed_out_by_part_of_its_name(
    view: Any, window: Window, hands: Keyboard, desk_folder: Path
) -> None:
    hands.go("view.service")
    hands.write("viveres")
    hands.press("Return")
    assert services(window, desk_folder) == [("VIVERES", None, False)]


def test_the_preview_is_the_paper(view: Any, hands: Keyboard, program: Callable[[str], str]) -> None:
    hands.answer("1")
    text = subprocess.run(
        [program("pdftotext"), "-layout", "-", "-"], input=view._pdf, capture_output=True, check=True
    ).stdout.decode()
    assert view.code in text
    assert "Kit de higiene" in text
    assert "2345" not in text
    assert view.pages.count == 1


def test_the_sheet_and_the_other_paper_are_one_key_away(view: Any, hands: Keyboard) -> None:
    slip = view._pdf
    hands.press("Ctrl+R")
    letter = view._pdf
    hands.press("Ctrl+H")
    assert len({slip, letter, view._pdf}) == 3


def test_what_came_out_once_says_copy(
    view: Any, hands: Keyboard, tmp_path: Path, program: Callable[[str], str]
) -> None:
    view.keep_at(tmp_path / "boleta.pdf")
    hands.press("Ctrl+P")
    text = subprocess.run([program("pdftotext"), "-", "-"], input=view._pdf, capture_output=True, check=True).stdout
    assert b"COPIA" in text
    first = subprocess.run([program("pdftotext"), str(tmp_path / "boleta.pdf"), "-"], capture_output=True, check=True)
    assert b"COPIA" not in first.stdout
    assert (tmp_path / "boleta.pdf").stat().st_mode & 0o077 == 0
    assert list(tmp_path.glob("*.part")) == []


def test_a_folder_that_cannot_be_written_is_told(view: Any, window: Window, tmp_path: Path) -> None:
    view.keep_at(tmp_path / "no" / "boleta.pdf")
    assert "no se pudo escribir" in bar(window)


def test_without_a_printer_the_pdf_is_offered(
    view: Any, window: Window, hands: Keyboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none() -> QPrinter:
        raise Unavailable("no_printer")

    monkeypatch.setattr(printing, "_printer", none)
    hands.press("Ctrl+Shift+P")
    assert "guarde el PDF" in bar(window)


def test_printing_keeps_the_width_of_the_roll(
    view: Any, window: Window, hands: Keyboard, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
    program: Callable[[str], str],
) -> None:  # fmt: skip
    def to_file() -> QPrinter:
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(tmp_path / "out.pdf"))
        return printer

    monkeypatch.setattr(printing, "_printer", to_file)
    hands.press("Ctrl+Shift+P")
    assert "Enviado a la impresora" in bar(window)
    assert hands.at == "view.next"
    about = subprocess.run([program("pdfinfo"), str(tmp_path / "out.pdf")], capture_output=True, check=True).stdout
    size = next(line for line in about.decode().splitlines() if line.startswith("Page size"))
    width = float(size.split(":")[1].split("x")[0])
    assert width == pytest.approx(226.8, abs=1)


def test_the_search_box_finds_and_opens(view: Any, window: Window, hands: Keyboard) -> None:
    code = view.code
    hands.press("Ctrl+1")
    hands.press("Ctrl+F")
    assert hands.at == "find.text"
    hands.write("tzul elena")
    hands.press("Return")
    assert window.shell is not None
    assert window.shell.current.name == "view"
    assert window.shell.current.code == code  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", ['"', "*", "NEAR(", "-", "%", "_", "';--", "a OR", "\\", "()"])
def test_no_text_breaks_the_search(window: Window, hands: Keyboard, text: str) -> None:
    hands.press("Ctrl+F")
    hands.write(text)
    hands.press("Return")
    assert bar(window) == ""


def test_the_next_family_takes_digits_at_once_after_the_paper_of_the_one_before(
    view: Any, window: Window, hands: Keyboard
) -> None:
    first = view.code
    hands.press("Ctrl+N")
    hands.write("Ana")
    hands.press("Tab", 3)
    hands.write("30")
    hands.press("F4")
    hands.answer("1sn")
    hands.press("Ctrl+S")
    assert view.code != first
    assert view.isAncestorOf(hands.target()) or hands.target() is view
    hands.answer("2")
    assert "Alimentación" in bar(window)


def test_paper_that_comes_late_is_not_shown_for_another_family(view: Any, hands: Keyboard) -> None:
    hands.press("Ctrl+P")
    slip = make_paper(view.work._desk, view.code, "slip", "80mm")
    late = view.code
    view.show_family("TUM1-A1-00002-T")
    view._show_paper(late, slip)
    assert view._pdf == b""
    assert not hands.find("view.print").isEnabled()
