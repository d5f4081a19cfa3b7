"""Exchange: a stick made and read at the window; lamps go from unsent to sent, arrived and safe."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QLabel

from returnee_desk.store.desk import Desk
from returnee_desk.sync import exchange
from returnee_desk.sync.founding import accept_enrolment, found_desk, install_enrolment, request_enrolment
from returnee_desk.ui.window import Window
from tests.bench.typing import mother_and_child
from tests.ui.desks import PASSPHRASE, USER
from tests.ui.keyboard import Keyboard


@pytest.fixture
def office(tmp_path: Path) -> Path:
    founded = found_desk(
        tmp_path / "office", kind="office", place="OFFICE", letter="A", user=USER, passphrase=PASSPHRASE
    )
    founded.desk.close()
    return tmp_path / "office"


@pytest.fixture
def enrolled(desk_folder: Path, office: Path, tmp_path: Path) -> Path:
    with Desk.open(desk_folder, user=USER, passphrase=PASSPHRASE) as desk:
        request_enrolment(desk, tmp_path / "pedido")
    with Desk.open(office, user=USER, passphrase=PASSPHRASE) as central:
        accept_enrolment(central, tmp_path / "pedido", tmp_path / "respuesta", passphrase=PASSPHRASE)
    with Desk.open(desk_folder, user=USER, passphrase=PASSPHRASE) as desk:
        install_enrolment(desk, tmp_path / "respuesta")
    return desk_folder


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def words(window: Window) -> str:
    assert window.shell is not None
    shown = [one for one in window.shell.current.findChildren(QLabel) if one.isVisibleTo(window)]
    return "\n".join(one.text() for one in shown)


def numbers(window: Window) -> list[int]:
    assert window.shell is not None
    screen: Any = window.shell.current
    return [int(screen._numbers[state].text()) for state in ("unsent", "sent", "arrived", "safe")]


def choose(hands: Keyboard, folder: Path) -> None:
    hands.press("Ctrl+3")
    hands.go("exchange.folder_path")
    hands.press("Ctrl+A")
    hands.write(str(folder))
    hands.press("Return")


def test_before_enrolment_it_is_told_what_to_do(window: Window, hands: Keyboard, stick: Path) -> None:
    choose(hands, stick)
    hands.press("1")
    assert "inscrita" in words(window)
    assert list(stick.iterdir()) == []


def test_a_desk_asks_to_join_and_installs_the_answer_at_the_window(
    window: Window, hands: Keyboard, office: Path, stick: Path, tmp_path: Path
) -> None:
    choose(hands, stick)
    hands.press("4")
    [request] = stick.glob("*.pedido")
    shown = str(hands.find("exchange.words").property("text"))
    assert len(shown.split()) == 6
    with Desk.open(office, user=USER, passphrase=PASSPHRASE) as central:
        accept_enrolment(central, request, stick / "respuesta", passphrase=PASSPHRASE, words=shown)
    assert window.shell is not None
    window.shell.current.install(stick / "respuesta")  # type: ignore[attr-defined]
    assert hands.at == "exchange.make"
    assert not window.shell.current.request_button.isVisibleTo(window)  # type: ignore[attr-defined]
    hands.press("1")
    assert "Ya puede sacar la memoria" in words(window)
    hands.press("Ctrl+Shift+E")
    hands.press("Ctrl+3")
    assert hands.at == "exchange.make"


def test_lamps_go_from_unsent_to_safe(
    enrolled: Path, opening: Callable[..., Window], office: Path, stick: Path, tmp_path: Path
) -> None:
    window = opening()
    hands = Keyboard(window)
    mother_and_child(hands)
    choose(hands, stick)
    unsent = numbers(window)[0]
    assert unsent > 0
    hands.press("1")
    assert "Ya puede sacar la memoria" in words(window)
    assert numbers(window) == [0, unsent, 0, 0]
    with Desk.open(office, user=USER, passphrase=PASSPHRASE) as central:
        exchange.import_(central, stick)
        exchange.export(central, stick)
    hands.press("2")
    assert "leída" in words(window)
    assert numbers(window)[:2] == [0, 0]
    assert sum(numbers(window)) == unsent


def test_a_stick_that_is_gone_is_told_and_nothing_is_lost(
    enrolled: Path, opening: Callable[..., Window], tmp_path: Path
) -> None:
    window = opening()
    hands = Keyboard(window)
    choose(hands, tmp_path / "gone")
    before = numbers(window)
    hands.press("1")
    QApplication.processEvents()
    screen: Any = window.shell.current if window.shell is not None else None
    assert screen._said.words
    assert numbers(window) == before
    assert screen.make_button.isEnabled()


def test_a_file_that_is_no_bundle_is_named_and_the_rest_goes_on(
    enrolled: Path, opening: Callable[..., Window], stick: Path
) -> None:
    (stick / "RD1-00000000-1-1.RDB").write_bytes(b"nothing")
    window = opening()
    hands = Keyboard(window)
    choose(hands, stick)
    hands.press("2")
    assert "RD1-00000000-1-1.RDB" in words(window)


def test_no_folder_no_stick(window: Window, hands: Keyboard, monkeypatch: pytest.MonkeyPatch) -> None:
    hands.press("Ctrl+3")
    assert window.shell is not None
    screen: Any = window.shell.current
    screen.folder.clear()
    screen.folder.suggest("")
    screen.make_stick()
    assert hands.at == "exchange.folder_path"
    assert screen._folder_field.complaint
