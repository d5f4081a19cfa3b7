"""Today: open arrivals with what is done of each, unfinished families, what is not yet safe."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QFrame, QHeaderView, QProgressBar, QTableView, QWidget

from returnee_desk.errors import DeskError, Refused
from returnee_desk.records.dates import LOCAL, local_day
from returnee_desk.ui import choices, theme
from returnee_desk.ui.actions import bind
from returnee_desk.ui.inputs import Edit, Field, FieldGrid, Pick, is_enter
from returnee_desk.ui.parts import (
    Button,
    Card,
    Elided,
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

LATEST = 200
CARDS = 6
"""Open arrivals shown as cards, the newest first; of the others only how many they are."""


class Today(NamedTuple):
    """What the screen shows, read in one go."""

    arrivals: list[Any]
    families: list[Any]
    totals: dict[str, int]
    drafts: list[Any]
    status: dict[str, Any]


def read_today(desk: Any, day: date) -> Today:
    """Open arrivals, today's families and totals, my drafts, and what is not yet safe. Who may not read about
    people gets the totals alone."""
    families = desk.families(from_date=day, to_date=day, limit=LATEST)
    totals = {
        "families": len(families),
        "persons": sum(line.persons for line in families),
        "services": sum(line.services for line in families),
    }
    named = families if desk.me.may("read") else []
    return Today(desk.arrivals(open_only=True), named, totals, desk.drafts(), desk.status())


class FamilyTable(QAbstractTableModel):
    """Families as lines, with named columns."""

    COLUMNS = ("code", "name", "persons", "services", "time")

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.lines: list[Any] = []

    def show(self, lines: list[Any]) -> None:
        self.beginResetModel()
        self.lines = lines
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, _parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own
        return len(self.COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return (_("Código"), _("Nombre"), _("Personas"), _("Servicios"), _("Hora"))[section]
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(self.COLUMNS[section])
        return None

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        line, name = self.lines[index.row()], self.COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            if name == "time":
                return clock_text(datetime.fromisoformat(line.registered_at)) if line.registered_at else ""
            return str(getattr(line, name) or "–")
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(name)
        return None


def _alignment(name: str) -> Any:
    side = Qt.AlignmentFlag.AlignRight if name in ("persons", "services", "time") else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


class FamilyList(QTableView):
    """The table; Enter or a double click opens the line."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("today.families")
        self.setAccessibleName(_("Familias de hoy"))
        self.table = FamilyTable(self)
        self.setModel(self.table)
        self.setShowGrid(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("plain", "true")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().setDefaultSectionSize(theme.look().px(36))
        self.doubleClicked.connect(self._open)

    def _open(self, index: QModelIndex) -> None:
        if index.isValid():
            self.chosen.emit(self.table.lines[index.row()].code)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentIndex())
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: Any) -> None:
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self.table.lines:
            self.selectRow(0)


