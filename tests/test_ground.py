"""What everything stands on: Python with its Qt, the floors, the pinned libraries, and what the wheel carries."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from email.parser import Parser
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import returnee_desk

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCKS = ["requirements.lock", "requirements-dev.lock"]

# Some PySide6 releases drop a reference to True or None at each of these calls on some Pythons, and abort later.
SIGNALS = """
import faulthandler, sys
faulthandler.enable()
from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot
from PySide6.QtWidgets import QApplication, QLabel

class Bell(QObject):
    rung = Signal()
    told = Signal(object)
    right = Signal(bool)
    heard = 0

    @Slot()
    @Slot(object)
    @Slot(bool)
    def hear(self, what=None):
        self.heard += 1

application = QApplication([])
bell, label = Bell(), QLabel()
for signal in (bell.rung, bell.told, bell.right):
    signal.connect(bell.hear)
before = [sys.getrefcount(thing) for thing in (True, False, None)]
for n in range(10_000):
    bell.rung.emit()
    bell.told.emit(None)
    bell.right.emit(n % 2 == 0)
    label.setText(str(n))
    label.setEnabled(True)
    bell.setObjectName("bell")
    QCoreApplication.processEvents()
after = [sys.getrefcount(thing) for thing in (True, False, None)]
lost = [b - a for b, a in zip(before, after)]
assert bell.heard == 30_000, bell.heard
assert max(lost) < 1_000, lost
print("rang", bell.heard)
"""


def test_qt_survives_ten_thousand_signals_and_void_calls_on_this_python() -> None:
    done = subprocess.run([sys.executable, "-c", SIGNALS], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2_000:]
    assert done.stdout.split() == ["rang", "30000"]


def test_this_python_and_its_qt_are_a_pair_we_support() -> None:
    assert (3, 11) <= sys.version_info[:2] <= (3, 14)
    qt = tuple(map(int, version("PySide6-Essentials").split(".")[:2]))
    assert qt >= (6, 10)
    assert sys.version_info >= (3, 12) or qt < (6, 12)


def test_imports_point_downwards_and_only_the_screens_know_qt() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3_000:]


def test_the_installed_version_is_the_one_in_the_code_and_the_changelog() -> None:
    assert version("returnee-desk") == returnee_desk.__version__
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert newest
    assert newest[1] == returnee_desk.__version__


def test_each_resource_folder_is_found_as_a_package_resource() -> None:
    found = {entry.name for entry in files("returnee_desk.resources").iterdir()}
    assert {"lists", "locale", "fonts", "icons"} <= found


# The lock files


def pins(lock: str) -> list[tuple[Requirement, int]]:
    """What a lock file pins, with the number of hashes of each."""
    text = (ROOT / lock).read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(Requirement(line.split(" --hash")[0]), line.count("--hash=sha256:")) for line in lines]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_every_library_by_hash_and_names_no_server(lock: str) -> None:
    assert "://" not in (ROOT / lock).read_text("utf-8")
    for pinned, hashes in pins(lock):
        assert [spec.operator for spec in pinned.specifier] == ["=="]
        assert hashes >= 1


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
@pytest.mark.parametrize("system", ["linux", "win32"])
@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_what_the_project_asks_for(lock: str, system: str, python: str) -> None:
    here = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": system}
    here["implementation_name"] = "cpython"
    pinned: dict[str, str] = {}
    for requirement, _ in pins(lock):
        if requirement.marker is None or requirement.marker.evaluate(here):
            assert requirement.name not in pinned
            pinned[requirement.name] = next(iter(requirement.specifier)).version
    asked = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["build"]]
    if "dev" in lock:
        asked += PROJECT["project"]["optional-dependencies"]["dev"]
    for text in asked:
        wanted = Requirement(text)
        if wanted.marker is None or wanted.marker.evaluate(here):
            assert wanted.specifier.contains(pinned[wanted.name.lower()]), wanted


def test_both_locks_pin_the_same_versions() -> None:
    assert {str(pin) for pin, _ in pins(LOCKS[0])} <= {str(pin) for pin, _ in pins(LOCKS[1])}


# The wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built from a copy so that nothing of the build stays in the tree."""
    copy, out = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("dist")
    leave = shutil.ignore_patterns("__pycache__", "*.pyc")
    for name in ("returnee_desk", "resources"):
        shutil.copytree(ROOT / name, copy / name, ignore=leave)
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, copy / name)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(copy)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3_000:]
    return zipfile.ZipFile(next(out.glob("*.whl")))


