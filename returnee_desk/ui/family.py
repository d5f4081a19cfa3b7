"""A whole family on one screen: the grid, where they go, what they agreed to, what is handed out at once.

Every change is kept as a draft in the desk file within `PAUSE` and the time of one write. What is kept is
the family in the shape of `register`, the texts as typed, and where the cursor stood.
"""

from __future__ import annotations

import uuid
from datetime import date
from itertools import pairwise
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

from returnee_desk.errors import DeskError, Refused
from returnee_desk.records.dates import local_day
from returnee_desk.tell import tell
from returnee_desk.ui import choices
from returnee_desk.ui.actions import bind
from returnee_desk.ui.earlier import EarlierCard
from returnee_desk.ui.grid import FamilyGrid, editor_of, field_words
from returnee_desk.ui.inputs import Edit, Field, FieldGrid, KeyChoice, Pick, is_enter
from returnee_desk.ui.parts import (
    Button,
    Card,
    Elided,
    Foot,
    Label,
    Screen,
    Scroll,
    alive,
    clock_text,
    column,
    day_text,
    rule,
    say_error,
)
from returnee_desk.ui.work import Work
from returnee_desk.words import _, ngettext

PAUSE = 60
"""Milliseconds after the first change not yet kept before the draft is written."""


SHOWN_BY_VIEW = ("handover_needed", "separated_child", "minor_parent", "two_families")
"""Warnings that stand in the family's view as long as they hold, so that they need no passing sentence."""


