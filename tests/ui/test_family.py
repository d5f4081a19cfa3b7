"""A family typed at the real window with the keyboard alone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QElapsedTimer, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from returnee_desk.records.families import Family
from returnee_desk.store.desk import Desk
from returnee_desk.ui.family import PAUSE
from returnee_desk.ui.window import Window
from returnee_desk.ui.work import Work
from tests.bench.typing import family_of_four, mother_and_child
from tests.ui.desks import PASSPHRASE, USER
from tests.ui.keyboard import Keyboard


def screen(window: Window) -> Any:
    assert window.shell is not None
    return window.shell.current


def bar(window: Window) -> str:
    assert window.shell is not None
    return window.shell.quiet.words


def kept(window: Window, folder: Path) -> list[Family]:
    """Every family in the file, read by another opening of it."""
    window.close()
    with Desk.open(folder, user=USER, passphrase=PASSPHRASE) as desk:
        return [desk.family(line.code) for line in desk.families()]


def drafts(window: Window, folder: Path) -> list[Any]:
    window.close()
    with Desk.open(folder, user=USER, passphrase=PASSPHRASE) as desk:
        return desk.drafts()


def test_a_mother_and_her_child_are_on_paper_by_keyboard_alone(
    window: Window, hands: Keyboard, desk_folder: Path
) -> None:
    mother_and_child(hands)
    assert screen(window).name == "view"
    assert screen(window).pages.count == 1
    [family] = kept(window, desk_folder)
    mother, child = family.members
    assert (mother.given_names, mother.surnames, mother.sex, mother.role) == ("María Elena", "Xiloj Tzul", "F", "MADRE")
    assert mother.born is not None
    assert mother.born.edtf == "1994-05-02"
    assert [one.number for one in mother.documents] == ["2345678991217"]
    assert mother.needs == ("LACT",)
    assert (child.given_names, child.surnames, child.sex, child.role) == ("José", "Xiloj Tzul", "M", "HIJO")
    assert child.born is not None
    assert (child.born.age, child.born.unit) == (4, "years")
    assert family.destination.municipality == "1209"
    assert family.phone == "+50255512345"
    assert (family.language, family.spanish, family.interpreter) == ("mam", "some", False)
    assert family.consent is not None
    assert (family.consent.register, family.consent.share, family.consent.how) == (True, False, "read aloud")


def test_a_family_of_four_has_its_parents_and_the_surnames_of_both(
    window: Window, hands: Keyboard, desk_folder: Path
) -> None:
    family_of_four(hands)
    [family] = kept(window, desk_folder)
    assert [one.role for one in family.members] == ["MADRE", "PADRE", "HIJA", "HIJO"]
    assert family.members[2].surnames == "Francisco Pedro"
    assert family.interpreter is True


def test_the_line_being_typed_bears_the_promised_names(hands: Keyboard) -> None:
    hands.press("Ctrl+N")
    for name in ("given_names", "surnames", "sex", "birth", "role", "documents", "needs"):
        assert hands.at == f"family.member.{name}"
        hands.press("Tab")
    hands.go("family.member.given_names")
    hands.write("Ana")
    hands.press("Tab", 3)
    hands.write("30")
    hands.press("Return")
    assert hands.at == "family.member.given_names"
    assert hands.text("family.member[1].given_names") == "Ana"


def test_tab_goes_the_way_the_eye_does(hands: Keyboard) -> None:
    hands.press("Ctrl+N")
    hands.go("family.destination.municipality")
    way = [hands.at]
    for _ in range(13):
        hands.press("Tab")
        way.append(hands.at)
    assert way == [
        "family.destination.municipality", "family.destination.place", "family.phone", "family.language",
        "family.spanish", "family.interpreter", "family.consent.how", "family.consent.register",
        "family.consent.share", "family.consent.asked_in", "family.services", "family.note",
        "family.origin.municipality", "family.save",
    ]  # fmt: skip


def test_consent_has_no_default_and_is_asked_before_saving(window: Window, hands: Keyboard, desk_folder: Path) -> None:
    hands.press("Ctrl+N")
    hands.write("Ana")
    hands.press("Tab")
    hands.write("Choc")
    hands.press("Tab", 2)
    hands.write("30")
    hands.press("Ctrl+S")
    assert screen(window).name == "family"
    assert hands.at == "family.consent.how"
    assert "consentimiento" in bar(window)
    assert kept(window, desk_folder) == []


def test_without_consent_to_register_no_name_is_kept(window: Window, hands: Keyboard, desk_folder: Path) -> None:
    hands.press("Ctrl+N")
    hands.write("Ana")
    hands.press("Tab")
    hands.write("Choc")
    hands.press("Tab", 2)
    hands.write("30")
    hands.press("F4")
    hands.answer("1nn")
    hands.press("Ctrl+S")
    assert screen(window).name == "view"
    [family] = kept(window, desk_folder)
    assert (family.members[0].given_names, family.members[0].surnames) == ("", "")
    assert family.members[0].sex == "F"


def test_pressing_save_twice_saves_once(opening: Callable[..., Window], desk_folder: Path, qtbot: Any) -> None:
    window = opening(work=Work())
    hands = Keyboard(window)
    qtbot.waitUntil(lambda: window.shell is not None and window.shell.isVisible(), timeout=20_000)
    hands.press("Ctrl+N")
    qtbot.waitUntil(lambda: bool(screen(window)._arrivals))
    hands.write("Ana")
    hands.press("Tab", 3)
    hands.write("30")
    hands.press("F4")
    hands.answer("1sn")
    button = hands.find("family.save")
    QTest.mouseDClick(button, Qt.MouseButton.LeftButton)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    screen(window).save()
    qtbot.waitUntil(lambda: screen(window).name == "view", timeout=10_000)
    qtbot.waitUntil(lambda: window.work.idle)
    assert len(kept(window, desk_folder)) == 1


def test_a_wrong_check_digit_is_told_where_it_stands_and_kept_only_on_request(
    window: Window, hands: Keyboard, desk_folder: Path
) -> None:
    hands.press("Ctrl+N")
    hands.write("Ana")
    hands.press("Tab", 3)
    hands.write("30")
    hands.press("Tab", 2)
    hands.write("2345678981217")
    hands.press("F4")
    hands.answer("1sn")
    hands.press("Ctrl+S")
    assert screen(window).name == "family"
    assert hands.at == "family.member.documents"
    assert "dígito verificador" in screen(window).grid.active._complaint.words
    hands.press("End")
    hands.write("!")
    hands.press("Ctrl+S")
    assert screen(window).name == "view"
    [family] = kept(window, desk_folder)
    assert family.members[0].documents[0].unverified


def test_defaults_are_shown_and_follow_each_other(hands: Keyboard) -> None:
    hands.press("Ctrl+N")
    hands.write("Juan")
    hands.press("Tab")
    hands.write("Batz Us")
    hands.press("Tab")
    hands.write("m")
    hands.press("Tab")
    hands.write("40")
    hands.press("Tab")
    assert hands.find("family.member.role").property("text") == ""
    assert hands.find("family.member.role").property("placeholderText") == "Padre"
    hands.press("Return")
    hands.write("Ana")
    hands.press("Tab")
    assert hands.find("family.member.surnames").property("placeholderText") == "Batz"
    hands.press("Tab")
    assert hands.text("family.member.surnames") == "Batz"
    hands.press("Tab", 2)
    hands.write("abuela")
    hands.press("Tab")
    assert hands.text("family.member.role") == "Abuela"
    assert hands.find("family.member.sex").property("placeholderText") == "F"


def test_surnames_corrected_above_follow_below_unless_typed(hands: Keyboard, window: Window) -> None:
    hands.press("Ctrl+N")
    hands.write("Ana")
    hands.press("Tab")
    hands.write("Choc")
    hands.press("Tab", 2)
    hands.write("30")
    hands.press("Return")
    hands.write("Luz")
    hands.press("Tab", 2)
    assert hands.text("family.member.surnames") == "Choc"
    grid = screen(window).grid
    grid.focus_on(0, "surnames")
    hands.press("Ctrl+A")
    hands.write("Coc")
    assert grid.lines[1].editors["surnames"].text() == "Coc"


def test_an_empty_line_left_by_enter_is_nobody(window: Window, hands: Keyboard, desk_folder: Path) -> None:
    hands.press("Ctrl+N")
    hands.write("Ana")
    hands.press("Tab", 3)
    hands.write("30")
    hands.press("Return", 2)
    assert hands.at == "family.destination.municipality"
    hands.press("F4")
    hands.answer("1sn")
    hands.press("Ctrl+S")
    [family] = kept(window, desk_folder)
    assert len(family.members) == 1


def test_a_child_alone_is_told_at_once(window: Window, hands: Keyboard) -> None:
    hands.press("Ctrl+N")
    hands.write("Kevin")
    hands.press("Tab", 2)
    hands.write("m")
    hands.press("Tab")
    hands.write("11")
    assert "PGN y SBS" in hands.find("family.alert").property("text")


def test_more_about_a_person_is_one_key_away(window: Window, hands: Keyboard, desk_folder: Path) -> None:
    hands.press("Ctrl+N")
    hands.write("Ana")
    hands.press("Tab", 3)
    hands.write("30")
    hands.press("F3")
    assert hands.at == "family.member.married_surname"
    hands.write("pérez")
    hands.press("Tab")
    hands.write("hondu")
    hands.press("Tab")
    hands.write("kek")
    hands.press("F4")
    hands.answer("1sn")
    hands.press("Ctrl+S")
    [family] = kept(window, desk_folder)
    person = family.members[0]
    assert (person.married_surname, person.nationality, person.mother_tongue) == ("Pérez", "HND", "kek")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Jos\u202eé", "José"),
        ("A\u0301na\u200b", "Ána"),
        ("  Ana   Luz  ", "Ana Luz"),
        ("Tzꞌunun", "Tzꞌunun"),
        ("<b>Ana</b>", "<b>Ana</b>"),
    ],
)
def test_strange_names_are_kept_clean(
    window: Window, hands: Keyboard, desk_folder: Path, typed: str, stored: str
) -> None:
    hands.press("Ctrl+N")
    screen(window).grid.lines[0].editors["given_names"].setText(typed)
    hands.press("Tab", 3)
    hands.write("30")
    hands.press("F4")
    hands.answer("1sn")
    hands.press("Ctrl+S")
    assert screen(window).name == "view"
    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in window.findChildren(QLabel))
    [family] = kept(window, desk_folder)
    assert family.members[0].given_names == stored


def test_a_name_too_long_is_refused_with_a_sentence_and_never_cut(window: Window, hands: Keyboard) -> None:
    hands.press("Ctrl+N")
    editor = screen(window).grid.lines[0].editors["given_names"]
    editor.setText("Ana" * 2_000)
    hands.press("Tab", 3)
    hands.write("30")
    hands.press("F4")
    hands.answer("1sn")
    hands.press("Ctrl+S")
    assert screen(window).name == "family"
    assert hands.at == "family.member.given_names"
    assert len(editor.text()) == 6_000
    assert "largo" in screen(window).grid.lines[0]._complaint.words


def test_typing_is_kept_as_a_draft_and_offered_back(
    window: Window, hands: Keyboard, desk_folder: Path, opening: Callable[..., Window], qtbot: Any
) -> None:
    hands.press("Ctrl+N")
    hands.write("Ana")
    hands.press("Tab")
    hands.write("Choc")
    hands.press("Tab", 2)
    hands.write("30")
    hands.press("Return")
    hands.write("Lu")
    hands.go("family.destination.municipality")
    hands.write("tajum")
    hands.press("Tab")
    hands.go("family.member.given_names")
    hands.press("End")
    qtbot.waitUntil(lambda: not screen(window)._pause.isActive())
    window.close()
    again = Keyboard(opening())
    button = again.find("today.draft[1]")
    assert "Ana Choc" in button.accessibleName()
    button.setFocus()
    again.press("Return")
    assert again.at == "family.member.given_names"
    assert again.text("family.member.given_names") == "Lu"
    assert again.text("family.member[1].surnames") == "Choc"
    assert again.text("family.destination.municipality") == "Tajumulco, San Marcos"
    again.write("z")
    assert again.text("family.member.given_names") == "Luz"


def test_a_saved_family_leaves_no_draft(window: Window, hands: Keyboard, desk_folder: Path) -> None:
    mother_and_child(hands)
    QApplication.processEvents()
    assert drafts(window, desk_folder) == []


def test_several_drafts_stand_side_by_side(window: Window, hands: Keyboard, desk_folder: Path) -> None:
    for name in ("Ana", "Luz", "Eva"):
        hands.press("Ctrl+N")
        hands.write(name)
    hands.press("Ctrl+N")
    names = [draft.data["family"]["members"][0]["given_names"] for draft in drafts(window, desk_folder)]
    assert sorted(names) == ["Ana", "Eva", "Luz"]


def test_a_draft_thrown_away_comes_back_by_undo(window: Window, hands: Keyboard, desk_folder: Path) -> None:
    hands.press("Ctrl+N")
    hands.write("Ana")
    screen(window).keep_draft()
    hands.press("Ctrl+Shift+Del")
    assert hands.text("family.member.given_names") == ""
    assert window.shell is not None
    window.shell.quiet.undo()
    assert hands.text("family.member.given_names") == "Ana"
    screen(window).keep_draft()
    assert len(drafts(window, desk_folder)) == 1


def test_a_draft_belongs_to_its_user(window: Window, hands: Keyboard, desk_folder: Path) -> None:
    from returnee_desk import acts

    hands.press("Ctrl+N")
    hands.write("Ana")
    screen(window).keep_draft()
    window.close()
    with Desk.open(desk_folder, user=USER, passphrase=PASSPHRASE) as desk:
        desk.do(acts.add_user, "Lidia", role="clerk")
        desk.add_slot("Lidia", "otra frase larga")
    with Desk.open(desk_folder, user="Lidia", passphrase="otra frase larga") as desk:
        assert desk.drafts() == []


def test_a_likely_earlier_record_appears_at_the_side_and_fills_in_on_request(
    window: Window, hands: Keyboard, desk_folder: Path, qtbot: Any
) -> None:
    mother_and_child(hands)
    hands.press("Ctrl+N")
    focus = hands.at
    hands.write("maria elena")
    hands.press("Tab")
    hands.write("xiloj tzul")
    hands.press("Tab", 2)
    hands.write("1994")
    qtbot.waitUntil(lambda: bool(screen(window).earlier._open()), timeout=5_000)
    assert focus == "family.member.given_names"
    assert hands.at == "family.member.birth"
    assert not screen(window)._hint.isVisibleTo(window)
    hands.press("F6")
    hands.press("F7")
    assert hands.text("family.phone") != ""
    assert hands.text("family.member.documents") == "2345678991217"
    hands.press("F4")
    hands.answer("1sn")
    hands.press("Ctrl+S")
    assert screen(window).name == "view"
    window.close()
    with Desk.open(desk_folder, user=USER, passphrase=PASSPHRASE) as desk:
        assert desk.db["link"].count == 1


def test_an_unknown_municipality_is_asked_again(window: Window, hands: Keyboard) -> None:
    hands.press("Ctrl+N")
    hands.write("Ana")
    hands.press("Tab", 3)
    hands.write("30")
    hands.go("family.destination.municipality")
    hands.write("xyzzy")
    hands.press("F4")
    hands.answer("1sn")
    hands.press("Ctrl+S")
    assert hands.at == "family.destination.municipality"
    assert "xyzzy" in screen(window).fields["municipality"].complaint


def test_the_list_of_a_field_never_takes_the_focus(window: Window, hands: Keyboard) -> None:
    hands.press("Ctrl+N")
    hands.go("family.destination.municipality")
    hands.write("san")
    assert hands.at == "family.destination.municipality"
    lists = [one for one in window.findChildren(QWidget, "completion") if one.isVisible()]
    assert len(lists) == 1
    hands.press("Down", 2)
    hands.press("Esc")
    assert hands.text("family.destination.municipality") == "san"
    assert not lists[0].isVisible()


def one_person(hands: Keyboard, given: str, sex: str, age: str) -> None:
    hands.write(given)
    hands.press("Return")
    hands.write(sex)
    hands.press("Return")
    hands.write(age)
    hands.press("Return")


def test_earlier_records_are_in_sight_beside_the_form_with_four_members(
    window: Window, hands: Keyboard, qtbot: Any
) -> None:
    mother_and_child(hands)
    hands.press("Ctrl+N")
    hands.write("maria elena")
    hands.press("Tab")
    hands.write("xiloj tzul")
    hands.press("Tab", 2)
    hands.write("1994")
    hands.press("Return")
    for given, sex, age in (("josé", "m", "4"), ("ana", "f", "7"), ("luis", "m", "9")):
        one_person(hands, given, sex, age)
    qtbot.waitUntil(lambda: bool(screen(window).earlier._open()), timeout=5_000)
    area, card = screen(window).area, screen(window).earlier
    QApplication.processEvents()
    top = card.mapTo(area, QPoint(0, 0))
    assert len(screen(window).grid.filled()) == 4
    assert area.verticalScrollBar().value() == 0
    for button in ("family.look", "family.same", "family.distinct"):
        low = hands.find(button).mapTo(area, QPoint(0, 0)).y() + hands.find(button).height()
        assert 0 <= top.y() < low <= area.height()


def test_where_there_is_no_room_beside_the_form_a_line_at_the_top_tells_of_earlier_records(
    opening: Callable[..., Window], qtbot: Any
) -> None:
    window = opening(size=(900, 700))
    hands = Keyboard(window)
    mother_and_child(hands)
    hands.press("Ctrl+N")
    hands.write("maria elena")
    hands.press("Tab")
    hands.write("xiloj tzul")
    hands.press("Tab", 2)
    hands.write("1994")
    qtbot.waitUntil(lambda: bool(screen(window).earlier._open()), timeout=5_000)
    assert "F7" in hands.find("family.earlier_hint").property("text")


def test_on_a_slow_disk_the_last_key_before_saving_leaves_no_draft_and_no_key_is_lost(
    opening: Callable[..., Window], desk_folder: Path, qtbot: Any
) -> None:
    window = opening(work=Work())
    hands = Keyboard(window)
    qtbot.waitUntil(lambda: window.shell is not None and window.shell.isVisible(), timeout=20_000)
    hands.press("Ctrl+N")
    qtbot.waitUntil(lambda: bool(screen(window)._arrivals))
    hands.write("Ana")
    hands.press("Tab", 3)
    hands.write("30")
    hands.press("F4")
    hands.answer("1sn")
    form, slow = screen(window), threading.Event()
    window.work.run(window, lambda _desk: slow.wait(20))
    hands.go("family.note")
    hands.write("llegó tarde")
    hands.press("Ctrl+S")
    assert not form.grid.active.editors["given_names"].isEnabled()
    pause = QElapsedTimer()
    pause.start()
    qtbot.waitUntil(lambda: pause.hasExpired(3 * PAUSE))
    slow.set()
    qtbot.waitUntil(lambda: screen(window).name == "view", timeout=10_000)
    qtbot.waitUntil(lambda: window.work.idle)
    window.close()
    with Desk.open(desk_folder, user=USER, passphrase=PASSPHRASE) as desk:
        [line] = desk.families()
        assert [note.text for note in desk.family(line.code).notes] == ["llegó tarde"]
        assert desk.drafts() == []


@pytest.mark.parametrize("width", [1280, 1024, 900, 690, 640])
def test_no_field_is_cut_however_the_window_is_dragged(window: Window, hands: Keyboard, width: int) -> None:
    hands.press("Ctrl+N")
    hands.write("Ana")
    window.resize(width, 600)
    for _ in range(5):
        QApplication.processEvents()
    form = screen(window)
    for field in (*form.fields.values(), *form._consent_fields.values()):
        assert field.height() >= field.minimumSizeHint().height(), field.editor.objectName()
        assert field.width() >= field.minimumSizeHint().width(), field.editor.objectName()
    assert form.area.horizontalScrollBar().maximum() == 0


def test_a_draft_left_below_the_grid_comes_back_to_its_field_and_place(
    window: Window, hands: Keyboard, opening: Callable[..., Window]
) -> None:
    hands.press("Ctrl+N")
    hands.write("Ana")
    hands.go("family.phone")
    hands.write("5551234")
    hands.press("Left", 2)
    hands.write("9")
    screen(window).keep_draft()
    window.close()
    again = Keyboard(opening())
    again.go("today.draft[1]")
    again.press("Return")
    assert again.at == "family.phone"
    assert again.text("family.phone") == "55512934"
    again.write("0")
    assert again.text("family.phone") == "555129034"


def test_a_mistyped_date_is_told_on_leaving_the_field(window: Window, hands: Keyboard) -> None:
    hands.press("Ctrl+N")
    hands.write("Ana")
    hands.press("Tab", 3)
    hands.write("45/45/2020")
    hands.press("Tab")
    assert "No se entiende la fecha" in screen(window).grid.active._complaint.words
    hands.press("Shift+Tab")
    hands.press("Ctrl+A")
    hands.write("1990")
    hands.press("Tab")
    assert screen(window).grid.active._complaint.words == ""


def test_a_name_too_long_for_its_field_shows_how_it_begins(window: Window, hands: Keyboard) -> None:
    hands.press("Ctrl+N")
    hands.write("Guadalupe de los Ángeles del Rosario")
    editor = screen(window).grid.active.editors["given_names"]
    hands.press("Tab")
    assert editor.cursorPosition() == 0


def test_saving_works_from_the_rail_too(window: Window, hands: Keyboard, desk_folder: Path) -> None:
    hands.press("Ctrl+N")
    hands.write("Ana")
    hands.press("Tab", 3)
    hands.write("30")
    hands.press("F4")
    hands.answer("1sn")
    hands.go("window.exchange")
    hands.press("Ctrl+S")
    assert len(kept(window, desk_folder)) == 1


def test_going_away_and_back_finds_the_cursor_where_it_was(window: Window, hands: Keyboard) -> None:
    hands.press("Ctrl+N")
    hands.write("Ana")
    hands.press("Tab")
    hands.write("Cho")
    hands.press("Ctrl+1")
    hands.press("Ctrl+2")
    assert hands.at == "family.member.surnames"
