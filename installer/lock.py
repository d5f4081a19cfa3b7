"""Writes the two lock files anew: `python -m pip install uv`, then `python installer/lock.py [--upgrade]`.

`requirements.lock` holds what the program needs, `requirements-dev.lock` that and what its tests need. Each name
carries the hashes of every wheel, for Python 3.11 to 3.14 on Linux and Windows, and plain pip reads both.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OURS = "platform_python_implementation == 'CPython' and (sys_platform == 'linux' or sys_platform == 'win32')"


def compile_lock(name: str, *more: str) -> None:
    command = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "--group", "build", *more]
    command += [
        "--universal",
        "--python-version",
        "3.11",
        "--generate-hashes",
        "--no-annotate",
        "--no-header",
        "--quiet",
    ]
    command += ["--default-index", "https://pypi.org/simple", "--no-emit-index-url", "--no-sources"]
    subprocess.run([*command, "--output-file", name], cwd=ROOT, check=True)
    path = ROOT / name
    path.write_text(f"# Made by installer/lock.py.\n{plain(path.read_text('utf-8'))}", "utf-8", newline="\n")


def plain(text: str) -> str:
    """Without the condition that holds for everyone we make the lock for."""
    text = text.replace(f" and {OURS}", "").replace(f" ; {OURS}", "")
    return re.sub(r" ; implementation_name != 'PyPy'", "", text)


if __name__ == "__main__":
    compile_lock("requirements.lock", *sys.argv[1:])
    compile_lock("requirements-dev.lock", "--extra", "dev", "--constraint", "requirements.lock", *sys.argv[1:])
