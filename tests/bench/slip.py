"""How long a slip takes, against the plainest way of making one with the same libraries.

The floor is what one would write first: a reportlab canvas, DejaVu registered once, twelve lines of text, a
table of eight rows ruled cell by cell and segno's QR with its search for the best mask, drawn module by
module; reportlab's own settings. Ours is the real slip of a family of four with six services, on Letter and
on the roll, with pictures. Both run in turn (A B A B …) in one process; medians and their ratio count.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from importlib import resources
from statistics import median
from typing import Any

from returnee_desk.paper.slip import slip_pdf
from returnee_desk.records.codes import family_code
from returnee_desk.records.families import Family
from tests.paper.families import given, make_person, mother_and_child

TEXTS = (
    "SOSEP · Familias retornadas",
    "Tecún Umán I",
    "22/11/2026 · 15:02 h",
    "TUM1-A3-S00017-M",
    "Bus 3 · 14:20 h",
    "4 personas",
    "1 María Elena, adulta",
    "2 Óscar Iván, adulto",
    "3 José, niño",
    "4 Luz Marina, bebé",
    "Ahora vaya a: Comida → Entrega de kits → Transporte",
    "Muestre esta boleta en cada ventanilla. Guárdela hasta terminar. La atención es gratuita.",
)
TABLE = (
    ("Servicio", "Para", "Cantidad"),
    ("Kit de higiene", "Para las 4 personas", "×4"),
    ("Kit lúdico", "José y Luz Marina", "×2"),
    ("Alimentación", "Para las 4 personas", "×4"),
    ("Llamada telefónica nacional", "Para la familia", "×1"),
    ("Atención médica a niñas, niños y adolescentes", "Luz Marina", "×1"),
    ("Transporte a terminal de buses", "Para las 4 personas", "×4"),
    ("Orientación", "Para la familia", "×1"),
)


def family(counter: int) -> Family:
    members = (
        make_person(1, "María Elena", "Xiloj Tzul", sex="F", age=31, role="MADRE"),
        make_person(2, "Óscar Iván", "Caal Pop", sex="M", age=33, role="PADRE"),
        make_person(3, "José", "Caal Xiloj", sex="M", age=6, role="HIJO"),
        make_person(4, "Luz Marina", "Caal Xiloj", sex="F", age=1, role="HIJA"),
    )
    everybody = (1, 2, 3, 4)
    services = (
        *(given("KIT_HIG", n) for n in everybody),
        *(given("KIT_LUD", n) for n in (3, 4)),
        *(given("ALIM", n) for n in everybody),
        given("LLAM_NAC"),
        given("MED_NNA", 4),
        *(given("TRANS_TER", n) for n in everybody),
    )
    return mother_and_child(members=members, services=services, code=family_code("TUM1", "A", "3", counter))


def ours(counter: int, *, paper: str) -> bytes:
    return slip_pdf(family(counter), place_name="Tecún Umán I", paper=paper, mac="7K2M9P").pdf


def register_floor_fonts() -> None:
    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.pdfbase.ttfonts import TTFont

    for name in ("DejaVuSans", "DejaVuSans-Bold"):
        data = (resources.files("returnee_desk.resources") / "fonts" / f"{name}.ttf").read_bytes()
        registerFont(TTFont(f"Floor{name}", io.BytesIO(data)))


def floor(counter: int) -> bytes:
    import segno
    from reportlab import rl_config
    from reportlab.pdfgen.canvas import Canvas

    ours_is, rl_config.useA85 = rl_config.useA85, 1  # as reportlab comes
    try:
        code = family_code("TUM1", "A", "3", counter)
        file = io.BytesIO()
        canvas: Any = Canvas(file, pagesize=(612, 792), invariant=1, lang="es-GT")
        canvas.setFont("FloorDejaVuSans-Bold", 28)
        canvas.drawString(180, 700, code)
        canvas.setFont("FloorDejaVuSans", 11)
        for n, text in enumerate(TEXTS):
            canvas.drawString(45, 620 - 16 * n, text)
        for row, cells in enumerate(TABLE):
            for column, (x, width) in enumerate(((45, 280), (325, 160), (485, 80))):
                canvas.rect(x, 380 - 22 * row, width, 22)
                canvas.drawString(x + 4, 387 - 22 * row, cells[column])
        matrix = segno.make(f"RD1:{code}:7K2M9P", error="q", micro=False).matrix
        for y, modules in enumerate(matrix):
            for x, dark in enumerate(modules):
                if dark:
                    canvas.rect(45 + 4 * x, 740 - 4 * y, 4, 4, stroke=0, fill=1)
        canvas.showPage()
        canvas.save()
        return file.getvalue()
    finally:
        rl_config.useA85 = ours_is


def run(quick: bool) -> dict[str, Any]:
    """Milliseconds (medians) and bytes. `ratio`: our Letter slip to the floor; goal 0.7. `queue`: 45 slips one
    after the other; goal 0.5 of 45 floors."""
    rounds = 15 if quick else 60
    register_floor_fonts()
    begun = time.perf_counter()
    first = ours(1, paper="letter")
    first_ms = 1000 * (time.perf_counter() - begun)
    floor(1)
    ways: dict[str, Callable[[int], bytes]] = {
        "floor": floor,
        "letter": lambda n: ours(n, paper="letter"),
        "roll": lambda n: ours(n, paper="80mm"),
    }
    took: dict[str, list[float]] = {name: [] for name in ways}
    largest = dict.fromkeys(ways, 0)
    for n in range(1, rounds + 1):
        for name, make in ways.items():
            begun = time.perf_counter()
            pdf = make(1000 + n)
            took[name].append(1000 * (time.perf_counter() - begun))
            largest[name] = max(largest[name], len(pdf))
    queues: dict[str, list[float]] = {"floor": [], "roll": []}
    for turn in range(3 if quick else 7):
        for name, took_queue in queues.items():
            begun = time.perf_counter()
            for n in range(45):
                ways[name](5000 + 100 * turn + n)
            took_queue.append(1000 * (time.perf_counter() - begun))
    queue = {name: median(times) for name, times in queues.items()}
    ms = {name: median(times) for name, times in took.items()}
    return {
        "name": "slip",
        "ms": {name: round(value, 2) for name, value in ms.items()},
        "ratio": round(ms["letter"] / ms["floor"], 3),
        "roll_ratio": round(ms["roll"] / ms["floor"], 3),
        "goal": 0.7,
        "queue_of_45_ms": {name: round(value, 1) for name, value in queue.items()},
        "queue_ratio": round(queue["roll"] / queue["floor"], 3),
        "queue_goal": 0.5,
        "bytes": largest,
        "bytes_goal": 30_000,
        "first_slip_ms": round(first_ms, 1),
        "first_slip_bytes": len(first),
        "rounds": rounds,
    }
