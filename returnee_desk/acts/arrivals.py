"""Buses and flights: open, count, mark rows, correct, close."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from returnee_desk.acts.operation import Done, Write
from returnee_desk.acts.view import View
from returnee_desk.acts.writing import edit, require, require_reason
from returnee_desk.errors import Refused
from returnee_desk.records.arrivals import MARKS, Arrival
from returnee_desk.records.dates import read_time
from returnee_desk.records.families import ArrivalAsked
from returnee_desk.records.lists import lists
from returnee_desk.records.names import clean

MOST_ABOARD = 2_000


def arrival_asked(data: dict[str, Any], *, path: str = "arrival") -> ArrivalAsked:
    """A bus or flight as typed: mode, label, from, at, headcount. Refused with the field's path."""
    mode, country = data.get("mode"), data.get("from")
    if mode not in ("land", "air"):
        raise Refused("unknown_code", path=f"{path}.mode")
    if not isinstance(country, str) or country not in lists().countries:
        raise Refused("unknown_code", path=f"{path}.from")
    label = data.get("label")
    if not isinstance(label, str) or not clean(label, path=f"{path}.label"):
        raise Refused("missing", path=f"{path}.label")
    at = data.get("at")
    moment = at if isinstance(at, datetime) and at.tzinfo else read_time(str(at), path=f"{path}.at")
    headcount = _count(data.get("headcount"), f"{path}.headcount")
    return ArrivalAsked(mode=mode, label=clean(label), country=country, at=moment, headcount=headcount)


