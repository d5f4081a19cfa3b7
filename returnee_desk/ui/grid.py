"""The family grid: one line per person, typed straight through.

Enter goes on to what is still missing on the line, skipping what has a default, and from a full line to the next
person. Tab goes to every field. Up and Down go from line to line, Down on the last one out of the grid.

The editors of the line being typed carry the objectNames `family.member.given_names` and so on; those of the
other lines `family.member[2].given_names`, counted from 1 as on the screen.
"""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QGridLayout, QWidget

from returnee_desk.errors import DeskError, Refused
from returnee_desk.records.dates import Born, local_day
from returnee_desk.tell import tell
from returnee_desk.ui import choices, theme, typed
from returnee_desk.ui.inputs import Complaint, Edit, Pick, is_enter, mark
from returnee_desk.ui.parts import Label, column, restyle, row
from returnee_desk.words import _

NAMES = ("given_names", "surnames", "sex", "birth", "role", "documents", "needs")
NEEDED = ("surnames", "sex", "birth")
"""Where Enter stops while they are empty. None of them must be filled to go on."""
MORE = ("married_surname", "nationality", "mother_tongue")
WIDTHS = (23, 23, 6, 14, 14, 22, 20)
"""Shares of the width, in the order of `NAMES`."""
NARROW = 900
"""Pixels at 100 per cent below which a line of the grid takes two rows."""


def heading(name: str) -> str:
    return {
        "given_names": _("Nombres"),
        "surnames": _("Apellidos"),
        "sex": _("Sexo"),
        "birth": _("Nac. o edad"),
        "role": _("Parentesco"),
        "documents": _("Documento"),
        "needs": _("Necesidades"),
        "married_surname": _("Apellido de casada"),
        "nationality": _("Nacionalidad"),
        "mother_tongue": _("Idioma materno"),
    }[name]


def places(narrow: bool) -> dict[str, tuple[int, int, int, int]]:
    """Row, column, rows and columns of each field in a line of the grid; column 0 is the number's."""
    if not narrow:
        return {name: (0, at + 1, 1, 1) for at, name in enumerate(NAMES)}
    return {
        name: (0, at + 1, 1, 1) if at < 4 else (1, at - 3, 1, 2 if name == "needs" else 1)
        for at, name in enumerate(NAMES)
    }


def share(lines: QGridLayout) -> None:
    """Give the columns of a line their shares of the width."""
    for at, width in enumerate(WIDTHS):
        lines.setColumnStretch(at + 1, width if lines.itemAtPosition(0, at + 1) is not None else 0)


