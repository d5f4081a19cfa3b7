"""Makes the folder `.venv` with the program and its libraries, exactly as the lock files say.

Standard library only, and written so that an older Python than ours can still read it and say what is missing.
Nothing is installed twice: a stamp in `.venv` tells what it was made from.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "returnee-desk.json"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

# 3.12 and newer need a third of the disk space (Qt comes in smaller parts there); 3.11 works as well.
VERSIONS = ("3.14", "3.13", "3.12", "3.11")

# What Qt needs of the system, on Debian and Ubuntu: a library that shows whether it is there, and its package.
QT_LIBRARIES = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libfontconfig.so.1": "libfontconfig1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
}
WINDOW_LIBRARIES = {
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
}
# Programs that the tests use as a second opinion.
TEST_PROGRAMS = {
    "age": "age",
    "zbarimg": "zbar-tools",
    "pdftotext": "poppler-utils",
    "Xvfb": "xvfb",
    "xauth": "xauth",
}


class Missing(Exception):
    """Something a person has to install. Its text says what, and how."""


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def prepare(*, tests: bool = False, window: bool = False) -> Path:
    """Makes or completes the environment and answers its Python. Quick when nothing changed.

    The command line alone needs nothing of the system but Python; a window and the tests need what Qt needs.
    """
    libraries = {**QT_LIBRARIES, **WINDOW_LIBRARIES} if tests or window else {}
    made = made_from(tests)
    ready = stamp_holds(made)
    python = [] if ready or runs(PYTHON) else missing_for_python()
    install_system([*missing_packages(libraries, {}), *python])
    if tests:
        try:
            install_system(missing_packages({}, TEST_PROGRAMS))
        except Missing as missing:
            say(f"{missing}\nThe tests that need them will fail and say so.")
    if ready:
        return PYTHON
    if not runs(PYTHON):
        make_venv(find_python())
    fill_venv("requirements-dev.lock" if tests else "requirements.lock")
    STAMP.write_text(json.dumps(made, indent=1), "utf-8")
    return PYTHON


def made_from(tests: bool) -> dict[str, object]:
    """What an environment is made from. Equal means there is nothing to do."""
    digest = hashlib.sha256()
    for name in ("requirements-dev.lock", "requirements.lock", "pyproject.toml", "setup.py"):
        digest.update((ROOT / name).read_bytes())
    return {"folder": str(ROOT), "files": digest.hexdigest(), "tests": tests}


def stamp_holds(made: dict[str, object]) -> bool:
    """True if the environment was made from the same files, in this folder, and has at least what is asked."""
    try:
        before = json.loads(STAMP.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return before in (made, {**made, "tests": True}) and runs(PYTHON)


# Python


def version_of(command: list[str]) -> str | None:
    """`3.12` for a Python that starts, None for one that does not."""
    try:
        ask = "import sys; print('%d.%d' % sys.version_info[:2])"
        answer = subprocess.run([*command, "-c", ask], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


def runs(python: Path) -> bool:
    return python.exists() and version_of([str(python)]) in VERSIONS


def pythons() -> dict[str, list[str]]:
    """The commands of the Pythons that fit, newest first."""
    found: dict[str, list[str]] = {}
    for command in [[sys.executable], *candidates()]:
        version = version_of(command)
        if version in VERSIONS and version not in found:
            found[version] = command
    return {version: found[version] for version in VERSIONS if version in found}


def find_python() -> list[str]:
    """The command of the newest Python that fits and can make environments."""
    for command in pythons().values():
        if has_pip(command):
            return command
    here = ".".join(map(str, sys.version_info[:2]))
    raise Missing(
        f"Python 3.11 to 3.14 is needed; this is Python {here}.\n"
        "  Debian 12, Ubuntu 24.04 or newer: sudo apt-get install python3 python3-venv\n"
        "  Ubuntu 22.04: sudo apt-get install python3.11 python3.11-venv\n"
        "  Windows: winget install Python.Python.3.13, or https://www.python.org/downloads/"
    )


def missing_for_python() -> list[str]:
    """The system's packages without which no environment can be made here. Debian parts Python from its venv."""
    found = pythons()
    if any(has_pip(command) for command in found.values()) or not shutil.which("apt-get"):
        return []
    if may_install() is not None:
        refresh_lists()
    for version in found or VERSIONS:
        packages = [f"python{version}-venv"] if found else [f"python{version}", f"python{version}-venv"]
        if subprocess.run(["apt-cache", "show", *packages], capture_output=True).returncode == 0:
            return packages
    return [f"python{next(iter(found))}-venv"] if found else []


