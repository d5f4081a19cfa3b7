"""What the world does to us, as data. The sentences people read are in `tell.py`."""

from __future__ import annotations

from typing import Any


class DeskError(Exception):
    """Something outside our code went wrong or was refused.

    `code` is a stable English word (`cli.md` lists those others rely on), `path` names the field it
    is about in the shape of the input (`members[1].birth_date`), `details` carries facts for the
    sentence in `tell.py`. `str(error)` holds the code and the path alone, so that a log or a
    traceback never shows a person's data.
    """

    def __init__(self, code: str, /, *, path: str | None = None, **details: Any) -> None:
        self.code = code
        self.path = path
        self.details = details
        super().__init__(code if path is None else f"{code} at {path}")


class Refused(DeskError):
    """An act, a check or a reader said no. Nothing was changed."""


class Damaged(DeskError):
    """The desk file, a key slot or a copy cannot be read as what it should be. Nothing was changed."""


class Unavailable(DeskError):
    """The world is in the way for now: disk full, stick gone, desk open elsewhere. Trying again may help."""