class FamilyScreen(Screen):
    """Registers one family after another. `registered` announces the code, and whether the slip is wanted."""

    name = "family"
    registered = Signal(str, bool)
    arrival_wanted = Signal()

    def __init__(self, work: Work) -> None:
        super().__init__()
        self.work = work
        self.draft_id = _new_id()
        self._arrivals: list[Any] = []
        self._last: QWidget | None = None
        self._focus_before: QWidget | None = None
        self._dirty = self._writing = self._saving = self._filling = False
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._pause.timeout.connect(self.keep_draft)
        self._build()
        for name, slot in (
            ("family.save", self.save),
            ("family.save_slip", self.save_and_slip),
            ("family.consent", self.ask_consent),
            ("family.services", self.services.setFocus),
            ("family.look", self.look),
            ("family.same", self.same),
            ("family.distinct", self.earlier.distinct),
            ("family.more", self.show_more),
            ("family.remove_line", self.remove_line),
            ("family.discard", self.discard),
        ):
            bind(self, name, slot)
        self._show_consent()
        self._show_kind()

    # -- building -----------------------------------------------------------------------

    def _build(self) -> None:
        self.grid = FamilyGrid()
        self.arrival = Pick(self._like_arrival)
        self.municipality, self.place, self.phone = Pick(choices.municipalities), Edit(), Edit()
        self.language = Pick(choices.of_list("languages"))
        self.origin = Pick(choices.municipalities)
        self.services = Pick(choices.of_list("services"), several=True)
        self.note = Edit()
        self.spanish = KeyChoice([(code, words[0], words) for code, words in choices.spanish_levels()])
        self.interpreter = KeyChoice([(code, words[0], words) for code, words in choices.yes_no()])
        self._build_consent()
        self.fields = {
            "arrival": Field(_("Llegada"), self.arrival, "family.arrival"),
            "municipality": Field(_("Municipio de destino"), self.municipality, "family.destination.municipality"),
            "place": Field(_("Aldea, barrio o dirección"), self.place, "family.destination.place"),
            "phone": Field(_("Teléfono"), self.phone, "family.phone"),
            "language": Field(_("Idioma de la entrevista"), self.language, "family.language"),
            "spanish": Field(_("Español"), self.spanish, "family.spanish"),
            "interpreter": Field(_("Intérprete"), self.interpreter, "family.interpreter"),
            "origin": Field(_("Municipio de origen"), self.origin, "family.origin.municipality"),
            "services": Field(_("Servicios que se entregan ahora"), self.services, "family.services"),
            "note": Field(_("Nota"), self.note, "family.note"),
        }
        self.earlier = EarlierCard(self.work)
        self._kind = Label("", "caption", wrap=True)
        self._kind.setObjectName("family.kind")
        self._alert = Label("", tone="stop", wrap=True)
        self._alert.setObjectName("family.alert")
        self._waiting = 0
        self._hint = Label("", "caption", tone="attention", wrap=True)
        self._hint.setObjectName("family.earlier_hint")
        self._hint.hide()

        people, where = Card(), Card()
        people.inside.setContentsMargins(12, 8, 12, 12)
        people.inside.addWidget(self.grid)
        f = self.fields
        where.inside.addWidget(
            FieldGrid(
                [
                    (f["municipality"], 5),
                    (f["place"], 4),
                    (f["phone"], 3),
                    (f["language"], 4),
                    (f["spanish"], 5),
                    (f["interpreter"], 3),
                ],
                narrow_below=480,
            )
        )
        where.inside.addWidget(rule())
        where.inside.addWidget(self._consent_row)
        where.inside.addWidget(rule())
        where.inside.addWidget(FieldGrid([(f["services"], 5), (f["note"], 3), (f["origin"], 4)], narrow_below=480))
        self._title = Label(_("Familia nueva"), "heading")
        titles = QWidget()
        titles.setLayout(column(self._title, self._kind, self._alert, self._hint, spacing=2))
        head = FieldGrid([(titles, 8), (f["arrival"], 4)], narrow_below=560)
        self._lower = FieldGrid([(where, 8), (self.earlier, 4)], narrow_below=900)
        inside = column(spacing=12)
        for widget in (head, people, self._lower):
            inside.addWidget(widget)
        inside.addStretch(1)

        self._saved = Elided("", "caption")
        self.save_button = Button("family.save", self.save)
        self.slip_button = Button("family.save_slip", self.save_and_slip, primary=True)
        foot = Foot(self._saved, self.save_button, self.slip_button)
        self.area = Scroll(inside)
        layout = column(self.area, foot, spacing=0)
        self.setLayout(layout)

        self.grid.edited.connect(self._edited)
        self.grid.moved.connect(self._edited_place)
        self.grid.finished.connect(self.municipality.setFocus)
        self.earlier.prefill.connect(self._prefill)
        self.earlier.answered.connect(self._edited)
        self.earlier.waiting.connect(self._show_hint)
        for editor in self._edits():
            editor.textChanged.connect(self._edited)
            editor.installEventFilter(self)
        for choice in (self.spanish, self.interpreter, self._how, self._register, self._share):
            choice.changed.connect(self._edited)
        self.municipality.textChanged.connect(self._offer_origin)
        self.municipality.chosen.connect(self._offer_origin)
        self.language.chosen.connect(self._offer_language)
        self.language.left.connect(self._offer_language)
        self._chain()

    def _build_consent(self) -> None:
        self._how = KeyChoice([(code, str(n), words) for n, (code, words) in enumerate(choices.ways_of_asking(), 1)])
        self._register = KeyChoice([(code, words[0], words) for code, words in choices.yes_no()])
        self._share = KeyChoice([(code, words[0], words) for code, words in choices.yes_no()])
        self._asked_in = Pick(choices.of_list("languages"))
        self._consent_said = Label("", "caption", wrap=True)
        self._consent_fields = {
            "how": Field(_("Consentimiento (F4): ¿cómo se preguntó?"), self._how, "family.consent.how"),
            "register": Field(_("¿Acepta registrarse?"), self._register, "family.consent.register"),
            "share": Field(_("¿Acepta compartir?"), self._share, "family.consent.share"),
            "asked_in": Field(_("¿En qué idioma?"), self._asked_in, "family.consent.asked_in"),
        }
        c = self._consent_fields
        said = QWidget()
        said.setLayout(column(Label(" ", "caption"), self._consent_said, spacing=4))
        self._consent_row = FieldGrid(
            [(c["how"], 7), (c["register"], 3), (c["share"], 2), (c["asked_in"], 4), (said, 8)], narrow_below=480
        )

    def _edits(self) -> list[Edit]:
        return [
            self.arrival, self.municipality, self.place, self.phone, self.language, self.origin, self.services,
            self.note, self._asked_in,
        ]  # fmt: skip

    def _chain(self) -> None:
        order: list[QWidget] = [
            self.grid.last_editor, self.municipality, self.place, self.phone, self.language, self.spanish,
            self.interpreter, self._how, self._register, self._share, self._asked_in,
            self.services, self.note, self.origin, self.save_button, self.slip_button, self.arrival,
        ]  # fmt: skip
        for before, after in pairwise(order):
            QWidget.setTabOrder(before, after)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter goes on to the next field, as Tab does."""
        if is_enter(event) and isinstance(watched, Edit):
            watched.focusNextChild()
            return True
        return False

    # -- arriving, drafts ---------------------------------------------------------------

    def arrive(self) -> None:
        if self._last is not None and alive(self._last) and self._last.isVisibleTo(self):
            self._last.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.grid.focus_on(0, "given_names")
        self.reload(frozenset({"arrival"}))

    def reload(self, changed: frozenset[str]) -> None:
        if changed & {"arrival", "family"}:
            self.work.run(self, lambda desk: desk.arrivals(open_only=True), done=self._show_arrivals)

    def _show_arrivals(self, arrivals: list[Any]) -> None:
        self._arrivals = sorted(arrivals, key=lambda one: one.at, reverse=True)
        first = self._arrivals[0] if self._arrivals else None
        self.arrival.suggest_code(first.id if first else None, _arrival_words(first) if first else "")
        self.grid.set_day(self._day())
        self._show_kind()
        if first is None:
            self.fields["arrival"].complain(
                _("No hay ninguna llegada abierta. Ábrala en Hoy (Ctrl+B); lo escrito aquí se conserva."), "attention"
            )
        else:
            self.fields["arrival"].complain("")

    def _like_arrival(self, text: str) -> list[choices.Entry]:
        return choices.best(text, [(one.id, _arrival_words(one)) for one in self._arrivals])

    def _chosen_arrival(self) -> Any:
        code = self.arrival.code()
        return next((one for one in self._arrivals if one.id == code), None)

    def _day(self) -> date:
        arrival = self._chosen_arrival()
        return arrival.day if arrival is not None else local_day(_now())

    def begin(self) -> None:
        """A new family. What stood here stays among the drafts."""
        self.keep_draft()
        self._fill({}, _new_id())
        self._title.setText(_("Familia nueva"))
        self.grid.focus_on(0, "given_names")
        self.reload(frozenset({"arrival"}))

    def open_draft(self, draft_id: str, data: dict[str, Any]) -> None:
        """Go on with an unfinished family exactly where it was left."""
        if draft_id == self.draft_id:
            return
        self.keep_draft()
        self._fill(data, draft_id)
        self._title.setText(_("Familia sin terminar"))
        self._go_to(data.get("row", 0), data.get("field", "given_names"), data.get("cursor", 0))
        self.reload(frozenset({"arrival"}))

    def _go_to(self, line: int, field: str, cursor: int) -> None:
        """Put the cursor where a draft was left: a field of a line, or one of those below by its objectName."""
        line = min(line, len(self.grid.lines) - 1)
        outside = next((one for one in (*self._edits(), *self._choices()) if one.objectName() == field), None)
        self.grid.focus_on(line, "given_names" if outside is not None else field, 0 if outside is not None else cursor)
        if outside is not None:
            outside.setFocus(Qt.FocusReason.OtherFocusReason)
            if isinstance(outside, Edit):
                outside.deselect()
                outside.setCursorPosition(cursor)
        self._last = QApplication.focusWidget()

    def _fill(self, data: dict[str, Any], draft_id: str) -> None:
        self._filling = True
        self._last = None
        self._pause.stop()
        self._dirty = False
        self.draft_id = draft_id
        texts = data.get("texts", {})
        self.grid.restore(data.get("lines", []))
        for editor in self._edits():
            kept = texts.get(editor.objectName(), {})
            editor.setText(kept.get("text", ""))
            editor.setProperty("taken", kept.get("taken", False))
            if isinstance(editor, Pick) and len(kept.get("codes", ())) == 1:
                editor.set_code(kept["codes"][0], kept["text"])
        answers = data.get("answers", {})
        for choice in self._choices():
            choice.set_value(answers.get(choice.objectName()))
        self.earlier.begin(data.get("links", []))
        for field in (*self.fields.values(), *self._consent_fields.values()):
            field.complain("")
        self._saved.setText("")
        self._filling = False
        self._offer_origin()
        self._offer_language()
        self._show_consent()
        self._show_kind()

    def _choices(self) -> list[KeyChoice]:
        return [self.spanish, self.interpreter, self._how, self._register, self._share]

    def draft(self) -> dict[str, Any]:
        """Everything that is needed to go on with this family after a power cut."""
        focus = QApplication.focusWidget()
        active = self.grid.active
        field, cursor = "given_names", 0
        if isinstance(focus, Edit) and active.isAncestorOf(focus):
            field, cursor = str(focus.property("part")), focus.cursorPosition()
        elif isinstance(focus, Edit | KeyChoice) and self.isAncestorOf(focus) and not self.grid.isAncestorOf(focus):
            field, cursor = focus.objectName(), focus.cursorPosition() if isinstance(focus, Edit) else 0
        texts: dict[str, Any] = {}
        for editor in self._edits():
            if editor.text():
                texts[editor.objectName()] = {"text": editor.text(), "taken": bool(editor.property("taken"))}
                if isinstance(editor, Pick):
                    texts[editor.objectName()]["codes"] = editor.codes()
        return {
            "family": self.family_json(),
            "lines": self.grid.texts(),
            "texts": texts,
            "answers": {choice.objectName(): choice.value for choice in self._choices() if choice.value},
            "links": self.earlier.answers(),
            "row": self.grid.lines.index(active),
            "field": field,
            "cursor": cursor,
        }

    @property
    def is_empty(self) -> bool:
        return not self.grid.filled() and not any(
            editor.text() and not editor.is_default for editor in (self.municipality, self.place, self.phone, self.note)
        )

    def keep_draft(self) -> None:
        """Write the draft now. Only the newest state is written, one write at a time."""
        self._pause.stop()
        if self._dirty and not self._writing and not self._saving:
            self._write_draft()

    def _write_draft(self) -> None:
        self._dirty = False
        if self.is_empty:
            return
        self._writing = True
        draft_id, data = self.draft_id, self.draft()
        self.work.run(
            self,
            lambda desk: desk.save_draft(draft_id, data),
            done=self._draft_kept,
            failed=self._draft_failed,
            changed={"draft"},
        )

    def _draft_kept(self, _answer: object) -> None:
        self._writing = False
        self._saved.set_tone("muted")
        self._saved.setText(_("Borrador guardado {time}").format(time=_now().strftime("%H:%M:%S")))
        if self._dirty:
            self.keep_draft()

    def _draft_failed(self, error: DeskError) -> None:
        self._writing = False
        self._dirty = True
        self._saved.set_tone("stop")
        self._saved.setText(say_error(error))

    def _edited(self, *_facts: object) -> None:
        if self._filling:
            return
        self._dirty = True
        focus = QApplication.focusWidget()
        if focus is not None and self.isAncestorOf(focus):
            self._last = focus
        if not self._pause.isActive():
            self._pause.start()
        self._show_kind()
        self._show_consent()
        self.earlier.consider(self.grid, self.municipality.code(), self.phone.text())

    def _edited_place(self) -> None:
        """The cursor moved to another line: worth keeping, but not worth a new search."""
        if not self._filling and not self.is_empty:
            self._dirty = True
            if not self._pause.isActive():
                self._pause.start()

    def discard(self) -> None:
        """Throw the draft away; the quiet bar brings it back."""
        if self.is_empty:
            return
        kept, data = self.draft_id, self.draft()
        self._dirty = False
        self.work.run(self, lambda desk: desk.drop_draft(kept), changed={"draft"})
        self._fill({}, _new_id())
        self.grid.focus_on(0, "given_names")

        def bring_back() -> None:
            self.open_draft(kept, data)
            self._edited()

        self.told.emit(_("Borrador descartado."), "attention", bring_back)

    # -- what is said -------------------------------------------------------------------

    def family_json(self) -> dict[str, Any]:
        """The family in the shape of `register`, as far as it is said."""
        arrival = self._chosen_arrival()
        data: dict[str, Any] = {"key": self.draft_id, "members": self.grid.members()}
        if arrival is not None:
            data["arrival"] = arrival.id
        if code := self.municipality.code():
            data["destination"] = {"municipality": code}
        if place := self.place.value():
            data.setdefault("destination", {})["place"] = place
        if self.origin.text().strip() and (code := self.origin.code()):
            data["origin"] = {"municipality": code}
        for name, value in (
            ("phone", self.phone.value()),
            ("language", self.language.code()),
            ("spanish", self.spanish.value),
        ):
            if value:
                data[name] = value
        if self.interpreter.value:
            data["interpreter"] = self.interpreter.value == "yes"
        if (consent := self._consent()) is not None:
            data["consent"] = consent
        if services := self.services.codes():
            data["services"] = services
        if note := self.note.value():
            data["notes"] = [note]
        return data

    def _consent(self) -> dict[str, Any] | None:
        """None until each of the questions was answered."""
        if self._how.value is None or self._register.value is None or self._share.value is None:
            return None
        consent = {
            "how": self._how.value,
            "register": self._register.value == "yes",
            "share": self._share.value == "yes",
        }
        if language := self._asked_in.code():
            consent["asked_in"] = language
        return consent

    # -- showing ------------------------------------------------------------------------

    def _offer_origin(self, *_facts: object) -> None:
        code = self.municipality.code() if self.municipality.text() else None
        self.origin.suggest_code(code, choices.municipality_words(code))

    def _offer_language(self, *_facts: object) -> None:
        code = self.language.code()
        self._asked_in.suggest_code(code, choices.name_of("languages", code))

    def ask_consent(self) -> None:
        """Go to the first question not yet answered; each is answered by its key."""
        asked = (self._how, self._register, self._share)
        next((one for one in asked if one.value is None), self._how).setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _show_consent(self) -> None:
        consent = self._consent()
        if consent is None:
            words, tone = _("Consentimiento: sin preguntar."), "attention"
        elif not consent["register"]:
            words, tone = _("No acepta el registro: no se guardan nombres, documentos, teléfono ni lugar."), "attention"
        elif consent["share"]:
            words, tone = _("Acepta el registro y compartir sus datos."), "good"
        else:
            words, tone = _("Acepta el registro; no acepta compartir sus datos."), "good"
        self._consent_said.setText(words)
        self._consent_said.set_tone(tone)

    def _show_kind(self) -> None:
        from returnee_desk.records.form import read_member
        from returnee_desk.records.kinds import is_minor, kind_of_family

        day = self._day()
        people = []
        for line in self.grid.filled():
            try:
                people.append(read_member({**_bare(line.member(day))}, day=day, path=""))
            except Refused:
                continue
        if not people:
            self._kind.setText(_("El tipo de familia aparece al escribir."))
            self._alert.hide()
            return
        kind = kind_of_family(people, day)
        minors = sum(is_minor(one, day) for one in people)
        self._kind.setText(
            " · ".join(
                (
                    choices.kinds_of_family()[kind.kind],
                    ngettext("{n} persona", "{n} personas", len(people)).format(n=len(people)),
                    ngettext("{n} niña, niño o adolescente", "{n} niñas, niños o adolescentes", minors).format(
                        n=minors
                    ),
                )
            )
        )
        alert = handover_words(kind)
        self._alert.setText(alert)
        self._alert.setVisible(bool(alert))

    def _show_hint(self, n: int) -> None:
        """Where there is no room beside the form, a line at the top says that earlier records wait below."""
        self._waiting = n
        self._hint.setText(
            ngettext(
                "{n} posible registro anterior: F6 ver, F7 es la misma persona, Shift+F7 no es.",
                "{n} posibles registros anteriores: F6 ver, F7 es la misma persona, Shift+F7 no es.",
                n,
            ).format(n=n)
        )
        self._hint.setVisible(n > 0 and self._lower.narrow)

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._show_hint(self._waiting)

    # -- commands -----------------------------------------------------------------------

    def show_more(self) -> None:
        self.grid.active.show_more()

    def remove_line(self) -> None:
        self.grid.remove_line(self.grid.active)

    def look(self) -> None:
        """Show the likely earlier record, wherever the screen stands."""
        self.earlier.look()
        QTimer.singleShot(0, self, self._show_earlier)

    def _show_earlier(self) -> None:
        self.area.ensureWidgetVisible(self.earlier)

    def same(self) -> None:
        self.earlier.same()

    def _prefill(self, line: int, person: Any, phone: str | None) -> None:
        """Fill what is still empty from an earlier record of the same person."""
        editors = self.grid.lines[line].editors
        for name, text in (("given_names", person.given_names), ("surnames", person.surnames)):
            if text and (not editors[name].text() or editors[name].is_default):
                editors[name].setText(text)
        if person.born is not None and person.born.edtf and not editors["birth"].text():
            editors["birth"].setText(born_typed(person.born.edtf))
        if person.documents and not editors["documents"].text():
            editors["documents"].setText("; ".join(document_typed(one) for one in person.documents))
        if phone and not self.phone.text():
            self.phone.setText(phone)

    def save(self) -> None:
        self._save(slip=False)

    def save_and_slip(self) -> None:
        self._save(slip=True)

    def _save(self, *, slip: bool) -> None:
        if self._saving:
            return
        focus = QApplication.focusWidget()
        if isinstance(focus, Pick):
            focus.take_best()
        if isinstance(focus, Edit):
            focus.take_default()
        if not self._ready():
            return
        if self._dirty:
            self._write_draft()
        self._pause.stop()
        self._saving = True
        self._focus_before = focus
        self._enable(False)
        data, links, draft_id = self.family_json(), self.earlier.answers(), self.draft_id

        def register(desk: Any) -> dict[str, Any]:
            from returnee_desk import acts

            answer: dict[str, Any] = desk.do(acts.register_family, data)
            for line, code, kind in links:
                act = acts.same if kind == "same" else acts.distinct
                desk.do(act, f"{answer['code']}#{line + 1}", code)
            desk.drop_draft(draft_id)
            return answer

        self.work.run(
            self,
            register,
            done=lambda answer: self._registered(answer, slip),
            failed=self._refused,
            changed={"family", "arrival", "service", "draft", "exchange"},
        )

    def _enable(self, on: bool) -> None:
        """While a family is being written nothing can be typed into it: it would be lost, or saved twice."""
        self.area.setEnabled(on)
        self.save_button.setEnabled(on)
        self.slip_button.setEnabled(on)

    def _registered(self, answer: dict[str, Any], slip: bool) -> None:
        self._saving = False
        self._enable(True)
        self._dirty = False
        self._pause.stop()
        self._fill({}, _new_id())
        said = _("Guardado: {code}.").format(code=answer["code"])
        warned = [one for one in answer["warnings"] if one["code"] not in SHOWN_BY_VIEW]
        look = list(dict.fromkeys(tell(one["code"], one).happened for one in warned))
        self.told.emit(" ".join((said, *look)), "attention" if look else "good", None)
        self.registered.emit(answer["code"], slip)

    def _refused(self, error: DeskError) -> None:
        self._saving = False
        self._enable(True)
        if self._focus_before is not None and alive(self._focus_before):
            self._focus_before.setFocus(Qt.FocusReason.OtherFocusReason)
        self._point_at(error)
        self.keep_draft()
        self.told.emit(_("{words} El borrador está a salvo.").format(words=field_words(error)), "stop", None)

    def _ready(self) -> bool:
        """Whether all is said that must be; else the first place where it is not gets the focus and a sentence."""
        filled = self.grid.filled()
        if not filled:
            self.grid.lines[0].complain("given_names", _("Escriba al menos una persona."))
            self.grid.focus_on(0, "given_names")
            return False
        for line in filled:
            if not self.grid.check(line):
                wrong = next((name for name, editor in line.editors.items() if editor.property("wrong")), "given_names")
                self.grid.focus_on(self.grid.lines.index(line), wrong)
                return False
        for name, editor in (
            ("municipality", self.municipality),
            ("language", self.language),
            ("origin", self.origin),
            ("services", self.services),
            ("arrival", self.arrival),
        ):
            unknown = editor.unknown()
            self.fields[name].complain(
                _("«{text}» no está en la lista. Escriba otra parte del nombre y elija una línea.").format(text=unknown)
                if unknown
                else ""
            )
            if unknown:
                editor.setFocus()
                return False
        if self._chosen_arrival() is None:
            self.fields["arrival"].complain(say_error(Refused("arrival_needed")))
            self.arrival.setFocus()
            return False
        if self._consent() is None:
            self.ask_consent()
            for name, choice in (("how", self._how), ("register", self._register), ("share", self._share)):
                missing = choice.value is None
                self._consent_fields[name].complain("")
                if missing:
                    self._consent_fields[name].complain(_("Falta preguntar. Presione la tecla de la respuesta."))
                    choice.setFocus()
                    break
            self.told.emit(
                _("Falta preguntar el consentimiento. Lo escrito está a salvo en el borrador."), "attention", None
            )
            return False
        return True

    def _point_at(self, error: DeskError) -> None:
        path = error.path or ""
        if path.startswith("members["):
            at = int(path[8 : path.index("]")])
            filled = self.grid.filled()
            if at < len(filled):
                line = filled[at]
                line.complain(editor_of(path), field_words(error))
                self.grid.focus_on(self.grid.lines.index(line), editor_of(path))
            return
        for start, name in (
            ("phone", "phone"), ("destination.place", "place"), ("destination", "municipality"), ("origin", "origin"),
            ("language", "language"), ("services", "services"), ("notes", "note"), ("arrival", "arrival"),
        ):  # fmt: skip
            if path.startswith(start) or (error.code == "arrival_needed" and name == "arrival"):
                self.fields[name].complain(field_words(error))
                self.fields[name].editor.setFocus()
                return


def handover_words(kind: Any) -> str:
    """Whom to call at once, in a sentence; empty when nobody."""
    said = []
    if kind.kind == "child_without_parent":
        said.append(_("Sin madre ni padre en el grupo: avise ahora a PGN y SBS."))
    if kind.separated:
        said.append(
            ngettext(
                "La persona {who} es menor de edad y viaja sin su madre ni su padre: avise ahora a PGN y SBS.",
                "Las personas {who} son menores de edad y viajan sin su madre ni su padre: avise ahora a PGN y SBS.",
                len(kind.separated),
            ).format(who=", ".join(map(str, kind.separated)))
        )
    if kind.minor_parents:
        said.append(_("Madre o padre menor de 18 años sin su propia madre o padre: avise a PGN y SBS."))
    if any(remark.code == "two_families" for remark in kind.warnings):
        said.append(_("¿Son dos familias? Hay dos madres o dos padres, cada quien con una hija o un hijo."))
    return " ".join(said)


def _bare(member: dict[str, Any]) -> dict[str, Any]:
    """What the kind of family depends on; a half-typed paper must not hide it."""
    kept = {key: value for key, value in member.items() if key in ("sex", "role", "birth_date", "age", "age_months")}
    return {"given_names": "–", **kept}


def born_typed(edtf: str) -> str:
    """A birth date as one would type it: `2/5/1994`, `5/1994`, `1994`, `1980~`."""
    return "/".join(part.lstrip("0") for part in reversed(edtf.split("-")))


def document_typed(document: Any) -> str:
    words = {"CUI": "", "PASSPORT": "p ", "DNI_HND": "dni ", "DUI": "dui ", "CURP": "curp ", "BIRTH_RECORD": "partida ",
             "CONSULAR_ID": "consular ", "OTHER": "otro "}  # fmt: skip
    return f"{words.get(document.kind, '')}{document.number}{'!' if document.unverified else ''}"


def _arrival_words(arrival: Any) -> str:
    return f"{arrival.label} · {day_text(arrival.day)} {clock_text(arrival.at)}"


def _new_id() -> str:
    return uuid.uuid4().hex


def _now() -> Any:
    from datetime import UTC, datetime

    from returnee_desk.records.dates import LOCAL

    return datetime.now(UTC).astimezone(LOCAL)
