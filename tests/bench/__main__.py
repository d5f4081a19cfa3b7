"""`python -m tests.bench NAME [--quick]`: measures one path against its floor in turn, and prints JSON.

Every module of this folder with a `run(quick: bool) -> dict` is a bench by its name; `all` runs each.
"""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import platform
import sys

import tests.bench

MODULES = {
    module.name.rstrip("_"): module.name  # `import` is no name for a module
    for module in pkgutil.iter_modules(tests.bench.__path__)
    if not module.name.startswith("_")
}
NAMES = sorted(MODULES)


def main() -> int:
    words = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    words.add_argument("name", choices=[*NAMES, "all"])
    words.add_argument("--quick", action="store_true", help="few rounds and few people")
    asked = words.parse_args()
    measured = {}
    for name in NAMES if asked.name == "all" else [asked.name]:
        measured[name] = importlib.import_module(f"tests.bench.{MODULES[name]}").run(asked.quick)
    about = {"python": platform.python_version(), "system": platform.system(), "quick": asked.quick}
    told = {"benches": measured} if asked.name == "all" else {"bench": asked.name, **measured[asked.name]}
    json.dump({**about, **told}, sys.stdout, ensure_ascii=False, indent=1)
    print()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
