"""Colours can be read, sizes follow one setting, and the look outlives the program."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from returnee_desk.ui import theme
from returnee_desk.ui.theme import DARK, LIGHT, Colours, Look, contrast


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("text", ["text", "muted", "primary", "good", "attention", "stop", "practice"])
@pytest.mark.parametrize("surface", ["window", "card", "selected"])
def test_every_text_colour_can_be_read_on_every_surface(colours: Colours, text: str, surface: str) -> None:
    assert contrast(getattr(colours, text), getattr(colours, surface)) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_words_on_filled_surfaces_can_be_read(colours: Colours) -> None:
    assert contrast(colours.on_primary, colours.primary) >= 4.5
    assert contrast(colours.on_practice, colours.practice) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("surface", ["window", "card"])
def test_the_outline_of_a_field_stands_out(colours: Colours, surface: str) -> None:
    assert contrast(colours.edge, getattr(colours, surface)) >= 3


def test_sizes_follow_one_setting() -> None:
    assert [Look(scale=scale).px(14) for scale in (90, 100, 200)] == [13, 14, 28]
    assert Look(scale=200).larger() == 200
    assert Look(scale=90).smaller() == 90


def test_the_stylesheet_has_every_token_filled_in() -> None:
    for look in (Look(), Look(dark=True, scale=200)):
        assert "$" not in theme.stylesheet(look)


def test_the_palette_is_ours_whatever_the_system_prefers(qapp: QApplication) -> None:
    theme.apply(qapp, Look(dark=True))
    assert qapp.palette().window().color().name() == DARK.window.lower()
    theme.apply(qapp, Look())
    assert qapp.palette().window().color().name() == LIGHT.window.lower()


def test_the_look_outlives_the_program(tmp_path: Path) -> None:
    theme.keep_look(tmp_path / "look.txt", Look(dark=True, scale=150, language="en"))
    assert theme.read_look(tmp_path / "look.txt") == Look(dark=True, scale=150, language="en")


@pytest.mark.parametrize("kept", ["", "[]", "dark=yes", "dark=yes\nscale=x\nlanguage=es", "\x00"])
def test_a_damaged_look_is_the_usual_one(tmp_path: Path, kept: str) -> None:
    (tmp_path / "look.txt").write_text(kept)
    assert theme.read_look(tmp_path / "look.txt") == Look()


def test_a_look_out_of_bounds_is_brought_back(tmp_path: Path) -> None:
    (tmp_path / "look.txt").write_text("dark=no\nscale=9999\nlanguage=xx")
    assert theme.read_look(tmp_path / "look.txt") == Look(scale=200)