class MemberLine(QWidget):
    """One person. `edited` at every change of a text, `wanted` when Enter asks for the next line."""

    edited = Signal()
    wanted = Signal(object)
    stepped = Signal(object, int)
    left = Signal(object, str)

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        self._narrow: bool | None = None
        self._number = Label(str(number), "caption")
        self._number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.editors: dict[str, Edit] = {
            "given_names": Edit(grid=True),
            "surnames": Edit(grid=True),
            "sex": Pick(choices.of_pairs(choices.sexes), grid=True, by_code=True),
            "birth": Edit(grid=True),
            "role": Pick(self._roles, grid=True),
            "documents": Edit(grid=True),
            "needs": Pick(choices.of_list("needs"), grid=True, several=True),
            "married_surname": Edit(),
            "nationality": Pick(choices.of_list("countries")),
            "mother_tongue": Pick(choices.of_list("languages")),
        }
        self.understood = Label("", "caption")
        self._complaint = Complaint()
        self._more = QWidget()
        self._lines = QGridLayout()
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setHorizontalSpacing(6)
        self._lines.setVerticalSpacing(4)
        self._build_more()
        notes = row(self.understood, self._complaint, spacing=16)
        notes.setContentsMargins(36, 0, 0, 0)
        notes.setStretch(1, 1)
        layout = column(spacing=2)
        layout.addLayout(self._lines)
        layout.addWidget(self._more)
        layout.addLayout(notes)
        self.setLayout(layout)
        for name, editor in self.editors.items():
            editor.textChanged.connect(self._edited)
            editor.left.connect(self._left)
            editor.installEventFilter(self)
            editor.setProperty("still", True)
            editor.setProperty("part", name)
        for name in ("given_names", "surnames"):
            self.editors[name].left.connect(self._write_properly)
        self.show_active(False)

    def _build_more(self) -> None:
        line = row(*(self._with_label(name) for name in MORE), spacing=12)
        line.setContentsMargins(36, 4, 0, 8)
        self._more.setLayout(line)
        self.pick("nationality").suggest_code("GTM", choices.name_of("countries", "GTM"))
        self._more.hide()

    def _with_label(self, name: str) -> QWidget:
        holder = QWidget()
        holder.setLayout(column(Label(heading(name), "caption"), self.editors[name], spacing=2))
        return holder

    def lay_out(self, narrow: bool) -> None:
        """Put the editors in one row, or in two where there is little width."""
        if narrow == self._narrow:
            return
        self._narrow = narrow
        for widget in (self._number, *(self.editors[name] for name in NAMES)):
            self._lines.removeWidget(widget)
        self._number.setFixedWidth(theme.look().px(28))
        self._lines.addWidget(self._number, 0, 0)
        for name, place in places(narrow).items():
            self._lines.addWidget(self.editors[name], *place)
            self.editors[name].setMinimumWidth(20)
        share(self._lines)

    # -- what it says --------------------------------------------------------------------------------------------

    def pick(self, name: str) -> Pick:
        editor = self.editors[name]
        assert isinstance(editor, Pick)
        return editor

    @property
    def is_empty(self) -> bool:
        """True while nothing of a person was typed here: defaults alone do not make one."""
        return all(self.editors[name].is_default or not self.editors[name].text().strip() for name in (*NAMES, *MORE))

    @property
    def sex(self) -> str:
        return self.pick("sex").code() or ""

    @property
    def role(self) -> str:
        return self.pick("role").code() or ""

    def years(self, day: date) -> int | None:
        try:
            told = typed.read_birth(self.editors["birth"].text(), day)
            born = Born.read(**told, on=day) if told else None
        except Refused:
            return None
        return born.ages_on(day)[0] if born is not None else None

    def known(self, day: date) -> typed.Known:
        return typed.Known(
            surnames=self.editors["surnames"].value(), sex=self.sex, role=self.role, years=self.years(day)
        )

    def member(self, day: date) -> dict[str, Any]:
        """The person in the shape of `register`. Texts that mean nothing yet are left out."""
        text = {name: self.editors[name].value() for name in self.editors}
        said: dict[str, Any] = {
            "given_names": typed.proper(text["given_names"]),
            "surnames": typed.proper(text["surnames"]),
            "sex": self.sex or None,
            "role": self.role or None,
        }
        with contextlib.suppress(Refused):
            said |= typed.read_birth(text["birth"], day)
        if text["documents"]:
            said["documents"] = typed.read_documents(text["documents"])
        if needs := self.pick("needs").codes():
            said["needs"] = needs
        if text["married_surname"]:
            said["married_surname"] = typed.proper(text["married_surname"])
        said["nationality"] = self.pick("nationality").code() or "GTM"
        if tongue := self.pick("mother_tongue").code():
            said["mother_tongue"] = tongue
        return {key: value for key, value in said.items() if value is not None}

    def half_said(self, day: date) -> tuple[str, Refused] | None:
        """The first editor whose text means nothing, with why."""
        try:
            typed.read_birth(self.editors["birth"].text(), day)
        except Refused as refusal:
            return "birth", refusal
        for name in ("sex", "role", "needs", "nationality", "mother_tongue"):
            if self.pick(name).unknown():
                return name, Refused("unknown_code")
        if not self.sex:
            return "sex", Refused("missing")
        return None

    # -- what it shows -------------------------------------------------------------------------------------------

    def show_number(self, number: int) -> None:
        self.number = number
        self._number.setText(str(number))
        self.name_editors(bool(self.property("active")))

    def show_active(self, active: bool) -> None:
        self.setProperty("active", active)
        self._number.set_tone("primary" if active else "muted")
        for name in NAMES:
            self.editors[name].setProperty("still", not active)
            restyle(self.editors[name])
        self.understood.setVisible(active and bool(self.understood.text()))
        if not active:
            self._more.hide()
        self.name_editors(active)

    def name_editors(self, active: bool) -> None:
        for name, editor in self.editors.items():
            editor.setObjectName(f"family.member.{name}" if active else f"family.member[{self.number}].{name}")
            editor.setAccessibleName(_("{what}, persona {n}").format(what=heading(name), n=self.number))

    def show_more(self) -> None:
        self._more.setVisible(self._more.isHidden())
        (self.editors["married_surname"] if not self._more.isHidden() else self.editors["given_names"]).setFocus()

    @property
    def more_shown(self) -> bool:
        return not self._more.isHidden()

    def complain(self, name: str, words: str, tone: str = "stop") -> None:
        """One sentence under the line, and a mark on the editor it is about."""
        for other, editor in self.editors.items():
            mark(editor, bool(words) and other == name and tone == "stop")
        self._complaint.say(words, tone)

    def offer(self, others: list[typed.Known], day: date) -> None:
        """Show the defaults that follow from the lines above and from this one."""
        surnames = typed.surnames_offered(others) if others else ""
        self.editors["surnames"].suggest(surnames)
        sex, role = self.pick("sex"), self.pick("role")
        if not role.text().strip() or role.is_default:
            chosen = sex.code() if sex.text().strip() and not sex.is_default else ("F" if not others else "")
            offered = typed.role_offered(typed.Known(sex=chosen or "", years=self.years(day)), others)
            role.suggest_code(offered or None, choices.name_of("roles", offered))
            sex.suggest_code(*(("F", "F") if not others else (None, "")))
        else:
            follows = typed.SEX_OF_ROLE.get(self.role, "")
            sex.suggest_code(follows or None, follows)
            if follows and not others and (not sex.text().strip() or sex.is_default):
                role.suggest_code(None, "")

    def show_understood(self, day: date) -> None:
        """What the birth date or age was taken to mean."""
        try:
            told = typed.read_birth(self.editors["birth"].text(), day)
            born = Born.read(**told, on=day) if told else None
            words = _understood(born, day) if born is not None else ""
        except Refused:
            words = ""
        self.understood.setText(words)
        self.understood.setVisible(bool(words) and bool(self.property("active")))

    # -- reactions -----------------------------------------------------------------------------------------------

    def _roles(self, text: str) -> list[choices.Entry]:
        found = choices.best(text, choices.entries("roles"), limit=40)
        sex = self.pick("sex").code() if self.pick("sex").text().strip() else None
        fits = [entry for entry in found if sex is None or typed.SEX_OF_ROLE.get(entry[0], sex) == sex]
        return (fits or found)[: choices.SHOWN]

    def _edited(self, _text: str) -> None:
        self.edited.emit()

    def _left(self) -> None:
        self.edited.emit()
        if (editor := self.sender()) is not None:
            self.left.emit(self, str(editor.property("part")))

    def _write_properly(self) -> None:
        for name in ("given_names", "surnames"):
            text = self.editors[name].text()
            if text != (written := typed.proper(" ".join(text.split()))):
                taken = self.editors[name].property("taken")
                self.editors[name].setText(written)
                self.editors[name].setProperty("taken", taken)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if is_enter(event) and isinstance(watched, Edit):
            if isinstance(watched, Pick):
                watched.take_best()
            watched.take_default()
            missing = self._missing_after(str(watched.property("part")))
            if missing is not None and not self.is_empty:
                self.editors[missing].setFocus(Qt.FocusReason.TabFocusReason)
            else:
                self.wanted.emit(self)
            return True
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if step is not None and not (isinstance(watched, Pick) and watched.list_open):
                self.stepped.emit(self, step)
                return True
        return False

    def _missing_after(self, part: str) -> str | None:
        """The next field to the right that must be said and has neither text nor default."""
        if part not in NAMES:
            return None
        to_the_right = NAMES[NAMES.index(part) + 1 :]
        return next((name for name in NEEDED if name in to_the_right and not self.editors[name].value()), None)