def candidates() -> list[list[str]]:
    """Commands that may start a fitting Python on this system."""
    if os.name == "nt":
        return [["py", f"-{version}"] for version in VERSIONS] if shutil.which("py") else []
    folders = ["", "/usr/bin/", "/usr/local/bin/"]
    return [[f"{folder}python{version}"] for version in VERSIONS for folder in folders]


def has_pip(command: list[str]) -> bool:
    return subprocess.run([*command, "-c", "import ensurepip, venv"], capture_output=True).returncode == 0


def make_venv(python: list[str]) -> None:
    say(f"Making the environment in {VENV} with Python {version_of(python)}.")
    if VENV.exists():
        shutil.rmtree(VENV)
    done = subprocess.run([*python, "-m", "venv", str(VENV)], env=clean_environment())
    if done.returncode != 0:
        raise Missing(f"The environment could not be made with {' '.join(python)}; its own words stand above.")


def fill_venv(lock: str) -> None:
    """Installs exactly what the lock names, wheels only, each checked against its hash; then the program itself."""
    say("Installing the libraries. The first time this takes some minutes and about 300 MB from the network.")
    STAMP.unlink(missing_ok=True)
    pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-deps"]
    pinned = [*pip, "--require-hashes", "--only-binary", ":all:", "--requirement", str(ROOT / lock)]
    ours = [*pip, "--no-build-isolation", "--editable", str(ROOT)]
    watched = sys.stderr.isatty()  # somebody waits: let pip show how far it is
    for command, run in ((pinned, loud if watched else quiet), (ours, quiet)):
        if run(command) != 0:
            raise Missing("The libraries could not be installed; pip's own words stand above. Is there a network?")


def loud(command: list[str]) -> int:
    return subprocess.run(command, cwd=ROOT, env=clean_environment()).returncode


def quiet(command: list[str]) -> int:
    """Runs a command, shows its words only if it fails, and answers how it ended."""
    merged = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "stdin": subprocess.DEVNULL}
    done = subprocess.run(command, cwd=ROOT, env=clean_environment(), text=True, errors="replace", **merged)
    if done.returncode != 0:
        say(done.stdout)
    return done.returncode


def clean_environment() -> dict[str, str]:
    """The environment without what another Python left in it."""
    foreign = {"PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__", "PIP_USER", "PIP_TARGET", "PIP_PREFIX"}
    return {name: value for name, value in os.environ.items() if name not in foreign}


# The system's own packages (Debian and Ubuntu; elsewhere we only say what is missing)


def missing_packages(libraries: dict[str, str], programs: dict[str, str]) -> list[str]:
    """Packages whose library or program is not on this system. Other systems than Linux need none."""
    if not sys.platform.startswith("linux"):
        return []
    missing = [package for library, package in libraries.items() if not loads(library)]
    missing += [package for name, package in programs.items() if shutil.which(name) is None]
    return sorted(set(missing))


def loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def may_install() -> list[str] | None:
    """The words before apt-get that let us install, or None where we may not."""
    if not shutil.which("apt-get"):
        return None
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0:
        return ["sudo", "-n"]
    return None


def install_system(packages: list[str]) -> None:
    """Installs packages of the system, or raises `Missing` saying which ones."""
    if not packages:
        return
    how = f"sudo apt-get install --no-install-recommends {' '.join(packages)}"
    if may_install() is None:
        raise Missing(f"These packages of the system are missing, and installing them is not allowed here:\n  {how}")
    say(f"Installing from the system's packages: {' '.join(packages)}")
    if not apt_install(packages):
        raise Missing(f"The system's packages could not be installed; apt's own words stand above. By hand:\n  {how}")


_fresh = False


def refresh_lists() -> None:
    """`apt-get update`, once a run."""
    global _fresh
    before = may_install()
    if _fresh or before is None:
        return
    quiet([*before, "apt-get", "update", "-q"])
    _fresh = True


def apt_install(packages: list[str]) -> bool:
    before = may_install()
    assert before is not None
    refresh_lists()
    command = [*before, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-q"]
    command += ["--no-install-recommends", *packages]
    return quiet(command) == 0
