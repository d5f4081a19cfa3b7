"""The figures of a period: counted from the plain tables, with definitions and cross-sums.

Definitions are SOSEP's (`domain.md` there, `definitions` here): a family unit is a minor child with a mother or
father present; only family units stand in the first part, the other kinds are counted apart. A family counts on
its arrival's local day, a minor is under 18 on that day. What was voided, and people who left, are not counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from returnee_desk.errors import Refused
from returnee_desk.records.dates import LOCAL
from returnee_desk.records.lists import lists
from returnee_desk.words import _

if TYPE_CHECKING:
    from returnee_desk.store.desk import Desk

MODES = ("land", "air")
AGE_BANDS = ((0, 5), (6, 11), (12, 17), (18, 59), (60, None))
UNKNOWN = "unknown"

_BASE = """counted AS MATERIALIZED (
 SELECT f.n, f.id, f.kind, f.mode, substr(f.day, 1, 7) AS month, substr(f.origin, 1, 2) AS origin,
  substr(f.destination, 1, 2) AS destination, f.language, f.country, f.place, f.separated
 FROM family f LEFT JOIN arrival a ON a.id = f.arrival WHERE f.status = 'active' AND {within}),
apart AS MATERIALIZED (
 SELECT unhex(j.value) AS id FROM counted c, json_each(c.separated) j
 WHERE c.kind = 'family_unit' AND c.separated != '[]')"""
_UNITS = """units AS (
 SELECT c.*, p.id AS person, coalesce(p.sex, 'X') AS sex, coalesce(p.minor, 0) AS minor, coalesce(p.role, '') AS role,
  p.age_low, coalesce(p.age_uncertain, 0) AS age_uncertain
 FROM counted c JOIN person p ON p.family = c.id
 WHERE c.kind = 'family_unit' AND p.status = 'active' AND p.id NOT IN (SELECT id FROM apart))"""
_PEOPLE = {
    "persons": "count(*)",
    "men": "sum(NOT minor AND sex = 'M')",
    "women": "sum(NOT minor AND sex = 'F')",
    "sex_unknown": "sum(NOT minor AND sex NOT IN ('F', 'M'))",
    "minors": "sum(minor)",
    "boys": "sum(minor AND sex = 'M')",
    "girls": "sum(minor AND sex = 'F')",
    "minors_sex_unknown": "sum(minor AND sex NOT IN ('F', 'M'))",
    "fathers": "sum(role = 'PADRE')",
    "mothers": "sum(role = 'MADRE')",
    "sons": "sum(role = 'HIJO')",
    "daughters": "sum(role = 'HIJA')",
    "other_members": "sum(role NOT IN ('PADRE', 'MADRE', 'HIJO', 'HIJA'))",
    "age_uncertain": "sum(age_uncertain)",
}
_GROUPS = {
    "by_mode": "mode",
    "by_month": "month",
    "by_department": "origin",
    "by_destination": "destination",
    "by_language": "language",
    "by_country_from": "country",
}


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` to before `end`. `whole_days` says that it is days, so that the index by day serves."""

    start: datetime
    end: datetime
    whole_days: bool

    @property
    def days(self) -> tuple[str, str]:
        """The first and the last local day it touches."""
        last = self.end - timedelta(microseconds=1)
        return self.start.astimezone(LOCAL).date().isoformat(), last.astimezone(LOCAL).date().isoformat()


def read_period(text: str) -> Period:
    """`2026-11-22`, `2026-11`, `2026`, two of them joined by `..` (the last one included), or two times joined by
    `..` (the last one not included; local where they name no zone). Refused `invalid_period`."""
    first, dots, last = text.strip().partition("..")
    try:
        if "T" in first or "T" in last:
            start, end, days = _moment(first), _moment(last), False
        else:
            start, end, days = _span(first)[0], _span(last if dots else first)[1], True
    except (ValueError, OverflowError):
        raise Refused("invalid_period", path="period") from None
    if end <= start:
        raise Refused("invalid_period", path="period")
    return Period(start, end, days)


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if "T" not in text:
        raise ValueError
    return at if at.tzinfo else at.replace(tzinfo=LOCAL)