def _understood(born: Born, day: date) -> str:
    low, high = born.ages_on(day)
    if born.age is not None:
        return _("Se entiende: {age}").format(age=born.text())
    years = str(low) if low == high else f"{low}–{high}"
    return _("Se entiende: {date}, {years} años").format(date=born.text(), years=years)


class FamilyGrid(QWidget):
    """All lines. `edited` at every change; `finished` when Enter is pressed on a line still empty."""

    edited = Signal()
    finished = Signal()
    moved = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.day = local_day(datetime.now(UTC))
        self.lines: list[MemberLine] = []
        self._active: MemberLine | None = None
        self._quiet = False
        self._heads = QWidget()
        self._head_line = QGridLayout()
        self._head_line.setContentsMargins(0, 0, 0, 0)
        self._head_line.setHorizontalSpacing(6)
        self._heads.setLayout(self._head_line)
        self._column = column(spacing=2)
        layout = column(self._heads, spacing=4)
        layout.addLayout(self._column)
        self.setLayout(layout)
        self._names = {name: Label(heading(name), "caption") for name in NAMES}
        for label in self._names.values():
            label.setMinimumWidth(20)
            label.setIndent(6)
        self._spacer = Label("", "caption")
        self._narrow: bool | None = None
        QApplication.instance().focusChanged.connect(self._focus_moved)  # type: ignore[union-attr]
        self.add_line()
        self.lay_out()

    # -- lines ---------------------------------------------------------------------------------------------------

    def add_line(self) -> MemberLine:
        line = MemberLine(len(self.lines) + 1)
        line.edited.connect(self._edited)
        line.wanted.connect(self._next_wanted)
        line.stepped.connect(self._step)
        line.left.connect(self._check_left)
        line.lay_out(bool(self._narrow))
        self.lines.append(line)
        self._column.addWidget(line)
        self._chain()
        self._offer()
        if self._active is None:
            self._activate(line)
        return line

    def remove_line(self, line: MemberLine) -> None:
        if len(self.lines) == 1:
            return
        at = self.lines.index(line)
        self.lines.remove(line)
        self._column.removeWidget(line)
        if self._active is line:
            self._active = None
        line.hide()
        line.deleteLater()
        for number, left in enumerate(self.lines, 1):
            left.show_number(number)
        self._chain()
        self.focus_on(min(at, len(self.lines) - 1), "given_names")
        self._edited()

    def _chain(self) -> None:
        """Tab goes along the line and on to the next one, in the order shown."""
        before: QWidget | None = None
        for line in self.lines:
            for name in (*NAMES, *MORE):
                if before is not None:
                    QWidget.setTabOrder(before, line.editors[name])
                before = line.editors[name]

    @property
    def last_editor(self) -> QWidget:
        return self.lines[-1].editors["mother_tongue"]

    @property
    def active(self) -> MemberLine:
        return self._active if self._active is not None else self.lines[0]

    def focus_on(self, line: int, name: str, cursor: int | None = None) -> None:
        editor = self.lines[line].editors[name]
        editor.setFocus(Qt.FocusReason.OtherFocusReason)
        self._activate(self.lines[line])
        if cursor is not None:
            editor.deselect()
            editor.setCursorPosition(cursor)

    def clear(self) -> None:
        self._quiet = True
        for line in self.lines[1:]:
            self._column.removeWidget(line)
            line.hide()
            line.deleteLater()
        del self.lines[1:]
        first = self.lines[0]
        for editor in first.editors.values():
            editor.clear()
            editor.setProperty("taken", False)
        first.complain("", "")
        self._active = None
        self._activate(first)
        self._quiet = False
        self._chain()
        self._offer()

    # -- what it says --------------------------------------------------------------------------------------------

    def filled(self) -> list[MemberLine]:
        return [line for line in self.lines if not line.is_empty]

    def members(self) -> list[dict[str, Any]]:
        return [line.member(self.day) for line in self.filled()]

    def texts(self) -> list[dict[str, Any]]:
        """Every line as typed, for the draft: text, code and whether it is a default that was taken."""
        kept = []
        for line in self.lines:
            said: dict[str, Any] = {}
            for name, editor in line.editors.items():
                if not editor.text():
                    continue
                said[name] = {"text": editor.text(), "taken": bool(editor.property("taken"))}
                if isinstance(editor, Pick):
                    said[name]["codes"] = editor.codes()
            kept.append(said)
        return kept

    def restore(self, texts: list[dict[str, Any]]) -> None:
        self.clear()
        self._quiet = True
        while len(self.lines) < len(texts):
            self.add_line()
        for line, said in zip(self.lines, texts, strict=False):
            for name, what in said.items():
                editor = line.editors.get(name)
                if editor is None:
                    continue
                editor.setText(what["text"])
                editor.setProperty("taken", what["taken"])
        self._quiet = False
        self._offer()
        for line in self.lines:
            line.show_understood(self.day)

    # -- reactions -----------------------------------------------------------------------------------------------

    def set_day(self, day: date) -> None:
        self.day = day
        self._offer()

    def _offer(self) -> None:
        above: list[typed.Known] = []
        for line in self.lines:
            line.offer(above, self.day)
            above.append(line.known(self.day))

    def _edited(self) -> None:
        if self._quiet:
            return
        self._quiet = True
        self._offer()
        self.active.show_understood(self.day)
        self._quiet = False
        self.edited.emit()

    def _next_wanted(self, line: MemberLine) -> None:
        if line.is_empty and line is self.lines[-1]:
            if len(self.lines) > 1:
                self._drop_last()
            self.finished.emit()
        elif line is self.lines[-1]:
            self.add_line()
            self.focus_on(len(self.lines) - 1, "given_names")
        else:
            self.focus_on(self.lines.index(line) + 1, "given_names")

    def _step(self, line: MemberLine, by: int) -> None:
        at = self.lines.index(line) + by
        if at >= len(self.lines):
            if line.is_empty and len(self.lines) > 1:
                self._drop_last()
            self.finished.emit()
        elif at >= 0:
            part = str((QApplication.focusWidget() or line).property("part") or "given_names")
            self.focus_on(at, part)

    def _drop_last(self) -> None:
        last = self.lines.pop()
        self._column.removeWidget(last)
        last.hide()
        last.deleteLater()
        if self._active is last:
            self._active = None
            self._activate(self.lines[-1])
        self._chain()

    def _focus_moved(self, _old: QWidget | None, new: QWidget | None) -> None:
        if new is None or not self.isAncestorOf(new):
            return
        line = next((line for line in self.lines if line.isAncestorOf(new)), None)
        if line is not None:
            self._activate(line)
            self.moved.emit()

    def _activate(self, line: MemberLine) -> None:
        if line is self._active:
            return
        if self._active is not None:
            self._active.show_active(False)
            self.check(self._active)
        self._active = line
        line.show_active(True)
        line.show_understood(self.day)

    def _check_left(self, line: MemberLine, part: str) -> None:
        """Say at once what is wrong with the field just left; what is still missing waits until the line is done."""
        if self._quiet or line not in self.lines:
            return
        wrong = self._wrong(line) if line.editors[part].text().strip() else None
        if wrong is not None and wrong[0] == part:
            line.complain(part, field_words(wrong[1]))
        elif line.editors[part].property("wrong"):
            line.complain("", "")

    def _wrong(self, line: MemberLine) -> tuple[str, Refused] | None:
        half = line.half_said(self.day)
        return half if half is not None else _refusal(line.member(self.day), self.day)

    def check(self, line: MemberLine) -> bool:
        """Say under a line what is wrong with it. True when it can be saved."""
        if line.is_empty:
            line.complain("", "")
            return True
        wrong = self._wrong(line)
        if wrong is None:
            line.complain("", "")
            return True
        line.complain(wrong[0], field_words(wrong[1]))
        return False

    def _is_narrow(self) -> bool:
        return self.width() / theme.look().scale * 100 < NARROW

    def resizeEvent(self, event: object) -> None:
        self.lay_out()
        super().resizeEvent(event)  # type: ignore[arg-type]

    def lay_out(self) -> None:
        narrow = self._is_narrow()
        for line in self.lines:
            line.lay_out(narrow)
        if narrow != self._narrow:
            self._narrow = narrow
            for label in (self._spacer, *self._names.values()):
                self._head_line.removeWidget(label)
            self._head_line.addWidget(self._spacer, 0, 0)
            for name, place in places(narrow).items():
                self._head_line.addWidget(self._names[name], *place)
            share(self._head_line)
            self._spacer.setFixedWidth(theme.look().px(28))