class TodayScreen(Screen):
    """Where a shift begins and comes back to."""

    name = "today"
    new_family_wanted = Signal()
    draft_chosen = Signal(str, object)
    family_chosen = Signal(str)
    exchange_wanted = Signal()

    def __init__(self, work: Work, opened: Opened) -> None:
        super().__init__()
        self.work, self.opened = work, opened
        self._saving = False
        self._arrived_once = False
        self._empty: QWidget | None = None
        self.form = ArrivalForm(opened, self.save_arrival, self.close_form)
        self.form.hide()
        self._arrivals = column(spacing=12)
        self._totals = Card()
        self._numbers = {name: Label("0", "number") for name in ("families", "persons", "services")}
        words = {"families": _("familias hoy"), "persons": _("personas"), "services": _("servicios")}
        numbers = row(spacing=24)
        for name, label in self._numbers.items():
            label.setObjectName(f"today.{name}_count")
            numbers.addLayout(column(label, Label(words[name], "caption"), spacing=0))
        numbers.addStretch(1)
        self._totals.inside.addLayout(numbers)
        self._unfinished = Card()
        self._drafts = column(spacing=4)
        self._unfinished.inside.addWidget(Label(_("Sin terminar"), "strong"))
        self._unfinished.inside.addLayout(self._drafts)
        self._not_safe = Card()
        self._safe_words = Label("", wrap=True)
        self._stick = Button(
            "window.exchange",
            self.exchange_wanted.emit,
            quiet=True,
            text=_("Ir a Intercambio"),
            called="today.exchange",
        )
        self._not_safe.inside.addWidget(Label(_("Aún no a salvo"), "strong"))
        self._not_safe.inside.addWidget(self._safe_words)
        self._not_safe.inside.addLayout(row(self._stick, None))
        self.families = FamilyList()
        self.families.chosen.connect(self.family_chosen)
        self._none = Label(_("Todavía no hay familias registradas hoy."), tone="muted", wrap=True)
        listing = Card()
        listing.inside.addWidget(Label(_("Familias de hoy"), "strong"))
        listing.inside.addWidget(self._none)
        listing.inside.addWidget(self.families)

        self._new = Button("today.new_arrival", self.open_form)
        self._register = Button(
            "window.new_family", self.new_family_wanted.emit, primary=True, called="today.new_family"
        )
        post = opened.kind == "post" and opened.may("register")
        if not post:
            self._new.hide()
            self._register.hide()
        head = row(Label(_("Hoy"), "heading"), None, self._new, self._register, spacing=12)
        left = QWidget()
        arrivals = column(self.form, spacing=12)
        arrivals.addLayout(self._arrivals)
        arrivals.addWidget(listing)
        left.setLayout(arrivals)
        right = QWidget()
        right.setLayout(column(self._totals, self._unfinished, self._not_safe, spacing=12))
        inside = column(spacing=12)
        inside.addLayout(head)
        inside.addWidget(FieldGrid([(left, 8), (right, 4)]))
        inside.addStretch(1)
        self.setLayout(column(Scroll(inside), spacing=0))
        if post:
            bind(self, "today.new_arrival", self.open_form)

    def resizeEvent(self, event: object) -> None:
        """Where there is little width the buttons leave out their keys."""
        for button in (self._new, self._register):
            button.be_brief(1 if self.width() * 100 / theme.look().scale < 640 else 0)
        super().resizeEvent(event)  # type: ignore[arg-type]

    def arrive(self) -> None:
        if not self._arrived_once:
            self._arrived_once = True
            self.reload(frozenset({"family"}))
        first: QWidget = self._register if self._register.isVisibleTo(self) else self.families
        if self._empty is not None and self._empty.isVisibleTo(self):
            first = self._open_first
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def reload(self, changed: frozenset[str]) -> None:
        if self._arrived_once and changed & {"family", "arrival", "service", "draft", "exchange"}:
            day = local_day(datetime.now(UTC))
            self.work.run(self, lambda desk: read_today(desk, day), done=self.show_today)

    def show_today(self, today: Today) -> None:
        if self._empty is not None and self._empty.isAncestorOf(QApplication.focusWidget() or self):
            self._register.setFocus(Qt.FocusReason.OtherFocusReason)  # the focused button is about to go
        empty(self._arrivals)
        self._empty = None
        self._register.be_primary(bool(today.arrivals))
        for arrival in sorted(today.arrivals, key=lambda one: one.at, reverse=True)[:CARDS]:
            self._arrivals.addWidget(arrival_card(arrival))
        if (more := len(today.arrivals) - CARDS) > 0:
            words = ngettext("Y {n} llegada abierta más antigua.", "Y {n} llegadas abiertas más antiguas.", more)
            self._arrivals.addWidget(Label(words.format(n=more), tone="muted", wrap=True))
        if not today.arrivals and self.opened.kind == "post":
            self._empty = self._no_arrivals()
            self._arrivals.addWidget(self._empty)
            self._show_empty(self.form.isHidden())
            if self._register.hasFocus():
                self._open_first.setFocus(Qt.FocusReason.OtherFocusReason)
        self.form.count = len(today.arrivals)
        for name, label in self._numbers.items():
            label.setText(str(today.totals[name]))
        self._show_drafts(today.drafts)
        self._show_safety(today.status)
        self.families.table.show(sorted(today.families, key=lambda one: one.registered_at, reverse=True))
        self.families.setVisible(bool(today.families))
        self._none.setVisible(not today.families)
        rows = min(8, max(1, len(today.families)))
        self.families.setFixedHeight(theme.look().px(36) * rows + self.families.horizontalHeader().height() + 4)

    def _no_arrivals(self) -> QWidget:
        card = Card()
        card.inside.addLayout(row(sign("bus", "muted", 28), Label(_("No hay llegadas abiertas"), "strong"), None))
        card.inside.addWidget(
            Label(
                _("Cuando llegue un bus o un vuelo, abra su llegada y escriba cuántas personas trae."),
                tone="muted",
                wrap=True,
            )
        )
        self._open_first = Button("today.new_arrival", self.open_form, primary=True, called="today.first_arrival")
        card.inside.addLayout(row(self._open_first, None))
        return card

    def _show_drafts(self, drafts: list[Any]) -> None:
        empty(self._drafts)
        if not drafts:
            self._drafts.addWidget(Label(_("Nada sin terminar."), tone="muted", wrap=True))
        for n, draft in enumerate(drafts[:8], 1):
            self._drafts.addWidget(DraftButton(n, draft, self.draft_chosen.emit))

    def _show_safety(self, status: dict[str, Any]) -> None:
        unsent = status.get("unsent", 0)
        way = status.get("sent", 0) + status.get("arrived", 0)
        if unsent:
            words = ngettext(
                "{n} cambio está solo en esta computadora.", "{n} cambios están solo en esta computadora.", unsent
            ).format(n=unsent)
        elif way:
            words = ngettext("{n} cambio va en camino.", "{n} cambios van en camino.", way).format(n=way)
        else:
            words = _("Todo está a salvo en la oficina central.")
        self._safe_words.setText(words)
        self._not_safe.set_tone("attention" if unsent else "true")

    # -- a new arrival -------------------------------------------------------------------------------------------

    def open_form(self) -> None:
        self.form.begin()
        self._register.be_primary(False)
        self._show_empty(False)
        self.form.show()
        self.form.label.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _show_empty(self, on: bool) -> None:
        if self._empty is not None:
            self._empty.setVisible(on)

    def close_form(self) -> None:
        self.form.hide()
        self._register.be_primary(self._empty is None)
        self._show_empty(True)
        self._new.setFocus()

    def save_arrival(self) -> None:
        if self._saving:
            return
        data = self.form.read()
        if data is None:
            return
        self._saving = True

        def open_it(desk: Any) -> Any:
            from returnee_desk import acts

            return desk.do(acts.open_arrival, data)

        self.work.run(
            self, open_it, done=self._arrival_saved, failed=self._arrival_refused, changed={"arrival", "exchange"}
        )

    def _arrival_saved(self, _answer: object) -> None:
        self._saving = False
        self.form.hide()
        self._register.setFocus(Qt.FocusReason.OtherFocusReason)
        self.told.emit(_("Llegada abierta: {label}.").format(label=self.form.label.value()), "good", None)

    def _arrival_refused(self, error: DeskError) -> None:
        self._saving = False
        self.form.point_at(error)


