"""A bus or a flight and the rows of people aboard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from returnee_desk.records.dates import local_day

MARKS = ("child_alone", "ill", "pregnant", "afraid")
ROW_STATES = ("counted", "left", "handed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the arrival sheet: someone in a family, or a child alone.

    `state`: `counted` (aboard, not yet dealt with), `left` without registering, `handed` to another
    body (`to`). Registered people take rows by count, not by name.
    """

    number: int
    mark: str | None = None
    state: str = "counted"
    to: str | None = None
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A bus or flight at one post. `headcount = others + rows`; rows are for families and lone children."""

    mode: str
    label: str
    country: str
    at: datetime
    headcount: int
    others: int = 0
    place: str = ""
    state: str = "open"
    id: str = ""
    rows: tuple[Row, ...] = ()
    registered: int = 0
    """How many active members of families are registered on this arrival."""
    served: int = 0
    """How many of those families have at least one service given and not undone."""
    families: int = 0

    @property
    def day(self) -> date:
        """The local day of the arrival: ages, limits and figures count on it."""
        return local_day(self.at)

    @property
    def row_count(self) -> int:
        return max(0, self.headcount - self.others)

    @property
    def missing_rows(self) -> tuple[int, ...]:
        """Numbers of the rows nobody has accounted for. Empty means the arrival may be closed.

        Rows that left or were handed over are accounted for by themselves; of the rest, registered
        people fill the lowest numbers.
        """
        settled = {row.number for row in self.rows if row.state in ("left", "handed")}
        unsettled = [n for n in range(1, self.row_count + 1) if n not in settled]
        return tuple(unsettled[self.registered :])
