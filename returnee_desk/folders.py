"""Where a desk lives on this PC, and folders that only their owner can read.

On Linux and macOS a folder of ours has mode 0700. On Windows the folders under the user's profile already
belong to that user, the administrators and the system alone, and a mode has no say there; for a desk kept elsewhere
on Windows, who may open the folder must be set by hand (SECURITY.md).
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from platformdirs import PlatformDirs

_PLACES = PlatformDirs(appname="returnee-desk", appauthor=False, roaming=False)


def desk_folder() -> Path:
    """The desk that opens when nobody says which. It may not exist yet."""
    return Path(_PLACES.user_data_dir) / "desk"


def practice_folder() -> Path:
    """Practice desks, apart from the real one. It may not exist yet."""
    return Path(_PLACES.user_data_dir) / "practice"


def log_folder() -> Path:
    """Logs: ids, codes and counts. It may not exist yet."""
    return Path(_PLACES.user_log_dir)


def owner_only(folder: Path) -> Path:
    """Makes the folder, parents too, and closes it to everyone but its owner. Answers the folder.

    Only folders made here, and `folder` itself, get the owner's mode. A `folder` that is a symbolic link is
    refused with `NotADirectoryError`, so that nobody can steer a desk elsewhere.
    """
    if folder.is_symlink():
        raise NotADirectoryError(folder)
    for parent in reversed([folder, *folder.parents]):
        if not parent.exists():
            parent.mkdir(mode=0o700, exist_ok=True)
    if os.name == "posix" and stat.S_IMODE(folder.stat().st_mode) != 0o700:
        folder.chmod(0o700)
    return folder