def _count(value: Any, path: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Refused("wrong_type", path=path)
    if not 0 <= value <= MOST_ABOARD:
        raise Refused("out_of_range", path=path, most=MOST_ABOARD)
    return value


def _others(value: Any, headcount: int) -> int:
    others = _count(value, "arrival.others")
    if others > headcount:
        raise Refused("others_above_headcount", path="arrival.others", headcount=headcount)
    return others


def arrival_told(view: View, arrival_id: str) -> Arrival:
    """The open arrival a family is said to have come with. Refused `unknown_arrival`, `arrival_closed`, with the
    field's path."""
    try:
        arrival = view.arrival(arrival_id)
    except Refused as error:
        raise Refused(error.code, path="arrival", **error.details) from None
    if arrival.state != "open":
        raise Refused("arrival_closed", path="arrival", arrival_id=arrival_id)
    return arrival


def new_arrival(view: View, asked: ArrivalAsked, others: int = 0) -> tuple[str, Write]:
    record = view.new_id()
    values = {
        "mode": asked.mode, "label": asked.label, "country": asked.country,
        "at": asked.at.isoformat(timespec="seconds"), "headcount": asked.headcount, "others": others,
        "place": view.settings.place, "state": "open",
    }  # fmt: skip
    return record, Write("arrival", record, values)


def open_arrival(view: View, data: dict[str, Any]) -> Done:
    """A new bus or flight; the same one twice is told as the first (`repeated`). Answers {arrival_id, repeated}."""
    require(view, "register")
    if view.settings.kind != "post":
        raise Refused("wrong_desk_kind", kind=view.settings.kind)
    asked = arrival_asked(data)
    others = _others(data.get("others", 0), asked.headcount)
    known = view.arrival_like(asked)
    if known:
        if known.headcount != asked.headcount or (data.get("others") is not None and known.others != others):
            raise Refused("arrival_exists", arrival_id=known.id, headcount=known.headcount, others=known.others)
        return Done(act="open_arrival", writes=[], answer={"arrival_id": known.id, "repeated": True})
    record, write = new_arrival(view, asked, others)
    return Done(act="open_arrival", writes=[write], answer={"arrival_id": record, "repeated": False})


def _open(view: View, arrival_id: str) -> Arrival:
    arrival = view.arrival(arrival_id)
    if arrival.state != "open":
        raise Refused("arrival_closed", arrival_id=arrival_id)
    return arrival


def set_arrival(view: View, arrival_id: str, *, others: int) -> Done:
    """How many aboard are without family: one number, no rows, no names."""
    require(view, "register")
    arrival = _open(view, arrival_id)
    others = _others(others, arrival.headcount)
    writes = [] if others == arrival.others else [edit(view, "arrival", arrival_id, others=others)]
    return Done(act="set_arrival", writes=writes, answer={"arrival_id": arrival_id})


def mark_row(
    view: View,
    arrival_id: str,
    number: int,
    *,
    mark: str | None = None,
    state: str | None = None,
    to: str | None = None,
) -> Done:
    """Mark a row (`child_alone`, `ill`, `pregnant`, `afraid`), or account for it: `left`, or `handed` with `to`."""
    require(view, "register")
    arrival = _open(view, arrival_id)
    if not 1 <= number <= arrival.row_count:
        raise Refused("unknown_row", n=number, rows=arrival.row_count)
    if mark is not None and mark not in MARKS:
        raise Refused("unknown_code", path="mark")
    if state is not None and state not in ("counted", "left", "handed"):
        raise Refused("unknown_code", path="state")
    if (state == "handed") != bool(to):
        raise Refused("handed_to_needed" if state == "handed" else "handed_to_unused", path="to")
    if mark is None and state is None:
        raise Refused("missing", path="mark")
    values: dict[str, Any] = {}
    known = next((row for row in arrival.rows if row.number == number), None)
    if mark is not None and (known is None or known.mark != mark):
        values["mark"] = mark
    if state is not None and (known is None or (known.state, known.to) != (state, to)):
        values["state"] = {"state": state, "to": clean(to, path="to") if to else None}
    if not values:
        return Done(act="mark_row", writes=[], answer={"arrival_id": arrival_id})
    if known is None:
        write = Write("row", view.new_id(), {"owner": arrival_id, "number": number, **values})
    else:
        write = edit(view, "row", known.id, **values)
    return Done(act="mark_row", writes=[write], answer={"arrival_id": arrival_id})


def correct_arrival(view: View, arrival_id: str, changes: dict[str, Any], *, reason: str) -> Done:
    """Correct mode, label, from, at, headcount or others of a bus or flight, with a reason."""
    require(view, "register")
    reason = require_reason(reason)
    arrival = view.arrival(arrival_id)
    known = {"mode": arrival.mode, "label": arrival.label, "from": arrival.country, "at": arrival.at.isoformat(),
             "headcount": arrival.headcount, "others": arrival.others}  # fmt: skip
    for field in changes:
        if field not in known:
            raise Refused("unknown_key", path=field)
    wanted = {**known, **changes}
    asked = arrival_asked(wanted)
    others = _others(wanted["others"], asked.headcount)
    values = {
        "mode": asked.mode,
        "label": asked.label,
        "country": asked.country,
        "headcount": asked.headcount,
        "others": others,
    }
    before = {"mode": arrival.mode, "label": arrival.label, "country": arrival.country, "headcount": arrival.headcount,
              "others": arrival.others}  # fmt: skip
    changed: dict[str, Any] = {field: value for field, value in values.items() if value != before[field]}
    if asked.at != arrival.at:
        changed["at"] = asked.at.isoformat(timespec="seconds")
    writes = [edit(view, "arrival", arrival_id, **changed)] if changed else []
    return Done(act="correct_arrival", writes=writes, answer={"arrival_id": arrival_id}, reason=reason)


def close_arrival(view: View, arrival_id: str) -> Done:
    """Only when every row is accounted for: Refused `rows_missing` with their numbers."""
    require(view, "register")
    arrival = view.arrival(arrival_id)
    if arrival.state == "closed":
        return Done(act="close_arrival", writes=[], answer={"arrival_id": arrival_id})
    if arrival.missing_rows:
        raise Refused("rows_missing", missing_rows=list(arrival.missing_rows))
    return Done(act="close_arrival", writes=[edit(view, "arrival", arrival_id, state="closed")],
                answer={"arrival_id": arrival_id})  # fmt: skip
