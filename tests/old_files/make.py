"""Leaves a desk file of this program in this folder, to be opened by every later one:

    python -m tests.old_files.make NAME

NAME is the release (`0.1`). A practice post with invented families: every act once, two answers to one question,
something an even newer program wrote, an erased person, a draft. Beside the file stands what it showed when it
was made (`shown.json`). A name once used is never made again: that file is what people have on their PCs.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from returnee_desk import acts
from returnee_desk.records.form import family_json
from returnee_desk.records.kinds import kind_of_family
from returnee_desk.store.desk import Desk
from tests.making import BUS, Clock, make_child, make_desk, make_family, make_member, open_bus, receive, register
from tests.store.history import craft, erase

FOLDER = Path(__file__).parent
KEPT = ("desk.db", "desk.slots", "desk.slots.copy", "desk.mark")


def shown(desk: Desk) -> dict[str, Any]:
    """What a desk shows of its families and arrivals, and its digests."""
    families = {}
    for line in desk.families():
        family = desk.family_by_id(line.id)
        families[line.id] = family_json(family, kind_of_family(family.members, family.arrival.day))
    return {
        "families": families,
        "arrivals": {one.id: [one.label, one.day.isoformat(), one.headcount, one.others, one.state, one.registered,
                              list(one.missing_rows)] for one in desk.arrivals()},
        "staff": sorted([one.name, one.role, one.active] for one in desk.staff()),
        "found": sorted([hit.code, hit.n, hit.name] for hit in desk.find("Xiloj")),
        "status": desk.status(),
        "history_digest": desk.history_digest(),
        "content_digest": desk.content_digest(),
        "drafts": [draft.data for draft in desk.drafts()],
    }  # fmt: skip


def work(desk: Desk) -> None:
    """A small day: every act at least once."""
    clock = desk.clock
    assert isinstance(clock, Clock)
    bus = open_bus(desk, others=20)
    flight = open_bus(desk, mode="air", label="GUA 1", **{"from": "USA"}, at="2026-11-23T05:59Z", headcount=3)
    desk.do(acts.mark_row, bus, 3, mark="pregnant")
    desk.do(acts.mark_row, bus, 4, state="handed", to="PGN")
    cui = {"kind": "CUI", "number": "2345 67899 1217"}
    whole = register(
        desk, arrival=bus, key="hoja 1", phone="5551 2345", language="mam", spanish="some", interpreter=True,
        notes=["Llegaron de noche."], services=["KIT_HIG", "VIVERES"],
        members=[make_member(documents=[cui], needs=["LACT"], married_surname="Pérez"), make_child(), make_child(1)],
    )["code"]  # fmt: skip
    silent = register(desk, arrival=bus, consent={"register": False})["code"]
    dates = [make_member(birth_date="1980~", age=None), make_child(birth_date="2010-05"), make_child(age_months=3)]
    alone = register(desk, arrival=flight, members=dates)["code"]
    clock.move(hours=1)
    desk.do(acts.correct_family, whole, {"given_names": "Rosa", "birth_date": "1994-05-02"}, person=1, reason="DPI")
    desk.do(acts.correct_family, whole, {"destination": {"municipality": "1215", "place": "Aldea"}}, reason="se mudan")
    desk.do(acts.add_member, whole, make_child(2))
    desk.do(acts.split_family, whole, [3])
    desk.do(acts.move_member, whole, 4, silent)
    desk.do(acts.remove_member, alone, 3, reason="se fue", how="left")
    desk.do(acts.undo, desk.do(acts.deliver, alone, "ALIM", person=1)["service_id"])
    desk.do(acts.note, alone, "Tiene fiebre", person=2)
    desk.do(acts.same, f"{whole}#1", f"{alone}#1")
    desk.do(acts.distinct, f"{whole}#2", f"{alone}#2")
    desk.do(acts.unlink, f"{whole}#1", f"{alone}#1")
    desk.do(acts.consent, alone, {"register": True, "share": True, "how": "read aloud"})
    desk.do(acts.void, register(desk, arrival=bus)["code"], reason="dos veces")
    desk.do(acts.correct_arrival, bus, {"label": "Bus 2"}, reason="era el dos")
    desk.do(acts.set_arrival, flight, others=0)
    desk.do(acts.close_arrival, flight) if not desk.arrival(flight).missing_rows else None
    desk.do(acts.add_user, "Beto", role="clerk")
    desk.do(acts.remove_user, "Beto")
    family = desk.family(whole)
    receive(
        desk, craft(["family", family.id, {"language": "quc", "roof": "lámina"}]),
        craft(["assessment", "a" * 32, {"owner": family.id, "score": 7}], act="assess"),
    )  # fmt: skip
    erased = register(desk, arrival=bus, members=[make_member("Olvidada"), make_child(4)])["code"]
    erase(desk, desk.family(erased).members[0].id)
    desk.save_draft("d" * 32, make_family(arrival=BUS))


def main(name: str) -> None:
    target = FOLDER / name
    if target.exists():
        sys.exit(f"{name} is there: what people have is never made again")
    with tempfile.TemporaryDirectory() as folder:
        desk = make_desk(Path(folder) / "desk")
        work(desk)
        assert desk.check() == []
        told = json.dumps(shown(desk), ensure_ascii=False, indent=1, sort_keys=True)
        desk.db.conn.execute("VACUUM")
        desk.close()
        target.mkdir()
        for file in KEPT:
            shutil.copy(Path(folder) / "desk" / file, target)
    (target / "shown.json").write_text(told + "\n", encoding="utf-8")
    print(f"{target}: {sum(file.stat().st_size for file in target.iterdir())} bytes")


if __name__ == "__main__":
    main(sys.argv[1])
