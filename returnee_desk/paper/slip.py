"""The slip: what a family carries from window to window, on an 80 mm roll or on Letter.

It goes through many hands and may be lost, so it bears the code, given names and age groups, and what was
given: no birth date, no document, no phone, no place of origin or destination, nothing about a child being
alone. Thermal printers know black and white only, so it uses nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from returnee_desk.errors import Refused
from returnee_desk.paper import Printed
from returnee_desk.paper.fonts import printable
from returnee_desk.paper.page import (
    ASCENT,
    LEADING,
    LETTER,
    LONGEST_LIST,
    MM,
    Block,
    Pen,
    Text,
    draw,
    face_of,
    fitted,
    laid,
    paginate,
    practice_bands,
    space,
    stamp,
    stamp_width,
)
from returnee_desk.paper.wording import Wording
from returnee_desk.records.codes import qr_text
from returnee_desk.records.families import Family
from returnee_desk.records.services import Service

PAPERS = ("80mm", "letter")

STATIONS = (
    ("health", ("MED_NNA", "MED_ADU", "MEDICAM", "REF_SAL")),
    ("phone", ("LLAM_NAC", "LLAM_INT", "CONECT", "RECARGA")),
    ("food", ("ALIM", "KIT_REF", "VIVERES")),
    ("handing_out", ("KIT_HIG", "KIT_ROPA", "KIT_LUD", "APOYO_ECO", "VALE_TRA", "CAMBIO")),
    ("care", ("PSICO", "AREA_LUD", "LACTANCIA", "ENTREV", "ORIENT", "INTERP", "REF_PRO", "REF_EXT")),
    ("papers", ("DOC_REN", "PRH_BOL")),
    ("rest", ("HOSP", "DUCHA")),
    ("bus", ("TRANS_TER", "TRANS_COM", "PRH_CAR")),
)
"""Where each service is had, in the order a family does best to go: the ill first, the bus last. What comes
after the return (SEG_TEL, SEG_VIS) is had nowhere today; a service a place has added is had at its windows."""


@dataclass(frozen=True, slots=True)
class Format:
    """Sizes of one paper, in points. `height` None: a roll, cut where the slip ends."""

    width: float
    height: float | None
    margin: float
    small: float
    body: float
    strong: float
    code: float
    qr: float
    picture: float
    gap: float
    row: float

    @property
    def inner(self) -> float:
        return self.width - 2 * self.margin


_FORMATS = {
    "80mm": Format(80 * MM, None, 4 * MM, 8, 9.5, 10.5, 22, 27 * MM, 28, 7, 2),
    "letter": Format(*LETTER, 16 * MM, 9.5, 12, 14, 32, 38 * MM, 34, 11, 4),
}


def slip_pdf(
    family: Family,
    *,
    place_name: str,
    paper: str = "80mm",
    services: str | None = None,
    copy: bool = False,
    language: str = "es",
    mac: str | None = None,
    practice: bool = False,
) -> Printed:
    """The slip of a family: of the services with slip number `services`, or of all not taken back.

    `copy` marks a reprint, `practice` everything printed in practice; `mac` are the six signs of an enrolled
    desk. Refuses `unknown_slip` where no service came with that number. Raises `ValueError` for a paper or a
    language that is not there.
    """
    if paper not in _FORMATS:
        raise ValueError(f"no slip on paper {paper!r}")
    given = tuple(
        service for service in family.services if (service.slip == services if services else not service.undone)
    )
    if services and not given:
        raise Refused("unknown_slip", slip=services)
    slip = _Slip(_FORMATS[paper], Wording(language), family, given, place_name, copy, practice)
    return slip.printed(qr_text(family.code, mac))


@dataclass(frozen=True, slots=True)
class _Slip:
    form: Format
    words: Wording
    family: Family
    given: tuple[Service, ...]
    place_name: str
    copy: bool
    practice: bool

    @property
    def numbers(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(service.slip for service in self.given if service.slip))

    @property
    def stamped(self) -> str:
        _ = self.words._
        return _("ANULADA") if self.family.state == "void" else _("COPIA") if self.copy else ""

    def printed(self, qr: str) -> Printed:
        form, _ = self.form, self.words._
        blocks = [*self._head(), *self._identity(qr), *self._people(), *self._services(), *self._next()]
        band = form.code * 1.3 if self.practice else 0.0
        if form.height is None:
            height = sum(block.height for block in blocks) + 2 * (form.margin + band)
            pages, height = [blocks], max(height, 1.3 * form.width)
        else:
            height = form.height
            foot = form.small * LEADING + 8
            room = height - 2 * (form.margin + band)
            pages = paginate(blocks, room, room - self._again(2, 2).height)
            if len(pages) > 1:
                pages = paginate(blocks, room - foot, room - foot - self._again(2, 2).height)
        pen = Pen(title=_("Boleta de servicios"), width=form.width, height=height, language=self.words.language)
        for number, page in enumerate(pages, 1):
            if number > 1:
                pen.page()
                page = [self._again(number, len(pages)), *page]
            practice_bands(pen, band, _("PRÁCTICA"))
            draw(pen, page, form.margin + band)
            if len(pages) > 1:
                said = _("Hoja {n} de {total}").format(n=number, total=len(pages))
                pen.right(form.width - form.margin, height - form.margin - band, said, form.small)
        return Printed(pen.finish(), len(pages), self.numbers)

    def _again(self, number: int, total: int) -> Block:
        """The head of every page but the first."""
        form = self.form
        said = self.words._("Familia {code} · hoja {n} de {total}").format(code=self.family.code, n=number, total=total)
        size = form.body

        def drawn(pen: Pen, top: float) -> None:
            pen.text(form.margin, top + size, printable(said), size, bold=True)
            stamp(pen, form.width - form.margin, top, self.stamped, form.small)
            pen.rule(form.margin, top + size * 1.9, form.inner, width=1)

        return Block(size * 1.9 + form.gap, drawn)

    def _head(self) -> list[Block]:
        form, _ = self.form, self.words._
        at = self.given[0].at if self.given else self.family.registered_at or self.family.arrival.at
        size = form.strong * 1.15
        beside = stamp_width(self.stamped, size) + 4
        title = fitted(_("SOSEP · Familias retornadas"), form.small, form.inner - beside, least=6)
        place = laid(self.place_name, form.strong * 1.15, form.inner - beside, bold=True)
        when = laid(
            _("{day} · {hour} h").format(day=self.words.day(at), hour=self.words.hour(at)), form.body, form.inner
        )

        def drawn(pen: Pen, top: float) -> None:
            title.draw(pen, form.margin, top)
            place.draw(pen, form.margin, top + title.height + 1)
            when.draw(pen, form.margin, top + title.height + place.height + 2)
            stamp(pen, form.width - form.margin, top + 2, self.stamped, size)

        return [Block(title.height + place.height + when.height + 2 + form.gap * 0.6, drawn), self._rule(1.4)]

    def _identity(self, qr: str) -> list[Block]:
        """The code as large as the paper allows, its QR, and what the slip is about."""
        form, words, family = self.form, self.words, self.family
        _, ngettext = words._, words.ngettext
        wide = form.height is not None
        left = form.margin + form.qr + form.gap * 1.8
        room = form.width - form.margin - left
        code = fitted(family.code, form.code, room if wide else form.inner, least=8, bold=True)
        people = ngettext("{n} persona", "{n} personas", len(family.members)).format(n=len(family.members))
        arrival = _("{label} · {hour} h").format(label=family.arrival.label, hour=words.hour(family.arrival.at))
        facts = [(ngettext("Boleta", "Boletas", len(self.numbers)), "\n".join(self.numbers))] if self.numbers else []
        facts += [(_("Llegada"), arrival), (_("Familia"), people)]
        told: list[tuple[Text, float]] = [(code, 0)] if wide else []
        for label, value in facts:
            told.append((laid(label, form.small, room), 0))
            *lines, last = (
                fitted(line, form.body, room, least=form.body * 0.8, bold=True) for line in value.split("\n")
            )
            told += [*((line, 0) for line in lines), (last, form.gap * 0.5)]
        height = sum(text.height + after for text, after in told)
        above = (
            []
            if wide
            else [Block(code.height + form.gap, lambda pen, top: code.draw(pen, form.margin, top), keep=True)]
        )

        def drawn(pen: Pen, top: float) -> None:
            pen.qr(qr, form.margin, top, form.qr)
            for text, after in told:
                text.draw(pen, left, top)
                top += text.height + after

        return [*above, Block(max(form.qr, height) + form.gap, drawn), self._rule()]

    def _people(self) -> list[Block]:
        form, words, family = self.form, self.words, self.family
        blocks = [self._heading(words._("Personas"))]
        indent = face_of(True).width("00 ", form.body)
        for person in family.members:
            group = words.age_group(person, family.arrival.day)
            beside = face_of(False).width(group, form.body)
            name = laid(words.called(person), form.body, form.inner - indent - beside - 8, bold=True)

            def drawn(pen: Pen, top: float, n: int = person.n, name: Text = name, group: str = group) -> None:
                base = top + form.body * ASCENT
                pen.text(form.margin, base, f"{n}", form.body)
                name.draw(pen, form.margin + indent, top)
                pen.right(form.width - form.margin, base, group, form.body)

            blocks.append(self._row(name.height + form.row, drawn, last=person is family.members[-1]))
        return [*blocks, space(form.gap * 0.5), self._rule()]

    def _services(self) -> list[Block]:
        form, _ = self.form, self.words._
        if not self.given:
            return []
        blocks = [self._heading(_("Servicios"))]
        several = len(self.numbers) > 1
        for number in dict.fromkeys(service.slip for service in self.given):
            if several and number:
                said = _("Boleta {number}").format(number=printable(number))
                blocks.append(self._line(said))
            kinds: dict[tuple[str, bool], list[Service]] = {}
            for service in self.given:
                if service.slip == number:
                    kinds.setdefault((service.code, service.undone), []).append(service)
            blocks += [self._service(code, events, undone) for (code, undone), events in kinds.items()]
        return [*blocks, space(form.gap * 0.3), self._rule()]

    def _service(self, code: str, events: Sequence[Service], undone: bool) -> Block:
        """One row: the picture, what it is and for whom, and how many."""
        form, words = self.form, self.words
        _ = words._
        amount = "" if undone else words.quantity(code, sum(event.quantity for event in events))
        large = form.strong * 1.35
        beside = max(face_of(True).width(amount, large), form.strong * 2)
        left = form.margin + form.picture + form.gap
        room = form.width - form.margin - left - beside - 6
        name = laid(words.service(code), form.strong, room, bold=True)
        said = _("Anulado") if undone else self._for_whom(events)
        whom = laid(said, form.body * 0.95, room, most=LONGEST_LIST)
        text = name.height + whom.height
        height = max(form.picture, text)

        def drawn(pen: Pen, top: float) -> None:
            pen.pictogram(code, form.margin, top + (min(height, form.picture * 1.4) - form.picture) / 2, form.picture)
            y = top + max(0.0, (form.picture - text) / 2)
            name.draw(pen, left, y)
            whom.draw(pen, left, y + name.height)
            pen.right(form.width - form.margin, y + form.strong * 1.15, amount, large, bold=True)
            if undone:
                for n, line in enumerate(name.lines):
                    base = y + form.strong * (0.62 + n * LEADING)
                    pen.rule(left, base, face_of(True).width(line, form.strong), width=1)

        return self._row(height + form.gap * 0.9, drawn, last=events[-1] is self.given[-1])

    def _row(self, height: float, drawn: Callable[[Pen, float], None], *, last: bool) -> Block:
        """A row; on wide paper a fine line parts it from the next and leads the eye across."""
        form = self.form

        def lined(pen: Pen, top: float) -> None:
            drawn(pen, top)
            pen.rule(form.margin, top + height - form.row, form.inner, width=0.4, gray=0.55)

        return Block(height, drawn if last or form.height is None else lined)

    def _for_whom(self, events: Sequence[Service]) -> str:
        words, family = self.words, self.family
        _ = words._
        each: dict[int | None, int] = {}
        for event in events:
            each[event.person] = each.get(event.person, 0) + event.quantity
        if set(each) == {None}:
            return _("Para la familia")
        called = words.called_short(family)
        names = {n: _("La familia") if n is None else called.get(n, _("Persona {n}").format(n=n)) for n in each}
        if len(set(each.values())) > 1:
            return ", ".join(f"{name} ×{each[n]}" for n, name in names.items())
        if len(each) > 2 and set(each) == {person.n for person in family.members}:
            return _("Para las {n} personas").format(n=len(each))
        return words.several(list(names.values()))

    def _next(self) -> list[Block]:
        """Where to go now, and what the slip is for."""
        form, _ = self.form, self.words._
        names = {
            "health": _("Salud"),
            "phone": _("Teléfono"),
            "food": _("Comida"),
            "handing_out": _("Entrega de kits"),
            "care": _("Atención"),
            "papers": _("Documentos"),
            "rest": _("Descanso"),
            "bus": _("Transporte"),
        }
        had = {service.code for service in self.given if not service.undone}
        way = [names[station] for station, codes in STATIONS if had.intersection(codes)]
        if had - {code for _station, codes in STATIONS for code in codes} - {"SEG_TEL", "SEG_VIS"}:
            way.append(_("Ventanilla de servicios"))
        room, face, lines = form.inner, face_of(True), [""]
        for station in way or [_("Ventanilla de servicios")]:
            step = f"→ {station}" if lines[0] else station
            longer = f"{lines[-1]} {step}".strip()
            if lines[-1] and face.width(longer, form.strong) > room:
                lines.append(step)
            else:
                lines[-1] = longer
        said = laid("\n".join(lines), form.strong, room, bold=True)
        advice = _("Muestre esta boleta en cada ventanilla. Guárdela hasta terminar. La atención es gratuita.")
        advised = laid(advice, form.small, room)

        def drawn(pen: Pen, top: float) -> None:
            said.draw(pen, form.margin, top)
            advised.draw(pen, form.margin, top + said.height + form.gap * 0.6)

        return [self._heading(_("Ahora vaya a")), Block(said.height + form.gap * 0.6 + advised.height, drawn)]

    def _heading(self, text: str) -> Block:
        return self._line(text.upper())

    def _line(self, text: str) -> Block:
        """A bold line over what belongs to it."""
        form = self.form

        def drawn(pen: Pen, top: float) -> None:
            pen.text(form.margin, top + form.small * ASCENT, text, form.small, bold=True)

        return Block(form.small * LEADING + 3, drawn, keep=True)

    def _rule(self, width: float = 0.8) -> Block:
        form = self.form
        return Block(form.gap, lambda pen, top: pen.rule(form.margin, top + width / 2, form.inner, width=width))
