"""Starts Returnee Desk with a practice desk: `python3 installer/run.py`.

Makes the environment first (see environment.py). Where there is no screen, or with `--text`, the same day is walked
through on the command line instead: a bus, a family, services, papers, a stick to the office, and the figures.
Everything it makes lies in the folder `practice` beside this README; the families are invented.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

from environment import ROOT, Missing, clean_environment, prepare, say

PASSPHRASE = "practica"  # noqa: S105 - every practice desk has it, and real desks refuse what practice desks write
LOCAL = timezone(timedelta(hours=-6))  # Guatemala


def main() -> int:
    words = argparse.ArgumentParser(prog="installer/run.py", description="Returnee Desk with a practice desk.")
    words.add_argument("--text", action="store_true", help="walk through the day on the command line")
    words.add_argument(
        "--folder", type=Path, default=ROOT / "practice", help="where practice lives (default: practice)"
    )
    asked = words.parse_args()
    sys.stdout.reconfigure(errors="replace")  # a console that lacks a letter shows a mark for it
    text = asked.text or not has_screen()
    try:
        python = prepare(window=not text)
        return walk(python, asked.folder.resolve()) if text else window(python, asked.folder.resolve())
    except Missing as missing:
        say(str(missing))
        return 1
    except subprocess.CalledProcessError as failed:
        say(f"That step ended with {failed.returncode}.")
        return 1


def has_screen() -> bool:
    if sys.platform.startswith("linux"):
        return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return True


def window(python: Path, folder: Path) -> int:
    """The program itself on the practice desk, which is made the first time and kept."""
    desk = folder / "window" / "post"
    if not (desk / "desk.db").exists():
        subprocess.run([str(python), "-m", "returnee_desk", "demo", str(desk.parent)], env=ours(), check=True)
    say(f"The passphrase of the practice desk is: {PASSPHRASE}")
    return subprocess.run([str(python), "-m", "returnee_desk", "--desk", str(desk)], env=clean_environment()).returncode


def ours() -> dict[str, str]:
    return {**clean_environment(), "RETURNEE_DESK_PASSPHRASE": PASSPHRASE, "PYTHONUTF8": "1"}


class Desk:
    """A desk spoken to as any script would: the command line, answers in JSON."""

    def __init__(self, python: Path, folder: Path) -> None:
        self.python = python
        self.folder = folder

    def __call__(self, *words: object, given: object = None) -> dict[str, object]:
        shown = " ".join(str(word) for word in words)
        print(f"\n$ returnee-desk --desk {self.folder} {shown}", flush=True)
        command = [str(self.python), "-m", "returnee_desk", "--desk", str(self.folder), "--json", *map(str, words)]
        stdin = None if given is None else json.dumps(given, ensure_ascii=False)
        done = subprocess.run(command, input=stdin, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=ours())
        answer = json.loads(done.stdout) if done.stdout.strip() else {}
        if done.returncode != 0:
            print(json.dumps(answer, ensure_ascii=False, indent=1))
            raise subprocess.CalledProcessError(done.returncode, command)
        return answer


def walk(python: Path, folder: Path) -> int:
    """From the bus to the figures, in text. Leaves the papers and the stick in a new folder and names it."""
    now = datetime.now(LOCAL).replace(microsecond=0)
    day = folder / f"text-{now:%Y%m%d-%H%M%S}"
    say("No screen here: the same day on the command line. The families are invented.")
    subprocess.run([str(python), "-m", "returnee_desk", "demo", str(day)], env=ours(), check=True)
    papers, stick = day / "papers", day / "stick"
    papers.mkdir(parents=True)
    stick.mkdir()
    post, office = Desk(python, day / "post"), Desk(python, day / "office")

    aboard = ("--headcount", 36, "--others", 34)
    bus = post(
        "arrival", "add", "--mode", "land", "--label", "Bus 3", "--from", "MEX", "--at", now.isoformat(), *aboard
    )
    show(bus, "arrival_id")
    saved = post("register", "-", given=family(bus["arrival_id"]))
    code = saved["families"][0]["code"]  # type: ignore[index]
    show(saved, "families")
    show(post("deliver", code, "ALIM", "--person", 2), "slip")
    show(post("slip", code, "-o", papers / "slip-80mm.pdf", "--paper", "80mm"), "pages")
    show(post("slip", code, "-o", papers / "slip-letter.pdf", "--paper", "letter"), "pages")
    show(post("sheet", code, "-o", papers / "sheet.pdf"), "pages")
    show(post("arrival", "close", bus["arrival_id"]), "missing_rows")
    show(post("export", stick), "operations", "families")
    show(office("import", stick), "bundles", "refused")
    show(post("import", stick), "bundles", "refused")
    show(post("status"), "own", "safe", "unsent")
    figures = office("report", now.date())["figures"]
    show(figures, "families", "persons", "men", "women", "minors")

    print(f"\nPapers:  {papers}\nStick:   {stick}")
    print(f"Desks:   {day / 'post'} and {day / 'office'} (passphrase {PASSPHRASE})")
    return 0


def show(answer: object, *names: str) -> None:
    if isinstance(answer, dict):
        print(
            "\n".join(f"  {name}: {json.dumps(answer[name], ensure_ascii=False)}" for name in names if name in answer)
        )


def family(arrival: object) -> dict[str, object]:
    """A mother with her son; both are invented."""
    return {
        "arrival": arrival,
        "destination": {"municipality": "1217", "place": "Aldea La Independencia"},
        "phone": "5551 2345",
        "language": "mam",
        "spanish": "some",
        "interpreter": False,
        "consent": {"asked_in": "spa", "how": "read aloud", "register": True, "share": False},
        "members": [
            {
                "given_names": "María Elena",
                "surnames": "Xiloj Tzul",
                "sex": "F",
                "birth_date": "1994-05-02",
                "role": "MADRE",
                "nationality": "GTM",
                "documents": [],
                "needs": ["LACT"],
            },
            {"given_names": "José", "surnames": "Xiloj", "sex": "M", "age": 4, "role": "HIJO"},
        ],
        "services": ["KIT_HIG", "LLAM_NAC"],
    }


if __name__ == "__main__":
    raise SystemExit(main())