def _span(text: str) -> tuple[datetime, datetime]:
    """The beginning of a day, month or year, and of the next."""
    parts = text.split("-")
    if (
        [len(part) for part in parts] != [4, 2, 2][: len(parts)]
        or not text.replace("-", "").isascii()
        or not all(map(str.isdecimal, parts))
    ):
        raise ValueError
    year, month, day = (*map(int, parts), *[1, 1][len(parts) - 1 :])
    first = date(year, month, day)
    if len(parts) == 3:
        following = first + timedelta(days=1)
    elif len(parts) == 2:
        following = date(year + month // 12, month % 12 + 1, 1)
    else:
        following = date(year + 1, 1, 1)
    return datetime.combine(first, time(), LOCAL), datetime.combine(following, time(), LOCAL)


def figures(desk: Desk, period: str, *, place: str | None = None) -> dict[str, Any]:
    """The figures of a period as `cli.md` lists them, of one place or of all here. Refused `invalid_period`,
    `unknown_place`: a mistyped place must not read as a place without families."""
    asked = read_period(period)
    if place is not None:
        _known_place(desk, place)
    counting = _Counting(desk, asked, place)
    first = counting.people()
    found: dict[str, Any] = {
        "period": period.strip(),
        "cut_off": desk.clock().astimezone(LOCAL).isoformat(timespec="seconds"),
        "places": counting.places(),
        "missing_places": missing_places(desk, asked, place=place),
        "families": first["families"],
        "arrivals": counting.arrivals(),
        **{name: value for name, value in first.items() if name != "families"},
        **{name: counting.by(name) for name in _GROUPS},
        "by_age_band": counting.by_age_band(),
        "by_service": counting.by_service(),
        "by_need": counting.by_need(),
        **counting.other_kinds(),
        "returned_before": counting.returned_before(),
    }
    found["checks"] = [{"name": name, "holds": holds} for name, holds in checks(found)]
    found["definitions"] = definitions()
    return found


def _known_place(desk: Desk, place: str) -> None:
    """A place of the list, of the key list, or of any arrival here."""
    from returnee_desk.sync.founding import key_list_of

    if place in lists().places or place == desk.settings.place:
        return
    listed = key_list_of(desk)
    if listed is not None and any(one.place == place for one in listed.devices):
        return
    if not desk.db.execute("SELECT EXISTS (SELECT 1 FROM arrival WHERE place = ?)", (place,)).fetchone()[0]:
        raise Refused("unknown_place", path="place", expected="list")


class _Counting:
    """The questions of one report, over the families of one period."""

    def __init__(self, desk: Desk, period: Period, place: str | None) -> None:
        self._run = desk.db.conn.execute
        self._desk = desk
        self._place = place
        first, last = period.days
        self._values: dict[str, Any] = {"first": first, "last": last, "place": place}
        self._within = "f.day BETWEEN :first AND :last AND (:place IS NULL OR f.place = :place)"
        self._arrived = "a.day BETWEEN :first AND :last AND (:place IS NULL OR a.place = :place)"
        if not period.whole_days:
            self._values |= {"start": _seconds(period.start), "end": _seconds(period.end)}
            inside = " AND unixepoch(a.at) >= :start AND unixepoch(a.at) < :end"
            self._within += inside
            self._arrived += inside

    def _ask(self, question: str) -> list[Any]:
        rows: list[Any] = self._run(
            f"WITH {_BASE.format(within=self._within)}, {_UNITS} {question}", self._values
        ).fetchall()
        return rows

    def people(self) -> dict[str, int]:
        """Families and people of the first part."""
        (row,) = self._ask(f"SELECT {_sums()} FROM units")
        (families,) = self._ask("SELECT count(*) FROM counted WHERE kind = 'family_unit'")
        return {"families": families[0], **_named(row)}

    def by(self, name: str) -> dict[str, dict[str, int]]:
        """The same, for each value of a column. By mode, both modes are always there."""
        column = _GROUPS[name]
        found: dict[str, dict[str, int]] = {}
        if name == "by_mode":
            found = {mode: {"families": 0, **dict.fromkeys(_PEOPLE, 0)} for mode in MODES}
        for value, families in self._ask(
            f"SELECT {column}, count(*) FROM counted WHERE kind = 'family_unit' GROUP BY 1 ORDER BY 1"
        ):
            found[value or UNKNOWN] = {"families": families, **dict.fromkeys(_PEOPLE, 0)}
        for value, *sums in self._ask(f"SELECT {column}, {_sums()} FROM units GROUP BY 1 ORDER BY 1"):
            found.setdefault(value or UNKNOWN, {"families": 0}).update(_named(sums))
        return found

    def by_age_band(self) -> dict[str, int]:
        """Persons by age on the day of arrival; the youngest age where a birth date leaves it open."""
        cases = " ".join(
            f"WHEN age_low <= {high} THEN '{low}-{high}'" if high is not None else f"ELSE '{low}+'"
            for low, high in AGE_BANDS
        )
        rows = self._ask(
            f"SELECT CASE WHEN age_low IS NULL THEN '{UNKNOWN}' {cases} END, count(*) FROM units GROUP BY 1"
        )
        found = {f"{low}-{high}" if high is not None else f"{low}+": 0 for low, high in AGE_BANDS} | {UNKNOWN: 0}
        return found | dict(rows)

    def by_service(self) -> dict[str, int]:
        """Quantities given and not taken back, in the families of the first part."""
        return dict(
            self._ask(
                "SELECT s.code, sum(s.quantity) FROM counted c JOIN service s ON s.family = c.id"
                " WHERE c.kind = 'family_unit' AND s.undone = 0 GROUP BY 1 ORDER BY 1"
            )
        )

    def by_need(self) -> dict[str, int]:
        """Persons of the first part with each need."""
        return dict(
            self._ask(
                "SELECT d.code, count(DISTINCT u.person) FROM units u JOIN need d ON d.person = u.person"
                " WHERE d.state = 'active' GROUP BY 1 ORDER BY 1"
            )
        )

    def other_kinds(self) -> dict[str, int]:
        """The kinds counted apart, in cases and in people."""
        kinds = {
            kind: (families, persons, minors)
            for kind, families, persons, minors in self._ask(
                "SELECT c.kind, count(DISTINCT c.id), count(*), sum(p.minor) FROM counted c"
                " JOIN person p ON p.family = c.id WHERE c.kind != 'family_unit' AND p.status = 'active' GROUP BY 1"
            )
        }
        nobody = (0, 0, 0)
        (separated,) = self._ask(
            "SELECT count(*) FROM apart JOIN person p ON p.id = apart.id WHERE p.status = 'active'"
        )[0]
        alone, guarded, grown = (kinds.get(k, nobody) for k in ("child_without_parent", "guardian_unit", "adults_only"))
        return {
            "guardian_units": guarded[0],
            "guardian_unit_persons": guarded[1],
            "child_without_parent": alone[0] + separated,
            "children_without_parent": alone[2] + separated,
            "separated_children": separated,
            "adults_only": grown[0],
            "adults_only_persons": grown[1],
        }

    def arrivals(self) -> int:
        row = self._run(f"SELECT count(*) FROM arrival a WHERE {self._arrived}", self._values).fetchone()
        return int(row[0])

    def places(self) -> list[str]:
        """The places whose records are here for the period; a post always stands for itself."""
        rows = self._run(f"SELECT DISTINCT a.place FROM arrival a WHERE {self._arrived}", self._values).fetchall()
        found = {row[0] for row in rows if row[0]}
        own = self._desk.settings
        if own.kind == "post" and self._place in (None, own.place):
            found.add(own.place)
        return sorted(found)

    def returned_before(self) -> int:
        """Persons of the first part who are the same person as one of an earlier arrival."""
        links = self._run("SELECT a, b FROM link WHERE kind = 'same' AND state = 'active'").fetchall()
        if not links:
            return 0
        group = _components(links)
        arrived: dict[bytes, int] = {}
        for person, at in self._run(
            "SELECT p.id, unixepoch(a.at) FROM person p JOIN family f ON f.id = p.family"
            " JOIN arrival a ON a.id = f.arrival"
            " WHERE p.id IN (SELECT a FROM link WHERE kind = 'same' AND state = 'active'"
            "  UNION SELECT b FROM link WHERE kind = 'same' AND state = 'active')"
            " AND p.status != 'void' AND f.status = 'active'"
        ):
            arrived[person] = at
        first: dict[bytes, int] = {}
        for person, at in arrived.items():
            root = group[person]
            if root not in first or at < first[root]:
                first[root] = at
        counted = {row[0] for row in self._ask("SELECT person FROM units")}
        return sum(1 for person, at in arrived.items() if person in counted and first[group[person]] < at)


def _sums() -> str:
    return ", ".join(f"coalesce({sum_}, 0)" for sum_ in _PEOPLE.values())


def _named(row: Iterable[int]) -> dict[str, int]:
    return dict(zip(_PEOPLE, row, strict=True))


def _seconds(at: datetime) -> int:
    return int(at.astimezone(UTC).timestamp())


def _components(links: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Each linked record with the representative of its group."""
    parent: dict[bytes, bytes] = {}

    def root(one: bytes) -> bytes:
        parent.setdefault(one, one)
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for a, b in links:
        parent[root(a)] = root(b)
    return {one: root(one) for one in parent}


def checks(found: Mapping[str, Any]) -> list[tuple[str, bool]]:
    """The cross-sums, by name. Each is worked out from figures that were counted on their own."""

    def total(name: str, figure: str) -> int:
        return sum(int(group[figure]) for group in found[name].values())

    sums = [
        ("men+women+sex_unknown+minors=persons", ("men", "women", "sex_unknown", "minors"), "persons"),
        ("boys+girls+minors_sex_unknown=minors", ("boys", "girls", "minors_sex_unknown"), "minors"),
        (
            "fathers+mothers+sons+daughters+other_members=persons",
            ("fathers", "mothers", "sons", "daughters", "other_members"),
            "persons",
        ),
    ]
    done = [(name, sum(found[part] for part in parts) == found[whole]) for name, parts, whole in sums]
    for group in _GROUPS:
        for figure in ("families", "persons", "minors"):
            done.append((f"sum({group}.{figure})={figure}", total(group, figure) == found[figure]))
    done.append(("sum(by_age_band)=persons", sum(found["by_age_band"].values()) == found["persons"]))
    done.append(("persons>=2*families", found["persons"] >= 2 * found["families"]))
    done.append(("minors>=families", found["minors"] >= found["families"]))
    return done


def missing_places(desk: Desk, period: Period, *, place: str | None = None) -> list[str]:
    """At an office: enrolled posts of which some desk sent nothing that covers the period.

    A desk covers it with a bundle made after its end; while the period still runs, with one made today.
    """
    from returnee_desk.sync.founding import key_list_of

    if desk.settings.kind != "office":
        return []
    listed = key_list_of(desk)
    if listed is None:
        return []
    now = desk.clock().astimezone(LOCAL)
    needed = min(period.end, now.replace(hour=0, minute=0, second=0, microsecond=0))
    missing = {
        one.place
        for one in listed.devices
        if one.kind == "post" and one.active and not ((sent := last_sent(desk, one.device)) and sent >= needed)
    }
    return sorted(one for one in missing if place in (None, one))


def last_sent(desk: Desk, device: str) -> datetime | None:
    """When a desk made the newest of its bundles that came in here, by the earlier of the two clocks; None if none."""
    told = desk.local(f"desk:{device}")
    if told is None:
        return None
    return datetime.fromisoformat(told["at"]) + timedelta(seconds=min(0, told.get("offset") or 0))


def definitions() -> dict[str, str]:
    """What each figure counts, in the language in force."""
    return {
        "families": _("Familias: una niña, niño o adolescente con su madre, su padre o ambos."),
        "persons": _("Integrantes activos de esas familias; no cuentan quienes van aparte."),
        "men": _("Hombres de 18 años o más el día de su llegada."),
        "women": _("Mujeres de 18 años o más el día de su llegada."),
        "minors": _("Menores de 18 años el día de su llegada; también donde la fecha de nacimiento lo deja en duda."),
        "fathers": _("Integrantes con el parentesco de padre, de cualquier edad."),
        "mothers": _("Integrantes con el parentesco de madre, de cualquier edad."),
        "sons": _("Integrantes con el parentesco de hijo, de cualquier edad."),
        "daughters": _("Integrantes con el parentesco de hija, de cualquier edad."),
        "age_uncertain": _("Personas cuya fecha de nacimiento no dice si tenían 18 años."),
        "day": _("Cada familia cuenta en el día de su llegada, hora de Guatemala (UTC−6)."),
        "arrivals": _("Buses y vuelos que llegaron en el período."),
        "by_department": _("Por departamento de origen, según el código del INE."),
        "by_destination": _("Por departamento de destino, según el código del INE."),
        "by_age_band": _("Por edad cumplida el día de llegada; donde hay duda, la menor."),
        "by_service": _("Cantidades entregadas y no deshechas a esas familias."),
        "by_need": _("Personas con cada necesidad."),
        "guardian_units": _("Casos aparte: niñas, niños o adolescentes con tutor o tutora legal, sin madre ni padre."),
        "child_without_parent": _(
            "Casos aparte: niñas, niños o adolescentes sin madre, padre, tutor ni tutora (hermanas y hermanos juntos"
            " son un caso), y cada persona menor de edad que venía con una familia que no es la suya. Corresponden a"
            " PGN y SBS."
        ),
        "children_without_parent": _("Las niñas, niños y adolescentes de esos casos."),
        "adults_only": _("Casos aparte: grupos de personas adultas."),
        "returned_before": _("Integrantes reconocidos como la misma persona de una llegada anterior."),
        "missing_places": _("Puestos de los que falta lo de este período."),
        "cut_off": _("Hora a la que se contó."),
    }