def tree(folder: str) -> set[str]:
    found = (path.relative_to(ROOT / folder) for path in (ROOT / folder).rglob("*") if path.is_file())
    return {path.as_posix() for path in found if "__pycache__" not in path.parts}


def test_the_wheel_carries_the_program_and_every_resource_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    carried = {name for name in wheel.namelist() if ".dist-info/" not in name}
    program = {f"returnee_desk/{name}" for name in tree("returnee_desk")}
    resources = {f"returnee_desk/resources/{name}" for name in tree("resources")}
    assert carried == program | resources


def test_the_wheel_says_what_it_is_and_carries_its_licences(wheel: zipfile.ZipFile) -> None:
    info = next(name.split("/")[0] for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    metadata = Parser().parsestr(wheel.read(f"{info}/METADATA").decode("utf-8"))
    assert metadata["License-Expression"] == "Apache-2.0"
    assert set(metadata["Requires-Python"].split(",")) == {">=3.11", "<3.15"}
    licences = {name.removeprefix(f"{info}/licenses/") for name in wheel.namelist() if "/licenses/" in name}
    assert {
        "LICENSE",
        "NOTICE",
        "resources/fonts/LICENSE-DejaVu.txt",
        "resources/icons/LICENSE-Tabler.txt",
        "resources/lists/CREDITS.md",
    } == licences
    entry = wheel.read(f"{info}/entry_points.txt").decode("utf-8")
    assert "returnee-desk = returnee_desk.__main__:main" in entry


# The two commands of the README


@pytest.mark.parametrize("name", ["environment.py", "run.py", "test.py"])
def test_an_older_python_can_read_the_commands_and_so_say_what_is_missing(name: str) -> None:
    ast.parse((ROOT / "installer" / name).read_text("utf-8"), feature_version=(3, 9))


def test_the_readme_names_commands_that_exist() -> None:
    named = re.findall(r"installer/\w+\.py", (ROOT / "README.md").read_text("utf-8"))
    assert {"installer/run.py", "installer/test.py"} <= set(named)
    assert all((ROOT / name).exists() for name in named)


def in_installer(code: str) -> object:
    """Runs code with `environment` imported, in a Python of its own; it prints its answer as JSON."""
    text = f"import json, sys; sys.path.insert(0, {str(ROOT / 'installer')!r}); import environment as e\n{code}"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_a_missing_library_or_program_is_known_by_its_package() -> None:
    code = """
libraries = {"libc.so.6": "libc6", "libnothing-of-ours.so.7": "libnothing"}
programs = {"no-such-program-here": "nosuch"}
print(json.dumps(e.missing_packages(libraries, programs)))"""
    assert in_installer(code) == (["libnothing", "nosuch"] if sys.platform == "linux" else [])


def test_an_environment_is_made_once_and_again_when_its_files_change(tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
e.ROOT = Path({str(tmp_path)!r}); e.STAMP = e.ROOT / "stamp"; e.PYTHON = Path(sys.executable)
for name in ("requirements.lock", "requirements-dev.lock", "pyproject.toml", "setup.py"):
    (e.ROOT / name).write_text("one")
answers = [e.stamp_holds(e.made_from(False))]
e.STAMP.write_text(json.dumps(e.made_from(True)))
answers += [e.stamp_holds(e.made_from(False)), e.stamp_holds(e.made_from(True))]
e.STAMP.write_text(json.dumps(e.made_from(False)))
answers += [e.stamp_holds(e.made_from(False)), e.stamp_holds(e.made_from(True))]
(e.ROOT / "requirements.lock").write_text("two")
answers += [e.stamp_holds(e.made_from(False))]
print(json.dumps(answers))"""
    assert in_installer(code) == [False, True, True, True, False, False]


def test_what_another_python_left_in_the_environment_does_not_reach_ours() -> None:
    foreign = {**os.environ, "PYTHONPATH": "/nowhere", "VIRTUAL_ENV": "/nowhere"}
    text = f"import sys; sys.path.insert(0, {str(ROOT / 'installer')!r}); import environment as e\n"
    text += "print(sorted({'PYTHONPATH', 'VIRTUAL_ENV'} & set(e.clean_environment())))"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True, env=foreign)
    assert done.stdout.strip() == "[]"
