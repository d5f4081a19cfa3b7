"""What every test relies on: no screen, no folder of the person who runs it, no language left from another test."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from returnee_desk.words import language, set_language

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before Qt is imported; a test that needs a screen starts its own Xvfb
for name in ("RETURNEE_DESK_PASSPHRASE", "RETURNEE_DESK_FOLDER", "LANGUAGE"):
    os.environ.pop(name, None)

settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile("nightly", settings.get_profile("here"), max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "here"))


@pytest.fixture(autouse=True)
def spanish() -> Iterator[None]:
    """Each test begins in Spanish, whatever the one before it chose."""
    yield
    if language() != "es":
        set_language("es")


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The platform's folders (data, settings, logs) lie in a temporary one: a test never meets a real desk."""
    home = tmp_path_factory.getbasetemp() / "home"
    home.mkdir(exist_ok=True)
    names = ["HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"]
    for name in [*names, "LOCALAPPDATA", "APPDATA", "USERPROFILE"]:
        monkeypatch.setenv(name, str(home if name in ("HOME", "USERPROFILE") else home / name.lower()))
    return home


@pytest.fixture(scope="session")
def program() -> Callable[[str], str]:
    """`program("age")`: the path of a program the tests use as an independent check.

    On Linux a missing one fails the test and says what to install; elsewhere the test is skipped.
    """
    packages = {"pdftotext": "poppler-utils", "pdftoppm": "poppler-utils", "pdfinfo": "poppler-utils"}
    packages |= {"zbarimg": "zbar-tools", "Xvfb": "xvfb", "age": "age"}

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is None and sys.platform != "linux":
            pytest.skip(f"{name} is not here")
        assert path is not None, f"{name} is missing: sudo apt-get install {packages.get(name, name)}"
        return path

    return find
