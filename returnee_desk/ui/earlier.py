"""Likely earlier records, at the side while one types: looked at or answered later, never in the way."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QTimer, Signal

from returnee_desk.errors import Refused
from returnee_desk.ui.grid import FamilyGrid
from returnee_desk.ui.parts import Button, Card, Elided, Label, column, day_text, empty, row, sign
from returnee_desk.ui.work import Work
from returnee_desk.words import _

PAUSE = 350
"""Milliseconds of rest after a key before anything is searched for."""
SHOWN = 3

Answer = list[Any]
"""Line of the grid from 0, `CODE#N` of the earlier record, `same` or `distinct`."""


class EarlierCard(Card):
    """Offers at most a few records. `prefill` carries what the earlier record can fill in."""

    prefill = Signal(int, object, object)
    answered = Signal()
    waiting = Signal(int)

    def __init__(self, work: Work) -> None:
        super().__init__()
        self.work = work
        self.setObjectName("family.earlier")
        self._found: list[tuple[int, Any]] = []
        self._answers: list[Answer] = []
        self._question: object = None
        self._asked: tuple[Any, ...] = ()
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(PAUSE)
        self._rest.timeout.connect(self._ask)
        self._title = Label(_("Posibles registros anteriores"), "strong", wrap=True)
        self._none = Label(_("Ninguno hasta ahora."), tone="muted", wrap=True)
        self._detail = Label("", "caption", wrap=True)
        self._detail.hide()
        self._buttons = [
            Button("family.look", self.look, quiet=True),
            Button("family.same", self.same, quiet=True),
            Button("family.distinct", self.distinct, quiet=True),
        ]
        self.inside.addWidget(self._title)
        self.inside.addWidget(self._none)
        self._first, self._list = column(spacing=4), column(spacing=4)
        self.inside.addLayout(self._first)
        for button in self._buttons:
            self.inside.addLayout(row(button, None))
        self.inside.addWidget(self._detail)
        self.inside.addLayout(self._list)
        self._show()

    def begin(self, answers: list[Answer]) -> None:
        """For another family: forget what was found; keep the answers given so far."""
        self._answers = [list(answer) for answer in answers]
        self._found = []
        self._asked = ()
        self._question = None
        self._rest.stop()
        self._show()

    def answers(self) -> list[Answer]:
        return [list(answer) for answer in self._answers]

    # -- searching ---------------------------------------------------------------------------------------------------

    def consider(self, grid: FamilyGrid, municipality: str | None, phone: str) -> None:
        """Search once typing rests. Only whole lines are searched for."""
        self._grid, self._municipality, self._phone = grid, municipality, phone
        self._rest.start()

    def _ask(self) -> None:
        from returnee_desk.records.form import read_member
        from returnee_desk.records.identity import check_phone

        people, lines = [], []
        for at, line in enumerate(self._grid.lines):
            if line.is_empty:
                continue
            try:
                people.append(read_member(line.member(self._grid.day), day=self._grid.day, path=""))
                lines.append(at)
            except Refused:
                continue
        try:
            phone = check_phone(self._phone) if self._phone.strip() else None
        except Refused:
            phone = None
        asked = (tuple(people), self._municipality, phone)
        if not people or asked == self._asked:
            return
        self._asked = asked
        question = self._question = object()
        municipality = self._municipality

        def search(desk: Any) -> list[tuple[int, Any]]:
            found: list[tuple[int, Any]] = []
            for hit in desk.likely_earlier(people, municipality=municipality, phone=phone)[:12]:
                family = desk.family(hit.code)
                person = next((one for one in family.members if one.n == hit.n), None)
                if person is not None:
                    found.append((hit.for_ - 1 if isinstance(hit.for_, int) else 0, (hit, person, family)))
            return found

        def show(found: list[tuple[int, Any]]) -> None:
            if question is self._question:
                self._found = [(lines[at], what) for at, what in found if at < len(lines)]
                self._show()

        self.work.run(self, search, done=show, failed=lambda _error: None)

    # -- answering ---------------------------------------------------------------------------------------------------

    def _open(self) -> list[tuple[int, Any]]:
        answered = {(line, code) for line, code, _kind in self._answers}
        taken = {line for line, _code, kind in self._answers if kind == "same"}
        return [(line, what) for line, what in self._found if line not in taken and (line, _key(what)) not in answered]

    def look(self) -> None:
        """Show what the first record says, or hide it again."""
        waiting = self._open()
        if not waiting:
            return
        _hit, _person, family = waiting[0][1]
        self._detail.setText(family_words(family))
        self._detail.setVisible(self._detail.isHidden())

    def same(self) -> None:
        self._answer("same")

    def distinct(self) -> None:
        self._answer("distinct")

    def _answer(self, kind: str) -> None:
        waiting = self._open()
        if not waiting:
            return
        line, what = waiting[0]
        _hit, person, family = what
        self._answers.append([line, _key(what), kind])
        self._detail.hide()
        if kind == "same":
            self.prefill.emit(line, person, family.phone)
        self._show()
        self.answered.emit()

    def _show(self) -> None:
        waiting = self._open()
        empty(self._first)
        empty(self._list)
        for at, (line, (hit, person, family)) in enumerate(waiting[:SHOWN]):
            (self._list if at else self._first).addLayout(self._line(line, hit, person, family))
        for line, code, kind in self._answers:
            words = _("Línea {n}: misma persona que {code}") if kind == "same" else _("Línea {n}: no es {code}")
            self._list.addWidget(Label(words.format(n=line + 1, code=code), "caption", tone="good"))
        self._none.setVisible(not waiting and not self._answers)
        for button in self._buttons:
            button.setVisible(bool(waiting))
        if not waiting:
            self._detail.hide()
        self.set_tone("attention" if waiting else "true")
        self.waiting.emit(len(waiting))

    def _line(self, line: int, hit: Any, person: Any, family: Any) -> Any:
        from returnee_desk.records.names import full_name

        who = Elided(_("Línea {n}: {name}").format(n=line + 1, name=full_name(person)))
        where = Elided(f"{family.code} · {day_text(family.arrival.day)}", "caption")
        why = Elided(", ".join(reason_words(reason) for reason in hit.why), "caption", tone="muted")
        beside = column(who, where, why, spacing=0)
        layout = row(sign("user-question", "attention"), spacing=8)
        layout.addLayout(beside, 1)
        return layout


def _key(what: Any) -> str:
    hit, _person, _family = what
    return f"{hit.code}#{hit.n}"


def reason_words(reason: str) -> str:
    return {
        "same_document": _("mismo documento"),
        "same_names": _("mismos nombres"),
        "names_sound_alike": _("nombres que suenan igual"),
        "names_alike": _("nombres parecidos"),
        "part_of_names": _("parte de los nombres"),
        "birth_year_close": _("año de nacimiento cercano"),
        "same_birth": _("misma fecha de nacimiento"),
        "same_municipality": _("mismo municipio"),
        "same_phone": _("mismo teléfono"),
        "different_surnames": _("otros apellidos"),
        "different_document": _("otro CUI"),
        "different_sex": _("otro sexo"),
        "different_birth": _("otra fecha de nacimiento"),
    }.get(reason, reason)


def family_words(family: Any) -> str:
    """A family in a few lines, for a look at the side."""
    from returnee_desk.records.names import full_name
    from returnee_desk.ui import choices

    people = "\n".join(
        f"{one.n}. {full_name(one) or '–'} · {choices.name_of('roles', one.role)}"
        + (f" · {one.born.text()}" if one.born is not None else "")
        for one in family.members
    )
    where = choices.municipality_words(family.destination.municipality)
    return f"{family.code} · {day_text(family.arrival.day)} · {where}\n{people}"
