"""A practice day from the bus to the figures: two desks, enrolled, invented families, papers, a stick, a report."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from returnee_desk.cli.exchange import figure_lines
from returnee_desk.cli.frame import Answer, Call, option, root, write
from returnee_desk.cli.paper import print_sheet, print_slip
from returnee_desk.errors import Refused
from returnee_desk.words import _, mark, ngettext

if TYPE_CHECKING:
    from returnee_desk.paper import Printed
    from returnee_desk.records.families import Family
    from returnee_desk.store.desk import Desk

PASSPHRASE = "practica"  # noqa: S105 - every practice desk has it, and real desks refuse what practice desks write
USER = "Práctica"
FAMILIES_ABOARD = 9
ABOARD = {"land": 36, "air": 115}
FLIGHT_EVERY = 2
HOURS_BETWEEN = 7
MOST_FAMILIES = 200_000
PAPERS_PRINTED = 3


_PRINTED: dict[str, Callable[[Desk, Family, Path], Printed]] = {
    "boleta-80mm": lambda post, family, file: print_slip(post, family, file, paper="80mm"),
    "boleta-carta": lambda post, family, file: print_slip(post, family, file, paper="letter"),
    "hoja": print_sheet,
}


@root.command(help=mark("Crea un puesto y una oficina de práctica con familias inventadas."))
@click.argument("folder", type=click.Path(path_type=Path))
@option("--families", type=click.IntRange(1, MOST_FAMILIES), default=16, metavar="N", help=mark("Cuántas familias."))
@option("--seed", type=int, default=1, metavar="S", help=mark("La misma semilla, las mismas familias."))
@click.pass_obj
def demo(call: Call, folder: Path, families: int, seed: int) -> Answer:
    day = PracticeDay(folder, families=families, seed=seed, told=not call.as_json)
    data = day.walk()
    call.practice = True
    return Answer(data)


@dataclass
class PracticeDay:
    """Walks the day step by step. `told` False keeps quiet, for JSON."""

    folder: Path
    families: int
    seed: int
    told: bool = True
    counts: dict[str, int] = field(default_factory=dict)

    def say(self, text: str) -> None:
        if self.told:
            write(text)

    def walk(self) -> dict[str, Any]:
        for name in ("post", "office"):
            if (self.folder / name / "desk.db").exists():
                raise Refused("desk_exists", path=name)
        began = time.monotonic()
        with ExitStack() as open_desks:
            post, office = self.found(open_desks)
            codes = self.receive(post)
            papers = self.print(post, codes)
            figures = self.exchange(post, office)
            state = post.status()
        self.say("")
        self.say(_("Listo en {n} segundos. Contraseña de los dos puestos: {passphrase}").format(
            n=round(time.monotonic() - began, 1), passphrase=PASSPHRASE))  # fmt: skip
        return {
            "paths": {"post": str(self.folder / "post"), "office": str(self.folder / "office"),
                      "papers": [str(one) for one in papers], "stick": str(self.stick)},
            "user": USER,
            **self.counts,
            "status": state,
            "figures": figures,
        }  # fmt: skip

    @property
    def stick(self) -> Path:
        return self.folder / "usb"

    def found(self, open_desks: ExitStack) -> tuple[Desk, Desk]:
        """Both desks, and the post's enrolment as it is done for real: request, words, answer, words."""
        from returnee_desk.sync.founding import accept_enrolment, found_desk, install_enrolment, request_enrolment

        self.say(_("1. Se crean la oficina y el puesto de Tecún Umán, con sus llaves."))
        made = {
            kind: found_desk(self.folder / kind, kind=kind, place=place, letter="A", user=USER, passphrase=PASSPHRASE,
                             practice=True)
            for kind, place in (("office", "OFFICE"), ("post", "TUM1"))
        }  # fmt: skip
        post, office = (open_desks.enter_context(made[kind].desk) for kind in ("post", "office"))
        self.stick.mkdir(mode=0o700, exist_ok=True)
        request, answer = self.stick / "solicitud.json", self.stick / "respuesta.json"
        asked = request_enrolment(post, request)
        accepted = accept_enrolment(office, request, answer, passphrase=PASSPHRASE, words=asked.words)
        install_enrolment(post, answer, words=accepted.words)
        self.say(_("   El puesto se inscribe en la oficina. Por teléfono leen: {words}").format(words=asked.words))
        return post, office

    # the post

    def receive(self, post: Desk) -> list[str]:
        """Opens the buses and flights, registers who came, and answers the families' codes."""
        from returnee_desk import acts
        from returnee_desk.cli.invented import SHAPES, Invented

        self.say(_("2. Llegan buses y vuelos; cada familia se registra y recibe sus servicios."))
        source = Invented(self.seed)
        codes: list[str] = []
        linked = 0
        arrivals = list(self.arrivals(post.clock()))
        for number, (asked, size) in enumerate(arrivals):
            arrival = post.do(acts.open_arrival, asked)["arrival_id"]
            begun = datetime.fromisoformat(asked["at"])
            for place in range(size):
                told = source.next(begun.date(), again=len(codes) + 1 == self.families > len(SHAPES)) | {
                    "arrival": arrival
                }
                told["registered_at"] = (begun + timedelta(minutes=4 * (place + 1))).isoformat()
                saved = post.do(acts.register_family, told)
                codes.append(saved["code"])
                linked += self.link_earlier(post, saved["id"])
            if number < len(arrivals) - 1:  # the last one stays open, as on any day
                aboard = post.arrival(arrival)
                post.do(acts.set_arrival, arrival, others=aboard.headcount - aboard.registered)
                post.do(acts.close_arrival, arrival)
            self.tell_arrival(asked, size, number)
        self.deliver_and_undo(post, codes[0])
        self.counts |= {"families": len(codes), "arrivals": len(arrivals), "linked": linked}
        return codes

    def arrivals(self, now: datetime) -> Iterator[tuple[dict[str, Any], int]]:
        """What arrives, the oldest first, and how many families each brings. The last came an hour ago."""
        count = -(-self.families // FAMILIES_ABOARD)
        last = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
        for number in range(count):
            at = last - timedelta(hours=HOURS_BETWEEN * (count - 1 - number))
            mode = "air" if number % FLIGHT_EVERY == FLIGHT_EVERY - 1 else "land"
            label = f"Vuelo {100 + number}" if mode == "air" else f"Bus {number + 1}"
            asked = {"mode": mode, "label": label, "from": "USA" if mode == "air" else "MEX", "at": at.isoformat(),
                     "headcount": ABOARD[mode]}  # fmt: skip
            yield asked, min(FAMILIES_ABOARD, self.families - number * FAMILIES_ABOARD)

    def tell_arrival(self, asked: dict[str, Any], size: int, number: int) -> None:
        if number < 4 or (number + 1) % 50 == 0:
            at = datetime.fromisoformat(asked["at"])
            families = ngettext("{n} familia", "{n} familias", size).format(n=size)
            self.say(f"   {asked['label']}, {at:%d/%m/%Y %H:%M}: {families}")

    def link_earlier(self, post: Desk, family_id: str) -> int:
        """Whoever almost certainly came before is linked with the earlier record, as a clerk would."""
        from returnee_desk import acts

        family = post.family_by_id(family_id)
        found = post.likely_earlier(
            family.members, municipality=family.origin.municipality, phone=family.phone, exclude_family=family_id
        )
        best: dict[int, Any] = {}
        for one in found:
            if one.band == "almost_certain":
                best.setdefault(one.for_, one)
        for n, one in best.items():
            post.do(acts.same, f"{family.code}#{n}", f"{one.code}#{one.n}")
        return len(best)

    def deliver_and_undo(self, post: Desk, code: str) -> None:
        from returnee_desk import acts

        given = post.do(acts.deliver, code, "KIT_ROPA", person=1)
        mistaken = post.do(acts.deliver, code, "RECARGA")
        post.do(acts.undo, mistaken["service_id"])
        self.say(_("   En la ventanilla: un kit de ropa para {code}, boleta {slip}; otra entrega se deshace.").format(
            code=code, slip=given["slip"]))  # fmt: skip

    def print(self, post: Desk, codes: list[str]) -> list[Path]:
        """Slips on both papers and intake sheets of the first families."""
        self.say(_("3. Salen las boletas y las hojas."))
        folder = self.folder / "pdf"
        folder.mkdir(mode=0o700, exist_ok=True)
        made = []
        pages = 0
        for code in codes[:PAPERS_PRINTED]:
            family = post.family(code)
            for name, printed in _PRINTED.items():
                file = folder / f"{code}-{name}.pdf"
                pages += printed(post, family, file).pages
                made.append(file)
                self.say(f"   {file}")
        self.counts |= {"papers": len(made), "pages": pages}
        return made

    # the stick and the office

    def exchange(self, post: Desk, office: Desk) -> dict[str, Any]:
        from returnee_desk.reports.figures import figures
        from returnee_desk.sync import exchange

        self.say(_("4. El puesto escribe una memoria; la oficina la lee y devuelve su acuse."))
        out = exchange.export(post, self.stick)
        taken = exchange.import_(office, self.stick)
        office.backup(self.folder / "office-backup.zip")
        exchange.export(office, self.stick)
        exchange.import_(post, self.stick)
        state = post.status()
        self.counts |= {"operations": out.operations, "taken": taken.operations}
        self.say(_("   {n} cambios en la memoria {stick}").format(n=out.operations, stick=self.stick))
        self.say(
            _("   En el puesto: sin enviar {unsent}, enviado {sent}, llegó {arrived}, a salvo {safe}").format(**state)
        )
        self.say(_("5. La oficina saca las cifras del año."))
        found = figures(office, str(office.clock().year))
        for line in figure_lines(found):
            self.say(f"   {line}")
        return found
