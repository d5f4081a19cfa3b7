"""A registered family: who they are, what each may still receive, what was given, and the paper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QFileDialog, QFrame, QGridLayout, QPushButton, QScrollArea, QWidget

from returnee_desk.errors import DeskError
from returnee_desk.records.dates import LOCAL
from returnee_desk.ui import choices, theme
from returnee_desk.ui.actions import bind
from returnee_desk.ui.inputs import FieldGrid, Pick, is_enter
from returnee_desk.ui.parts import (
    Button,
    Card,
    Elided,
    Foot,
    Label,
    Screen,
    Scroll,
    clock_text,
    column,
    day_text,
    empty,
    row,
    say_error,
    sign,
)
from returnee_desk.ui.unlock import Opened
from returnee_desk.ui.work import Work
from returnee_desk.words import _, ngettext

QUICK = ("KIT_HIG", "ALIM", "LLAM_NAC", "TRANS_TER", "KIT_ROPA", "KIT_LUD", "KIT_REF", "MED_NNA", "HOSP")
"""What most families get, on the keys 1 to 9. Everything else is typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One service as the family stands to it. `open_for` are numbers of members who may have it now, or
    (None,) for the family; empty with the reason in `why` and `again`."""

    code: str
    name: str
    open_for: tuple[int | None, ...]
    suited: int
    why: str = ""
    again: datetime | None = None


class Paper(NamedTuple):
    """What was on show when it went to the printer: by then another family may be."""

    code: str
    what: str
    numbers: tuple[str, ...]


def stand_of(code: str, family: Any, at: datetime) -> Line:
    """What the services list lets this family have of one service at that moment."""
    from returnee_desk.records.kinds import is_minor
    from returnee_desk.records.lists import lists
    from returnee_desk.records.service_rules import may_give, suits

    rule = lists().services[code]
    people: list[Any] = [None]
    if rule.per == "person":
        people = [one for one in family.members if suits(rule, is_minor(one, family.arrival.day))]
    open_for: list[int | None] = []
    refusal = None
    for one in people:
        said = may_give(rule, member=one, already=family.services, arrival=family.arrival, at=at)
        if said is None:
            open_for.append(None if one is None else one.n)
        else:
            refusal = said
    why = "suits_nobody" if not people else refusal.why if refusal is not None and not open_for else ""
    again = refusal.blocked_until if refusal is not None and not open_for else None
    return Line(code=code, name=choices.named(rule), open_for=tuple(open_for), suited=len(people), why=why, again=again)


def why_words(line: Line) -> str:
    """Why a service may not be given now, and when again."""
    if line.why.startswith("excluded_by:"):
        other = choices.name_of("services", line.why.partition(":")[2])
        return _("no se da junto con: {service}").format(service=other)
    said = {
        "limit_arrival": _("ya entregado"),
        "limit_day": _("ya entregado hoy"),
        "only_minor": _("solo para niñez y adolescencia"),
        "only_adult": _("solo para personas adultas"),
        "suits_nobody": _("no corresponde a nadie del grupo"),
    }.get(line.why, line.why)
    if line.again is not None:
        return _("{why}; desde las {time}").format(why=said, time=clock_text(line.again))
    return said


class FamilyView(Screen):
    """Shows one family. Digits hand out; the quiet bar takes back."""

    name = "view"
    next_wanted = Signal()

    def __init__(self, work: Work, opened: Opened) -> None:
        super().__init__()
        self.work, self.opened = work, opened
        self.code = ""
        self._family: Any = None
        self._lines: list[Line] = []
        self._pdf: bytes = b""
        self._paper = ("slip", "80mm")
        self._numbers: tuple[str, ...] = ()
        self._giving = self._printing = False
        self._build()
        for name, slot in (
            ("view.slip", self.show_slip),
            ("view.sheet", self.show_sheet),
            ("view.paper", self.other_paper),
            ("view.print", self.print_it),
            ("view.pdf", self.keep_it),
            ("view.next", self.next_wanted.emit),
        ):
            bind(self, name, slot)
        for n in range(1, 10):
            bind(self, f"view.give.{n}", _Giver(self, n))

    def _build(self) -> None:
        self._code = Label("", "heading")
        self._code.setObjectName("view.code")
        self._kind = Label("", wrap=True)
        self._alert = Label("", tone="stop", wrap=True)
        self._people = QGridLayout()
        self._people.setHorizontalSpacing(16)
        self._people.setVerticalSpacing(6)
        self._facts = Label("", "caption", wrap=True)
        people = Card()
        people.inside.addLayout(self._people)
        people.inside.addWidget(self._facts)
        self._service_lines = [ServiceLine(n, self.give) for n in range(1, len(QUICK) + 1)]
        self._other = Pick(choices.of_list("services"))
        self._other.setObjectName("view.service")
        self._other.setAccessibleName(_("Otro servicio (escriba y Enter)"))
        self._other.setPlaceholderText(_("Otro servicio (escriba y Enter)"))
        self._other.installEventFilter(self)
        hand_out = Card()
        line = row(Label(_("Entregar"), "strong"), self._other, spacing=16)
        line.setStretch(1, 1)
        hand_out.inside.addLayout(line)
        hand_out.inside.addLayout(column(*self._service_lines, spacing=2))
        self._given = column(spacing=4)
        given = Card()
        given.inside.addWidget(Label(_("Entregado"), "strong"))
        given.inside.addLayout(self._given)

        from returnee_desk.ui.printing import Pages

        self.pages = Pages()
        self._paper_words = Elided(_("Vista previa"), "strong")
        holder = QScrollArea()
        holder.setWidget(self.pages)
        holder.setWidgetResizable(True)
        holder.setFrameShape(QFrame.Shape.NoFrame)
        holder.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        holder.setObjectName("view.preview")
        holder.setAccessibleName(_("Vista previa del papel"))
        self._preview = Card()
        self._preview.inside.addWidget(self._paper_words)
        self._preview.inside.addWidget(holder, 1)
        self._small = [Button("view.pdf", self.keep_it, quiet=True), Button("view.paper", self.other_paper, quiet=True)]
        for button in self._small:
            self._preview.inside.addWidget(button)
        self._preview.setMinimumWidth(theme.look().px(260))

        left = column(spacing=12)
        title = row(self._code, sign("users", "muted", 20), self._kind, spacing=12)
        title.setStretch(2, 1)
        left.addLayout(title)
        left.addWidget(self._alert)
        left.addWidget(people)
        left.addWidget(FieldGrid([(hand_out, 8), (given, 4)], narrow_below=560))
        left.addStretch(1)
        self._print = Button("view.print", self.print_it, primary=True)
        self._print.setEnabled(False)
        self._next = Button("view.next", self.next_wanted.emit)
        self._slip = Button("view.slip", self.show_slip)
        foot = Foot(self._next, None, Button("view.sheet", self.show_sheet), self._slip, self._print)
        middle = row(Scroll(left), spacing=0)
        side = column(self._preview)
        side.setContentsMargins(0, 16, 24, 16)
        middle.addLayout(side)
        middle.setStretch(0, 1)
        self._middle = middle
        whole = column(spacing=0)
        whole.addLayout(middle, 1)
        whole.addWidget(foot)
        self.setLayout(whole)

    def resizeEvent(self, event: object) -> None:
        scale = theme.look().scale / 100
        wide = 0.34 if self.width() / scale > 900 else 0.3
        self._preview.setFixedWidth(max(theme.look().px(200), min(theme.look().px(360), round(self.width() * wide))))
        for button in self._small:
            button.be_brief(0 if self.width() / scale > 900 else 1)
        if self._family is not None:
            self._show_people(self._family)
        super().resizeEvent(event)  # type: ignore[arg-type]

    # -- showing -------------------------------------------------------------------------------------------------

    def arrive(self) -> None:
        (self._print if self._pdf else self._slip).setFocus(Qt.FocusReason.OtherFocusReason)

    def show_family(self, code: str, *, slip: bool = False) -> None:
        """Read the family and show it; with `slip`, show its slip ready to print."""
        if code != self.code:
            self._forget_paper()
            self._family, self._lines = None, []
        self.code = code
        self.work.run(self, lambda desk: desk.family(code), done=self._show)
        if slip:
            self.show_slip()

    def _forget_paper(self) -> None:
        self._pdf = b""
        self.pages.clear()
        if self._print.hasFocus():  # a button that goes out of use would hand the focus to whatever comes next
            self._slip.setFocus(Qt.FocusReason.OtherFocusReason)
        self._print.setEnabled(False)
        self._paper_words.setText(_("Vista previa"))

    def reload(self, changed: frozenset[str]) -> None:
        if self.code and changed & {"family", "service"}:
            self.work.run(self, lambda desk: desk.family(self.code), done=self._show, failed=lambda _error: None)

    def _show(self, family: Any) -> None:
        from returnee_desk.records.kinds import kind_of_family
        from returnee_desk.ui.family import handover_words

        if family.code != self.code:  # asked for before another family came to the front
            return
        at = datetime.now(UTC).astimezone(LOCAL)
        lines = [stand_of(code, family, at) for code in QUICK]
        if family == self._family and lines == self._lines:
            return
        self._family = family
        kind = kind_of_family(family.members, family.arrival.day)
        self._code.setText(family.code)
        self._kind.setText(
            f"{choices.kinds_of_family()[kind.kind]} · {family.arrival.label} · {day_text(family.arrival.day)}"
        )
        alert = handover_words(kind)
        self._alert.setText(alert)
        self._alert.setVisible(bool(alert))
        self._show_people(family)
        self._facts.setText(facts_words(family))
        self._show_services(lines)

    def _show_people(self, family: Any) -> None:
        while (item := self._people.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        from returnee_desk.records.names import full_name

        narrow = self.width() * 100 / theme.look().scale < 1000
        for at, one in enumerate(family.members):
            line = 2 * at if narrow else at
            name = Elided(full_name(one) or _("Sin nombre guardado"), "strong")
            self._people.addWidget(Label(str(one.n), "caption"), line, 0)
            self._people.addWidget(name, line, 1, 1, 5 if narrow else 1)
            line += narrow
            facts = (
                Label(choices.name_of("roles", one.role)),
                Label(one.sex),
                Label(one.born.text() if one.born is not None else "–"),
                Elided(", ".join(choices.name_of("needs", code) for code in one.needs), tone="attention"),
            )
            for place, fact in enumerate(facts, 1 if narrow else 2):
                self._people.addWidget(fact, line, place)
        needs = 2 if any(one.needs for one in family.members) else 0
        for column_, share in ((1, 0 if narrow else 5), (4, 1 if narrow else 0), (5, 0 if narrow else needs)):
            self._people.setColumnStretch(column_, share)

    def _show_services(self, lines: list[Line]) -> None:
        self._lines = lines
        for button, line in zip(self._service_lines, lines, strict=True):
            button.show_line(line, self._family)
        inside = QApplication.focusWidget()
        if isinstance(inside, QPushButton) and inside.objectName().startswith("view.undo["):
            self.arrive()  # its line is about to go
        empty(self._given)
        given = [one for one in self._family.services if not one.undone]
        if not given:
            self._given.addWidget(Label(_("Todavía nada."), tone="muted"))
        for n, one in enumerate(given, 1):
            self._given.addWidget(GivenLine(n, one, self._family, self.take_back))

    # -- handing out ---------------------------------------------------------------------------------------------

    def give(self, n: int) -> None:
        if 1 <= n <= len(self._lines):
            self._give(self._lines[n - 1])

    def _give(self, line: Line) -> None:
        if self._giving or self._family is None:
            return
        if not line.open_for:
            self.told.emit(f"{line.name}: {why_words(line)}.", "attention", None)
            return
        self._giving = True
        code, everybody = self.code, len(line.open_for) == line.suited

        def deliver(desk: Any) -> list[str]:
            from returnee_desk import acts

            if everybody:
                return list(desk.do(acts.deliver, code, line.code)["service_ids"])
            ids: list[str] = []
            for number in line.open_for:
                ids += desk.do(acts.deliver, code, line.code, person=number)["service_ids"]
            return ids

        self.work.run(
            self,
            deliver,
            done=lambda ids: self._gave(line, ids),
            failed=self._not_given,
            changed={"service", "exchange"},
        )

    def _gave(self, line: Line, ids: list[str]) -> None:
        self._giving = False
        words = _("Entregado: {service}").format(service=line.name)
        if len(ids) > 1:
            words += f" ×{len(ids)}"
        self.told.emit(f"{words}.", "good", lambda: self.take_back(ids))
        self._renew_slip()

    def _not_given(self, error: DeskError) -> None:
        self._giving = False
        self.told.emit(say_error(error), "stop", None)

    def take_back(self, ids: list[str]) -> None:
        """Undo these services, each by an event of its own."""

        def undo(desk: Any) -> None:
            from returnee_desk import acts

            for service_id in ids:
                desk.do(acts.undo, service_id)

        self.work.run(self, undo, done=self._taken_back, failed=self._not_given, changed={"service", "exchange"})

    def _taken_back(self, _answer: object) -> None:
        self.told.emit(_("Entrega deshecha."), "good", None)
        self._renew_slip()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._other and is_enter(event):
            self._other.take_best()
            code = self._other.code()
            if code is not None and self._family is not None:
                self._other.clear()
                self._give(stand_of(code, self._family, datetime.now(UTC).astimezone(LOCAL)))
            return True
        return False

    # -- paper -----------------------------------------------------------------------------------------------------

    def show_slip(self) -> None:
        self._paper = ("slip", self._paper[1])
        self._make_paper()

    def show_sheet(self) -> None:
        self._paper = ("sheet", self._paper[1])
        self._make_paper()

    def other_paper(self) -> None:
        self._paper = ("slip", "letter" if self._paper[1] == "80mm" else "80mm")
        self._make_paper()

    def _renew_slip(self) -> None:
        if self._pdf:
            self._make_paper()

    def _make_paper(self) -> None:
        code, (what, paper) = self.code, self._paper
        self.work.run(
            self,
            lambda desk: make_paper(desk, code, what, paper),
            done=lambda printed: self._show_paper(code, printed),
        )

    def _show_paper(self, code: str, printed: Any) -> None:
        if code != self.code:
            return
        self._pdf, self._numbers = printed.pdf, printed.numbers
        self.pages.show_pdf(printed.pdf)
        self._print.setEnabled(True)
        if self._paper[0] == "sheet":
            words = _("Hoja de ingreso, carta")
        else:
            words = _("Boleta, carta") if self._paper[1] == "letter" else _("Boleta, rollo de 80 mm")
        pages = ngettext("{n} hoja", "{n} hojas", printed.pages).format(n=printed.pages)
        self._paper_words.setText(f"{words} · {pages}")
        if self.isVisible():
            self._print.setFocus(Qt.FocusReason.OtherFocusReason)

    def print_it(self) -> None:
        if not self._pdf:
            return
        from returnee_desk.ui.printing import print_pdf

        if self._printing:
            return
        pdf, paper = self._pdf, self._shown()
        self._printing = True
        self.work.aside(
            self, lambda: print_pdf(pdf), done=lambda _answer: self._printed(paper), failed=self._not_printed
        )

    def _printed(self, paper: Paper) -> None:
        self._printing = False
        self._came_out(paper, _("Enviado a la impresora. La familia está guardada aunque el papel no salga."))

    def _not_printed(self, error: DeskError) -> None:
        self._printing = False
        self.told.emit(say_error(error), "stop", None)

    def _shown(self) -> Paper:
        return Paper(self.code, self._paper[0], self._numbers)

    def _came_out(self, paper: Paper, words: str) -> None:
        code, what, numbers = paper
        self.work.run(self, lambda desk: note_printed(desk, code, what, numbers))
        self.told.emit(words, "good", None)
        if self.isVisible() and code == self.code:
            self._next.setFocus(Qt.FocusReason.OtherFocusReason)

    def keep_it(self) -> None:
        if not self._pdf:
            return
        name = f"{'boleta' if self._paper[0] == 'slip' else 'hoja'}-{self.code}.pdf"
        chosen, _kind = QFileDialog.getSaveFileName(
            self,
            _("Guardar PDF"),
            str(Path.home() / name),
            "PDF (*.pdf)",
            options=QFileDialog.Option.DontUseNativeDialog,
        )
        if chosen:
            self.keep_at(Path(chosen))

    def keep_at(self, target: Path) -> None:
        """Write the paper shown to a file."""
        from returnee_desk.ui.printing import keep_pdf

        pdf, paper = self._pdf, self._shown()
        self.work.aside(
            self,
            lambda: keep_pdf(pdf, target),
            done=lambda _answer: self._came_out(paper, _("PDF guardado.")),
            failed=self._not_given,
        )


class _Giver:
    """What a digit does."""

    def __init__(self, view: FamilyView, n: int) -> None:
        self._view, self._n = view, n

    def __call__(self) -> None:
        self._view.give(self._n)


class ServiceLine(QPushButton):
    """One service with its key: for whom it is open, or why not."""

    def __init__(self, n: int, give: Callable[[int], None]) -> None:
        super().__init__()
        self._n = n
        self.setObjectName(f"view.give.{n}")
        self.setProperty("row", "true")
        self.setAutoDefault(True)
        self._key, self._name = Label(str(n), "strong"), Elided()
        self._key.setFixedWidth(theme.look().px(20))
        self._beside = Elided("", "caption", tone="muted")
        self._beside.setAlignment(Qt.AlignmentFlag.AlignRight)
        inside = row(self._key, self._name, self._beside, spacing=8)
        inside.setStretch(1, 6)
        inside.setStretch(2, 4)
        inside.setContentsMargins(10, 0, 10, 0)
        self.setLayout(inside)
        self.clicked.connect(self._clicked)
        self._give = give

    def show_line(self, line: Line, family: Any) -> None:
        open_now = bool(line.open_for)
        words = for_whom(line, family) if open_now else why_words(line)
        self._key.set_tone("primary" if open_now else "muted")
        self._name.set_tone("" if open_now else "muted")
        self._name.setText(line.name)
        self._beside.setText(words)
        self.setAccessibleName(f"{self._n}: {line.name}. {words}")

    def _clicked(self) -> None:
        self._give(self._n)


class GivenLine(QWidget):
    """One service that was given, with a way back."""

    def __init__(self, n: int, one: Any, family: Any, take_back: Callable[[list[str]], None]) -> None:
        super().__init__()
        self._id, self._take_back = one.id, take_back
        name = choices.name_of("services", one.code) + (f" ×{one.quantity}" if one.quantity > 1 else "")
        who = _name_in(family, one.person)
        words = column(
            Elided(name),
            Elided(" · ".join(part for part in (who, clock_text(one.at)) if part), "caption", tone="muted"),
            spacing=0,
        )
        back = QPushButton(theme.icon("arrow-back-up", "primary", 18), "")
        back.setProperty("quiet", "true")
        back.setIconSize(theme.pixmap("arrow-back-up", "primary", 18).deviceIndependentSize().toSize())
        back.setObjectName(f"view.undo[{n}]")
        back.setAccessibleName(_("Deshacer la entrega: {service}").format(service=f"{name} {who}".strip()))
        back.setToolTip(_("Deshacer"))
        back.setAutoDefault(True)
        back.clicked.connect(self._clicked)
        line = row(sign("circle-check", "good", 18), spacing=8)
        line.addLayout(words, 1)
        line.addWidget(back)
        self.setLayout(line)

    def _clicked(self) -> None:
        self._take_back([self._id])


def _name_in(family: Any, number: int | None) -> str:
    if number is None:
        return _("familia")
    one = next((one for one in (*family.members, *family.gone) if one.n == number), None)
    if one is None:
        return ""
    return one.given_names or one.surnames or _("persona {n}").format(n=number)


def for_whom(line: Line, family: Any) -> str:
    """Who may have it now: by name, or how many where they are many."""
    if len(line.open_for) > 2:
        return ngettext("{n} persona", "{n} personas", len(line.open_for)).format(n=len(line.open_for))
    return ", ".join(_name_in(family, number) for number in line.open_for)


def facts_words(family: Any) -> str:
    """Where they go, how to reach them, what they agreed to."""
    from returnee_desk.records.identity import phone_text

    where = ", ".join(
        part for part in (family.destination.place, choices.municipality_words(family.destination.municipality)) if part
    )
    if family.consent is None:
        agreed = _("Consentimiento sin preguntar")
    elif not family.consent.register:
        agreed = _("No aceptó el registro de sus datos")
    else:
        agreed = _("Aceptó el registro") if not family.consent.share else _("Aceptó el registro y compartir")
    parts = (
        _("Destino: {where}").format(where=where) if where else "",
        _("Tel. {phone}").format(phone=phone_text(family.phone)) if family.phone else "",
        choices.name_of("languages", family.language),
        agreed,
    )
    return " · ".join(part for part in parts if part)


def make_paper(desk: Any, code: str, what: str, paper: str) -> Any:
    """The PDF of a family's slip or intake sheet, marked COPIA when it came out before. Runs on the worker."""
    family = desk.family(code)
    settings = desk.settings
    before = desk.printed(family.id)
    from returnee_desk.sync.founding import slip_mac

    mac = slip_mac(desk, family.code)
    if what == "sheet":
        from returnee_desk.paper.sheet import sheet_pdf
        from returnee_desk.records.kinds import kind_of_family

        return sheet_pdf(
            family, kind_of_family(family.members, family.arrival.day), place_name=settings.place_name, mac=mac,
            staff={one.id: one.name for one in desk.staff()}, copy="sheet" in before, practice=settings.practice,
        )  # fmt: skip
    from returnee_desk.paper.slip import slip_pdf

    slips = {one.slip for one in family.services if not one.undone and one.slip} or {"slip"}
    return slip_pdf(
        family, place_name=settings.place_name, paper=paper, copy=slips <= before, mac=mac, practice=settings.practice
    )


def note_printed(desk: Any, code: str, what: str, numbers: tuple[str, ...]) -> None:
    """Remember on this desk what came out, so that the next one says COPIA. Runs on the worker."""
    papers = {"sheet"} if what == "sheet" else set(numbers) or {"slip"}
    desk.note_printed(desk.family(code).id, papers)
