"""The intake sheet: everything kept about a family, on Letter, to be read back to it, signed and filed.

Without consent to register there is nothing about anybody to show: the sheet says so and counts the members
by role, sex and age group.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
    paragraph,
    practice_bands,
    space,
    stamp,
    stamp_width,
)
from returnee_desk.paper.wording import Wording
from returnee_desk.records.codes import qr_text
from returnee_desk.records.families import Family
from returnee_desk.records.identity import document_text, phone_text
from returnee_desk.records.kinds import Kind, is_minor
from returnee_desk.records.names import full_name
from returnee_desk.records.people import Person
from returnee_desk.records.services import Service

WIDTH, HEIGHT = LETTER
MARGIN = 11.5 * MM
INNER = WIDTH - 2 * MARGIN
LABEL, BODY, HEADING, TITLE = 7.5, 9.5, 9.0, 16.0
LABEL_GRAY = 0.3
QR = 24 * MM
BAND = 26.0
FOOT = 14.0
AFTER = 6.0
"""Space after a section."""
SIGN = 54.0
"""Height of a box to sign in."""
UNKNOWN = "—"

PEOPLE = (18.0, 164.0, 66.0, 44.0, 66.0, 70.0, 62.0, 0.0)
"""Widths of the columns of people: number, name, role, sex, birth, age, nationality, language (the rest)."""
SERVICES = (26.0, 240.0, 0.0, 54.0)
"""Widths of the columns of services: picture, what, for whom (the rest), how many."""

TOLD_IN_PRIVATE = frozenset({"VIO_ORI", "VIO_RUTA", "VIO_DES", "MALTR", "TORT", "TRATA"})
"""Needs told in confidence, maybe about somebody of the group: the sheet is read aloud before everybody, so it
says how many there are and the screen says which."""


def sheet_pdf(
    family: Family,
    kind: Kind,
    *,
    place_name: str,
    staff: Mapping[str, str] | None = None,
    copy: bool = False,
    practice: bool = False,
    language: str = "es",
    mac: str | None = None,
) -> Printed:
    """The sheet of a family. `kind` is `kinds.kind_of_family` of its members; `staff` gives names by id.

    `copy` marks a reprint, `practice` everything printed in practice; `mac` are the six signs of an enrolled
    desk. `numbers` of the answer are those of the slips listed. Raises `ValueError` for a language that is
    not there.
    """
    return _Sheet(family, kind, place_name, staff or {}, copy, practice, Wording(language)).printed(mac)


@dataclass(frozen=True, slots=True)
class _Sheet:
    family: Family
    kind: Kind
    place_name: str
    staff: Mapping[str, str]
    copy: bool
    practice: bool
    words: Wording

    @property
    def named(self) -> bool:
        """Whether anything about anybody may stand here."""
        return self.family.consent is None or self.family.consent.register

    @property
    def stamped(self) -> str:
        _ = self.words._
        return _("ANULADA") if self.family.state == "void" else _("COPIA") if self.copy else ""

    def printed(self, mac: str | None) -> Printed:
        _ = self.words._
        band = BAND if self.practice else 0.0
        top = MARGIN + band
        room = HEIGHT - top - MARGIN - band - FOOT
        again = self._again(2, 2).height
        blocks = [
            self._head(qr_text(self.family.code, mac)),
            *self._arrival(),
            *self._group(),
            *(self._people() if self.named else self._counts()),
            *self._services(),
            *(self._notes() if self.named else ()),
            *self._consent(),
            *self._signatures(),
        ]
        pages = paginate(blocks, room, room - again)
        pen = Pen(title=_("Hoja de ingreso"), width=WIDTH, height=HEIGHT, language=self.words.language)
        for number, page in enumerate(pages, 1):
            if number > 1:
                pen.page()
            practice_bands(pen, band, _("PRÁCTICA"))
            draw(pen, page if number == 1 else [self._again(number, len(pages)), *page], top)
            self._foot(pen, HEIGHT - MARGIN - band, number, len(pages))
        slips = dict.fromkeys(service.slip for service in self.family.services if service.slip)
        return Printed(pen.finish(), len(pages), tuple(slips))

    def _head(self, qr: str) -> Block:
        _, words, family = self.words._, self.words, self.family
        room = INNER - QR - 14
        beside = stamp_width(self.stamped, 13) + 6
        registered = [words.moment(family.registered_at)] if family.registered_at else []
        registered += [self._name(family.registered_by)] if family.registered_by else []
        when = _("Registrada: {when}").format(when=" · ".join(registered)) if registered else ""
        told = (
            laid(_("SOSEP · Atención a familias retornadas"), LABEL + 1, room - beside),
            laid(_("Hoja de ingreso · {place}").format(place=self.place_name), TITLE, room - beside, bold=True),
            fitted(family.code, 24, room, least=10, bold=True),
            laid(when, BODY, room),
        )

        def drawn(pen: Pen, top: float) -> None:
            stamp(pen, MARGIN + room, top, self.stamped, 13)
            pen.qr(qr, MARGIN + INNER - QR, top, QR)
            for text in told:
                text.draw(pen, MARGIN, top)
                top += text.height

        return Block(max(QR, sum(text.height for text in told)) + 10, drawn)

    def _again(self, number: int, total: int) -> Block:
        """The head of every page but the first."""
        said = self.words._("Familia {code} · hoja {n} de {total}").format(code=self.family.code, n=number, total=total)

        def drawn(pen: Pen, top: float) -> None:
            pen.text(MARGIN, top + 11, printable(said), 11, bold=True)
            stamp(pen, MARGIN + INNER, top - 2, self.stamped, 10)
            pen.rule(MARGIN, top + 20, INNER, width=1)

        return Block(28, drawn)

    def _foot(self, pen: Pen, base: float, number: int, total: int) -> None:
        _ = self.words._
        pen.text(MARGIN, base, _("Contiene datos personales: guárdese bajo llave."), LABEL, gray=LABEL_GRAY)
        said = _("{code} · hoja {n} de {total}").format(code=self.family.code, n=number, total=total)
        pen.right(MARGIN + INNER, base, printable(said), LABEL, gray=LABEL_GRAY)

    def _arrival(self) -> list[Block]:
        _, words, arrival = self.words._, self.words, self.family.arrival
        by_mode = {"land": _("Por tierra"), "air": _("Por aire")}
        came = by_mode.get(arrival.mode, arrival.mode)
        return [
            _heading(_("Llegada")),
            _fields(
                [
                    (_("Cuándo"), words.moment(arrival.at), 1.1),
                    (_("En qué vino"), f"{came} · {arrival.label}", 1.6),
                    (_("Viene de"), words.country(arrival.country), 1),
                    (_("Personas a bordo"), f"{arrival.headcount:,}", 0.8),
                ]
            ),
        ]

    def _group(self) -> list[Block]:
        """The kind of family, what it asks of us at once, where from and where to, how one talks with it."""
        _, words, family = self.words._, self.words, self.family
        kinds = {
            "family_unit": _("Unidad familiar (UFAMI): niñez con madre o padre"),
            "guardian_unit": _("Niñez con tutor o tutora legal, sin madre ni padre"),
            "child_without_parent": _("Niñez sin madre, padre, tutor ni tutora"),
            "adults_only": _("Solo personas adultas"),
        }
        spanish = {"none": _("Nada"), "some": _("Poco"), "fluent": _("Bien")}
        interpreter = {True: _("Sí"), False: _("No"), None: UNKNOWN}[family.interpreter]
        contact = next((person for person in family.members if person.n == family.contact), None)
        tongue = (_("Idioma de la entrevista"), words.tongue(family.language), 1.2)
        speaks = (_("Habla español"), spanish.get(family.spanish or "", ""), 0.9)
        helped = (_("Con intérprete"), interpreter, 0.9)
        what = (_("Tipo"), kinds.get(self.kind.kind, self.kind.kind), 2.2)
        if not self.named:
            return [_heading(_("Familia")), _fields([what]), *self._notices(), _fields([tongue, speaks, helped])]
        return [
            _heading(_("Familia")),
            _fields([what, (_("Persona de contacto"), full_name(contact) if contact else "", 1.3)]),
            *self._notices(),
            _fields(
                [
                    (_("Lugar de origen"), words.whereabouts(family.origin), 1),
                    (_("Va hacia"), words.whereabouts(family.destination), 1),
                ]
            ),
            _fields([(_("Teléfono"), phone_text(family.phone) if family.phone else "", 1.0), tongue, speaks, helped]),
        ]

    def _notices(self) -> list[Block]:
        """What the kind of family and the record ask somebody to do."""
        _, ngettext, words, kind = self.words._, self.words.ngettext, self.words, self.kind
        day = self.family.arrival.day
        short = words.called_short(self.family)

        def called(numbers: Sequence[int]) -> str:
            return words.several([short.get(n, _("Persona {n}").format(n=n)) for n in numbers])

        notices: list[Block] = []
        if kind.kind == "child_without_parent":
            minors = [person.n for person in self.family.members if is_minor(person, day)]
            said = _("La PGN y la SBS deben hacerse cargo ahora de {names}.").format(names=called(minors))
            notices.append(self._handover(said))
        if kind.separated:
            said = _("Sin su madre ni su padre en el grupo: {names}. La PGN y la SBS deben hacerse cargo ahora.")
            notices.append(self._handover(said.format(names=called(kind.separated))))
        if kind.minor_parents:
            said = _(
                "Avise a la PGN y a la SBS. Menor de edad con una hija o un hijo, y sin su propia madre ni su padre "
                "aquí: {names}."
            )
            notices.append(_notice(said.format(names=called(kind.minor_parents))))
        doubtful = [remark.n for remark in kind.warnings if remark.code == "age_uncertain" and remark.n]
        if doubtful:
            said = _("No se sabe si ya había cumplido 18 años, y se atiende como menor de edad: {names}.")
            notices.append(_notice(said.format(names=called(doubtful))))
        if any(remark.code == "two_families" for remark in kind.warnings):
            notices.append(_notice(_("Pueden ser dos familias: pregunte antes de firmar.")))
        if doubts := len(self.family.doubts):
            said = ngettext(
                "{n} dato tiene dos respuestas: resuélvalo en pantalla antes de firmar.",
                "{n} datos tienen dos respuestas: resuélvalos en pantalla antes de firmar.",
                doubts,
            )
            notices.append(_notice(said.format(n=doubts)))
        return notices

    def _handover(self, said: str) -> Block:
        """A notice with room to write who took over, when, and to sign."""
        _ = self.words._
        return _notice(said, blanks=((_("Entregado a"), 2.2), (_("Hora"), 0.8), (_("Firma"), 1.6)))

    def _people(self) -> list[Block]:
        _, words, family = self.words._, self.words, self.family
        head = _head_row(
            [
                _("N.º"),
                _("Nombre"),
                _("Parentesco"),
                _("Sexo"),
                _("Nacimiento"),
                _("Edad"),
                _("Nacionalidad"),
                _("Idioma"),
            ],
            PEOPLE,
        )
        blocks = [_heading(_("Personas")), head]
        for person in family.members:
            born = person.born
            told = born.text(words.words) if born and born.edtf else UNKNOWN
            age = born.age_text(family.arrival.day, words.words) if born else UNKNOWN
            cells = [
                (f"{person.n}", 0, False),
                (full_name(person) or _("Persona {n}").format(n=person.n), 1, True),
                (words.role(person.role), 2, False),
                (words.sex(person.sex), 3, False),
                (told, 4, False),
                (age, 5, False),
                (words.country(person.nationality), 6, False),
                (words.tongue(person.mother_tongue) or UNKNOWN, 7, False),
            ]
            blocks.append(self._person(person, cells, head))
        left = [self._gone(person) for person in family.gone if person.state == "left"]
        if left:
            said = _("Ya no están en el grupo: {names}.").format(names=words.several(left))
            blocks += [space(3), *paragraph(said, x=MARGIN, width=INNER, size=8.5)]
        return [*blocks, space(AFTER)]

    def _gone(self, person: Person) -> str:
        return full_name(person) or self.words._("Persona {n}").format(n=person.n)

    def _person(self, person: Person, cells: Sequence[tuple[str, int, bool]], head: Block) -> Block:
        """A member in two storeys: the columns, then papers and needs across the width."""
        _, ngettext, words = self.words._, self.words.ngettext, self.words
        kinds = {
            "CUI": _("CUI"),
            "PASSPORT": _("Pasaporte"),
            "DNI_HND": _("DNI de Honduras"),
            "DUI": _("DUI de El Salvador"),
            "CURP": _("CURP de México"),
            "BIRTH_RECORD": _("Certificado de nacimiento"),
            "CONSULAR_ID": _("Identificación consular"),
            "OTHER": _("Otro documento"),
        }
        papers = []
        for document in person.documents:
            paper = f"{kinds.get(document.kind, document.kind)} {document_text(document)}"
            papers.append(_("{paper} (sin verificar)").format(paper=paper) if document.unverified else paper)
        under = [_("Documentos: {list}").format(list=", ".join(papers) if papers else _("ninguno"))]
        if person.needs:
            told = [words.need(code) for code in person.needs if code not in TOLD_IN_PRIVATE]
            if private := len(person.needs) - len(told):
                told.append(ngettext("{n} reservada", "{n} reservadas", private).format(n=private))
            under.append(_("Necesidades: {list}").format(list=", ".join(told)))
        columns = [
            (_left(PEOPLE, column), laid(text, 8.5 if column != 1 else BODY, _width(PEOPLE, column) - 6, bold=bold))
            for text, column, bold in cells
        ]
        below = [laid(text, 8.5, INNER - PEOPLE[0], most=LONGEST_LIST) for text in under]
        upper = max(text.height for _x, text in columns)
        height = upper + sum(text.height for text in below) + 8

        def drawn(pen: Pen, top: float) -> None:
            for x, text in columns:
                text.draw(pen, x, top + 3 + (BODY - text.size) * ASCENT)
            y = top + 3 + upper + 1
            for text in below:
                text.draw(pen, MARGIN + PEOPLE[0], y)
                y += text.height
            pen.rule(MARGIN, top + height - 0.5, INNER, width=0.4, gray=0.6)

        return Block(height, drawn, head=head)

    def _counts(self) -> list[Block]:
        """How many by role, sex and age group, and nothing else."""
        _, words, family = self.words._, self.words, self.family
        said = _(
            "La familia no aceptó que se registren sus datos. No se guardan nombres, documentos, teléfono ni lugares: "
            "las personas solo se cuentan."
        )
        widths = (160.0, 100.0, 160.0, 0.0)
        counted = Counter(
            (words.role(person.role), words.sex(person.sex), words.age_group(person, family.arrival.day))
            for person in family.members
        )
        head = _head_row([_("Parentesco"), _("Sexo"), _("Grupo de edad"), _("Personas")], widths)
        blocks = [_heading(_("Personas")), *paragraph(said, x=MARGIN, width=INNER, size=BODY), space(5), head]
        for group, count in counted.items():
            blocks.append(_table_row([*group, f"{count}"], widths, head=head))
        return [*blocks, space(AFTER)]

    def _services(self) -> list[Block]:
        """What was given, under the slip, the time and the giver it came with."""
        _ = self.words._
        blocks = [_heading(_("Servicios"))]
        if not self.family.services:
            return [*blocks, *paragraph(_("Ninguno hasta ahora."), x=MARGIN, width=INNER, size=BODY), space(AFTER)]
        occasions: dict[tuple[object, ...], list[Service]] = {}
        for one in self.family.services:
            occasions.setdefault((one.slip, one.at, one.by), []).append(one)
        for together in occasions.values():
            head = self._occasion(together[0])
            blocks.append(head)
            alike: dict[tuple[object, ...], list[Service]] = {}
            for one in together:
                alike.setdefault((one.code, one.person is None, one.quantity, one.undone, one.override), []).append(one)
            blocks += [self._service(events, head) for events in alike.values()]
        return [*blocks, space(AFTER)]

    def _occasion(self, one: Service) -> Block:
        _ = self.words._
        told = [_("Boleta {number}").format(number=one.slip)] if one.slip else []
        told.append(self.words.moment(one.at))
        if one.by:
            told.append(_("entregó {name}").format(name=self._name(one.by)))
        text = laid(" · ".join(told), 8.5, INNER)

        def drawn(pen: Pen, top: float) -> None:
            text.draw(pen, MARGIN, top)
            pen.rule(MARGIN, top + text.height + 2, INNER, width=0.8)

        return Block(text.height + 3, drawn, keep=True)

    def _service(self, events: Sequence[Service], head: Block) -> Block:
        """One service given in one go, for one or for several members."""
        _, words = self.words._, self.words
        one = events[0]
        short = words.called_short(self.family)
        served = {event.person for event in events}
        if one.person is None:
            whom = _("La familia")
        elif len(served) > 2 and served == {person.n for person in self.family.members}:
            whom = _("Las {n} personas").format(n=len(served))
        else:
            whom = words.several([short.get(n or 0, _("Persona {n}").format(n=n)) for n in served])
        amount = words.quantity(one.code, sum(event.quantity for event in events))
        name = laid(words.service(one.code), BODY, _width(SERVICES, 1) - 6, bold=True)
        receivers = laid(whom, BODY, _width(SERVICES, 2) - 6, most=LONGEST_LIST)
        quantity = laid(_("anulado") if one.undone else amount, BODY, _width(SERVICES, 3), bold=True)
        reason = (
            laid(_("Por excepción: {reason}").format(reason=one.override), 8.5, INNER - 30) if one.override else None
        )
        upper = max(15.5, name.height, receivers.height)
        height = upper + (reason.height if reason else 0) + 5

        def drawn(pen: Pen, top: float) -> None:
            pen.pictogram(one.code, MARGIN + 1, top + 2, 16)
            name.draw(pen, _left(SERVICES, 1), top + 4)
            receivers.draw(pen, _left(SERVICES, 2), top + 4)
            pen.right(MARGIN + INNER, top + 4 + BODY * ASCENT, quantity.lines[0], BODY, bold=True)
            if one.undone:
                for n, line in enumerate(name.lines):
                    pen.rule(_left(SERVICES, 1), top + 4 + BODY * (0.62 + n * LEADING), face_of(True).width(line, BODY))
            if reason:
                reason.draw(pen, _left(SERVICES, 1), top + upper + 3)
            pen.rule(MARGIN, top + height - 0.5, INNER, width=0.4, gray=0.6)

        return Block(height, drawn, head=head)

    def _notes(self) -> list[Block]:
        _, words = self.words._, self.words
        if not self.family.notes:
            return []
        short = words.called_short(self.family)
        blocks = [_heading(_("Notas"))]
        for note in self.family.notes:
            about = [words.moment(note.at)] if note.at else []
            about += [self._name(note.by)] if note.by else []
            if note.person is not None:
                name = short.get(note.person, _("Persona {n}").format(n=note.person))
                about.append(_("sobre {name}").format(name=name))
            said = laid(" · ".join(about), LABEL, INNER, gray=LABEL_GRAY)
            blocks.append(_text_block(said, keep=True))
            blocks += paragraph(note.text, x=MARGIN, width=INNER, size=BODY)
            blocks.append(space(4))
        return [*blocks, space(4)]

    def _consent(self) -> list[Block]:
        """What was asked and answered, in plain words, on one page with the signatures under it."""
        _, words, consent = self.words._, self.words, self.family.consent
        hows = {
            "spoken": _("de palabra"),
            "read aloud": _("leído en voz alta"),
            "written": _("por escrito"),
            "interpreter": _("por medio de intérprete"),
        }
        if consent is None:
            asked = _(
                "Todavía no consta que se haya preguntado. Pregunte, marque las respuestas y anótelas en pantalla."
            )
        else:
            asked = _("Para atender a la familia y darle seguimiento se preguntó en {language}, {how}:").format(
                language=words.tongue(consent.asked_in) or UNKNOWN, how=hows.get(consent.how, consent.how)
            )
        questions = (
            (
                _("¿Acepta que guardemos nombres, documentos, teléfono y lugares de su familia?"),
                consent.register if consent else None,
            ),
            (
                _("¿Acepta que los compartamos con otras instituciones que pueden ayudarle?"),
                consent.share if consent else None,
            ),
        )
        rights = _(
            "Los servicios se dan igual, sea cual sea la respuesta. La familia puede cambiarla cuando quiera, y pedir "
            "ver, corregir o actualizar lo que se guarda de ella (Constitución, artículo 31; Decreto 57-2008)."
        )
        lead = laid(asked, BODY, INNER)
        laid_out = [(laid(question, BODY, INNER - 112), answer) for question, answer in questions]
        end = laid(rights, BODY, INNER)
        gaps = 5
        height = lead.height + sum(max(text.height, 14) + gaps for text, _a in laid_out) + end.height + gaps

        def drawn(pen: Pen, top: float) -> None:
            lead.draw(pen, MARGIN, top)
            top += lead.height + gaps
            for text, answer in laid_out:
                text.draw(pen, MARGIN, top)
                _tick(pen, MARGIN + INNER - 100, top, _("Sí"), answer is True)
                _tick(pen, MARGIN + INNER - 46, top, _("No"), answer is False)
                top += max(text.height, 14) + gaps
            end.draw(pen, MARGIN, top)

        return [_heading(_("Consentimiento")), Block(height, drawn, keep=True), space(AFTER, keep=True)]

    def _signatures(self) -> list[Block]:
        """Boxes to sign or leave a fingerprint in, on one page with each other."""
        _, family = self.words._, self.family
        contact = next((person for person in family.members if person.n == family.contact), None)
        adults = [person for person in family.members if not is_minor(person, family.arrival.day)]
        signer = contact or next(iter(adults), None)
        places: list[tuple[str, str]] = []
        if self.kind.kind == "child_without_parent":
            places.append((_("Recibe por la PGN o la SBS: nombre y firma"), ""))
        else:
            places.append((_("Contacto: firma o huella"), full_name(signer) if signer and self.named else ""))
        places.append((_("Registró: firma"), self._name(family.registered_by) if family.registered_by else ""))
        if family.interpreter:
            places.append((_("Interpretó: nombre y firma"), ""))
        gap = 12.0
        width = (INNER - gap * (len(places) - 1)) / len(places)
        texts = [(laid(label, 8.5, width - 8), laid(name, 8.5, width - 8, bold=True)) for label, name in places]
        below = max(label.height + (name.height if name.lines != ("",) else 0) for label, name in texts)

        def drawn(pen: Pen, top: float) -> None:
            for n, (label, name) in enumerate(texts):
                x = MARGIN + n * (width + gap)
                pen.box(x, top, width, SIGN)
                label.draw(pen, x + 4, top + SIGN + 3)
                if name.lines != ("",):
                    name.draw(pen, x + 4, top + SIGN + 3 + label.height)

        return [_heading(_("Firmas")), Block(SIGN + 5 + below, drawn)]

    def _name(self, staff: str) -> str:
        """Who did it; an id nobody here knows is not shown."""
        return self.staff.get(staff, UNKNOWN)


def _heading(text: str) -> Block:
    def drawn(pen: Pen, top: float) -> None:
        pen.fill(MARGIN, top, INNER, 15, gray=0.9)
        pen.text(MARGIN + 4, top + 10.8, text.upper(), HEADING, bold=True)

    return Block(19, drawn, keep=True)


def _fields(fields: Sequence[tuple[str, str, float]]) -> Block:
    """Label over value, side by side, sharing the width as the third number says."""
    shares = sum(share for _l, _v, share in fields)
    placed: list[tuple[float, Text, Text]] = []
    x = MARGIN
    for label, value, share in fields:
        width = INNER * share / shares
        placed.append((x, laid(label, LABEL, width - 8, gray=LABEL_GRAY), laid(value or UNKNOWN, BODY, width - 8)))
        x += width
    height = max(label.height + value.height for _x, label, value in placed)

    def drawn(pen: Pen, top: float) -> None:
        for x, label, value in placed:
            label.draw(pen, x, top)
            value.draw(pen, x, top + label.height)

    return Block(height + 5, drawn)


def _notice(said: str, *, blanks: Sequence[tuple[str, float]] = ()) -> Block:
    """Something to do, in a strong frame, with lines to write on where somebody must."""
    text = laid(said, BODY, INNER - 20, bold=True, most=LONGEST_LIST)
    height = text.height + 12 + (26 if blanks else 0)

    def drawn(pen: Pen, top: float) -> None:
        pen.box(MARGIN, top, INNER, height, line=1.6)
        text.draw(pen, MARGIN + 10, top + 6)
        x, base = MARGIN + 10, top + text.height + 28
        shares = sum(share for _label, share in blanks)
        for label, share in blanks:
            width = (INNER - 20) * share / shares
            taken = face_of(False).width(label, 8.5) + 4
            pen.text(x, base, label, 8.5)
            pen.rule(x + taken, base + 1, width - taken - 8, width=0.6)
            x += width

    return Block(height + 8, drawn)


def _head_row(cells: Sequence[str], widths: Sequence[float]) -> Block:
    """The head of a table."""
    texts = [laid(text, LABEL, _width(widths, column) - 4, gray=LABEL_GRAY) for column, text in enumerate(cells)]
    height = max(text.height for text in texts) + 4

    def drawn(pen: Pen, top: float) -> None:
        for column, text in enumerate(texts):
            text.draw(pen, _left(widths, column), top)
        pen.rule(MARGIN, top + height - 1, INNER, width=0.8)

    return Block(height, drawn, keep=True)


def _table_row(cells: Sequence[str], widths: Sequence[float], *, head: Block) -> Block:
    texts = [laid(text, BODY, _width(widths, column) - 6) for column, text in enumerate(cells)]
    height = max(text.height for text in texts) + 6

    def drawn(pen: Pen, top: float) -> None:
        for column, text in enumerate(texts):
            text.draw(pen, _left(widths, column), top + 3)
        pen.rule(MARGIN, top + height - 0.5, INNER, width=0.4, gray=0.6)

    return Block(height, drawn, head=head)


def _text_block(text: Text, *, keep: bool = False) -> Block:
    return Block(text.height, lambda pen, top: text.draw(pen, MARGIN, top), keep=keep)


def _tick(pen: Pen, x: float, top: float, label: str, ticked: bool) -> None:
    """A box to tick with its word; a cross in it where the answer is known."""
    pen.box(x, top, 12, 12, line=0.9)
    if ticked:
        pen.centre(x + 6, top + 9.8, "×", 12, bold=True)
    pen.text(x + 17, top + 9.6, label, BODY, bold=ticked)


def _left(widths: Sequence[float], column: int) -> float:
    return MARGIN + sum(widths[:column])


def _width(widths: Sequence[float], column: int) -> float:
    """A column's width; one of 0 takes what the others leave."""
    return widths[column] or INNER - sum(widths)