_EDITOR_OF = {"birth_date": "birth", "age": "birth", "age_months": "birth", "documents": "documents", "needs": "needs"}


def _refusal(member: dict[str, Any], day: date) -> tuple[str, Refused] | None:
    """What the reader of families says against one person: the editor it is about, and why."""
    from returnee_desk.records.form import read_member

    try:
        read_member(member, day=day, path="")
    except Refused as refusal:
        return editor_of(refusal.path), refusal
    return None


def field_words(error: DeskError) -> str:
    """One sentence for the place where the mistake is: it need not say where."""
    reason = str(error.details.get("reason", ""))
    if error.code == "invalid_document" and reason == "check_digit":
        return _("El número no cuadra con su dígito verificador. Si así está en el papel, agregue «!» al final.")
    said = {
        "missing": _("Falta este dato."),
        "unknown_code": _("No está en la lista: escriba otra parte del nombre y elija una línea."),
        "invalid_date": _("No se entiende la fecha. Escriba 2/5/94, 5/1994 o 1994; la edad 4, en meses 3m."),
        "age_needed": _("Falta la edad o la fecha de nacimiento."),
    }
    return said.get(error.code) or tell(error.code, {**error.details, "path": _("este dato")}).happened


def editor_of(path: str | None) -> str:
    """The editor of a line that a path such as `members[0].documents[1].number` is about."""
    for part in reversed((path or "").replace("]", "").replace("[", ".").split(".")):
        if part in _EDITOR_OF or part in (*NAMES, *MORE):
            return _EDITOR_OF.get(part, part)
    return "given_names"
