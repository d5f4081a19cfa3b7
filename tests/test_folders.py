from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from returnee_desk.folders import desk_folder, log_folder, owner_only, practice_folder

posix = pytest.mark.skipif(os.name != "posix", reason="Windows keeps folders by owner, not by mode")


def mode(folder: Path) -> int:
    return stat.S_IMODE(folder.stat().st_mode)


@posix
def test_a_desk_folder_and_the_parents_made_for_it_are_closed_to_others(tmp_path: Path) -> None:
    made = owner_only(tmp_path / "a" / "b")
    assert made.is_dir()
    assert [mode(tmp_path / "a"), mode(made)] == [0o700, 0o700]


@posix
def test_a_folder_that_was_open_to_others_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "desk"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    assert mode(owner_only(folder)) == 0o700


@posix
def test_parents_that_stood_before_keep_their_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    owner_only(tmp_path / "desk")
    assert mode(tmp_path) == 0o755


@posix
def test_a_link_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "desk").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NotADirectoryError):
        owner_only(tmp_path / "desk")


@posix  # elsewhere the platform's folders do not follow the environment
def test_practice_never_shares_a_folder_with_the_real_desk(own_home: Path) -> None:
    places = {desk_folder(), practice_folder(), log_folder()}
    assert len(places) == 3
    assert all(own_home in place.parents for place in places)
    assert not any(one in other.parents for one in places for other in places)