class DraftButton(QWidget):
    """An unfinished family, offered back by name and time."""

    def __init__(self, n: int, draft: Any, chosen: Callable[[str, object], object]) -> None:
        super().__init__()
        from PySide6.QtWidgets import QPushButton

        data = draft.data
        words = draft_words(data)
        button = QPushButton(f"{clock_text(draft.at)}  {words}")
        button.setIcon(theme.icon("pencil", "primary", 18))
        button.setIconSize(theme.pixmap("pencil", "primary", 18).deviceIndependentSize().toSize())
        button.setProperty("row", "true")
        button.setObjectName(f"today.draft[{n}]")
        button.setAccessibleName(_("Seguir con {name}").format(name=words))
        button.clicked.connect(lambda _checked=False: chosen(draft.id, data))
        button.setAutoDefault(True)
        button.setMinimumWidth(40)
        button.setToolTip("")
        self.setLayout(column(button))


def draft_words(data: dict[str, Any]) -> str:
    """A draft by the name of its first person and how many there are."""
    members = data.get("family", {}).get("members", [])
    first = members[0] if members else {}
    name = " ".join(part for part in (first.get("given_names"), first.get("surnames")) if part) or _("Sin nombre")
    more = len(members) - 1
    return _("{name} y {n} más").format(name=name, n=more) if more > 0 else name


