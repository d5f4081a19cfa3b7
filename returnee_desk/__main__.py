"""Starts the program: the window when nothing but its options stands there, else the command line."""

from __future__ import annotations

import os
import sys
from pathlib import Path

WINDOW_OPTIONS = ("--desk", "--lang", "--user", "--passphrase-file")


def window_options(words: list[str]) -> dict[str, str] | None:
    """The options of the window, by name; None when the words are for the command line (a command, `--help`, `--json`,
    an option without its value)."""
    options: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        name, sign, value = word.partition("=")
        given = value if sign else next(rest, None)
        if name not in WINDOW_OPTIONS or given is None:
            return None
        options[name] = given
    return options


def has_screen() -> bool:
    """Whether a window can be shown. On Linux a display must be named; elsewhere there is one."""
    if not sys.platform.startswith("linux"):
        return True
    named = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or os.environ.get("QT_QPA_PLATFORM")
    return bool(named)


def open_window(options: dict[str, str]) -> int:
    from returnee_desk import app
    from returnee_desk.folders import desk_folder

    passphrase = None
    if "--passphrase-file" in options:
        from returnee_desk.cli.frame import read_passphrase

        passphrase = read_passphrase(Path(options["--passphrase-file"]))
    folder = Path(options["--desk"]) if "--desk" in options else desk_folder()
    passphrase = passphrase or os.environ.get("RETURNEE_DESK_PASSPHRASE") or None
    return app.run(folder, user=options.get("--user"), passphrase=passphrase, lang=options.get("--lang"))


def main() -> int:
    options = window_options(sys.argv[1:])
    if options is None or options.get("--lang", "es") not in ("es", "en"):
        from returnee_desk import cli

        return cli.main()
    if not has_screen():
        from returnee_desk import cli

        return cli.no_screen(options.get("--lang", "es"))
    return open_window(options)


if __name__ == "__main__":
    raise SystemExit(main())