def arrival_card(arrival: Any) -> Card:
    """One bus or flight: how many aboard, how many done, which rows need somebody first."""
    card = Card("primary")
    card.setObjectName("today.arrival")
    title = Elided(
        f"{arrival.label} · {clock_text(arrival.at)} · {choices.name_of('countries', arrival.country)}", "strong"
    )
    day = Label(day_text(arrival.day), "caption")
    head = row(sign("plane" if arrival.mode == "air" else "bus", "primary", 24), title, day, spacing=10)
    head.setStretch(1, 1)
    card.inside.addLayout(head)
    card.inside.addWidget(
        Label(
            _("{aboard} a bordo · {others} sin familia · {rows} por atender").format(
                aboard=arrival.headcount, others=arrival.others, rows=arrival.row_count
            ),
            tone="muted",
            wrap=True,
        )
    )
    missing = len(arrival.missing_rows)
    bar = QProgressBar()
    bar.setTextVisible(False)
    bar.setRange(0, max(1, arrival.row_count))
    bar.setValue(arrival.row_count - missing)
    bar.setProperty("tone", "good" if not missing else "")
    bar.setAccessibleName(_("Personas atendidas de esta llegada"))
    card.inside.addWidget(bar)
    counts = [
        ngettext("{n} persona registrada", "{n} personas registradas", arrival.registered).format(n=arrival.registered),
        ngettext("{n} familia con servicios", "{n} familias con servicios", arrival.served).format(n=arrival.served),
        ngettext("falta {n}", "faltan {n}", missing).format(n=missing) if missing else _("no falta nadie"),
    ]
    card.inside.addWidget(Label(" · ".join(counts), wrap=True))
    marked = [one for one in arrival.rows if one.mark and one.state == "counted" and one.number in arrival.missing_rows]
    if marked:
        words = {
            "child_alone": _("niñez no acompañada"),
            "ill": _("enferma"),
            "pregnant": _("embarazada"),
            "afraid": _("con miedo"),
        }
        said = "   ".join(_("fila {n}: {mark}").format(n=one.number, mark=words[one.mark]) for one in marked)
        line = row(sign("alert-triangle", "stop", 18), Label(said, tone="stop", wrap=True))
        line.setStretch(1, 1)
        card.inside.addLayout(line)
    return card


class ArrivalForm(Card):
    """A bus or flight: how it came, its label, from where, when, how many aboard, how many without family."""

    def __init__(self, opened: Opened, save: Callable[[], None], cancel: Callable[[], None]) -> None:
        super().__init__()
        self.opened = opened
        self.count = 0
        self._save, self._cancel = save, cancel
        self.mode, self.country = Pick(choices.of_pairs(choices.modes)), Pick(choices.of_list("countries"))
        self.label, self.at, self.headcount, self.others = Edit(), Edit(), Edit(), Edit()
        self.fields = {
            "mode": Field(_("Vía"), self.mode, "arrival.mode"),
            "label": Field(_("Nombre de la llegada"), self.label, "arrival.label"),
            "from": Field(_("Viene de"), self.country, "arrival.country"),
            "at": Field(_("Hora"), self.at, "arrival.at", hint=_("14:20, o 22/11 14:20")),
            "headcount": Field(_("Personas a bordo"), self.headcount, "arrival.headcount"),
            "others": Field(_("De ellas, sin familia"), self.others, "arrival.others"),
        }
        f = self.fields
        self.inside.addWidget(Label(_("Llegada nueva"), "strong"))
        self.inside.addWidget(
            FieldGrid(
                [(f["label"], 5), (f["mode"], 4), (f["from"], 3), (f["at"], 4), (f["headcount"], 4), (f["others"], 4)],
                narrow_below=560,
            )
        )
        self.inside.addLayout(
            row(None, Button("today.cancel", cancel), Button("today.save_arrival", save, primary=True), spacing=12)
        )
        bind(self, "today.save_arrival", save)
        bind(self, "today.cancel", cancel)
        for editor in (self.mode, self.country, self.label, self.at, self.headcount, self.others):
            editor.installEventFilter(self)

    def begin(self) -> None:
        for name, field in self.fields.items():
            field.complain("")
            field.editor.clear()  # type: ignore[attr-defined]
            field.editor.setProperty("taken", False)
            field.setObjectName(f"field.{name}")
        now = datetime.now(LOCAL)
        mode, country = home_of(self.opened.place)
        self.mode.suggest_code(mode, dict(choices.modes())[mode])
        self.country.suggest_code(country, choices.name_of("countries", country))
        self.label.suggest((_("Vuelo {n}") if mode == "air" else _("Bus {n}")).format(n=self.count + 1))
        self.at.suggest(now.strftime("%d/%m/%Y %H:%M"))
        self.others.suggest("0")

    def read(self) -> dict[str, Any] | None:
        """What `open_arrival` takes; None, with a sentence at the field, where something is missing."""
        for editor in (self.mode, self.country):
            if editor.list_open:
                editor.take_best()
        for field in self.fields.values():
            field.complain("")
        numbers: dict[str, int] = {}
        for name in ("headcount", "others"):
            text = self.fields[name].editor.value()  # type: ignore[attr-defined]
            if not text.isdigit():
                return self._say(name, _("Escriba cuántas personas, con números."))
            numbers[name] = int(text)
        try:
            at = read_clock(self.at.value(), datetime.now(LOCAL))
        except Refused:
            return self._say("at", _("Escriba la hora como 14:20, o el día y la hora: 22/11 14:20."))
        for name, pick in (("mode", self.mode), ("from", self.country)):
            if pick.code() is None:
                return self._say(name, _("Elija una línea de la lista."))
        return {
            "mode": self.mode.code(),
            "label": self.label.value(),
            "from": self.country.code(),
            "at": at.isoformat(timespec="minutes"),
            **numbers,
        }

    def _say(self, name: str, words: str) -> dict[str, Any] | None:
        self.fields[name].complain(words)
        self.fields[name].editor.setFocus()
        return None

    def point_at(self, error: DeskError) -> None:
        name = (error.path or "").rsplit(".", 1)[-1]
        self._say(name if name in self.fields else "label", say_error(error))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if is_enter(event) and isinstance(watched, Edit):
            if isinstance(watched, Pick):
                watched.take_best()
            if watched is self.others:
                watched.take_default()
                self._save()
            else:
                watched.focusNextChild()
            return True
        return False


def home_of(place: str) -> tuple[str, str]:
    """How people come to a place and from where: its mode and the country over the border."""
    from returnee_desk.records.lists import lists

    known = lists().places.get(place)
    if known is None:
        return "land", "MEX"
    if known.kind == "air":
        return "air", "USA"
    return "land", known.neighbour_iso3 or "MEX"


def read_clock(text: str, now: datetime) -> datetime:
    """`14:20` today, `22/11 14:20` this year, `22/11/2026 14:20`: on the place's clock, to the minute."""
    found = re.fullmatch(
        r"(?:(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d{2}))?\s+)?(\d{1,2})[:.h]?(\d{2})", text.strip().casefold()
    )
    if found is None:
        raise Refused("invalid_time")
    day, month, year, hour, minute = found.groups()
    try:
        years = now.year if year is None else int(year) + (2000 if len(year) == 2 else 0)
        return datetime(years, int(month or now.month), int(day or now.day), int(hour), int(minute), tzinfo=LOCAL)
    except ValueError:
        raise Refused("invalid_time") from None
