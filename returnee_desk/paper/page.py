"""Pages: a pen that draws on them, and blocks that flow over them.

Measures are points (1/72 inch) from the left and the top of the page. A page is laid out before it is
drawn: blocks know their height, so that a roll can be cut to length and "hoja 2 de 3" can be said.
Text is always drawn as text; nothing in it is ever read as markup.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from returnee_desk.paper.fonts import CUT, Face, begin, faces, fit, printable, wrap
from returnee_desk.paper.pictograms import GRID, STROKE, pictogram

MM = 72 / 25.4
LETTER = (612.0, 792.0)
LEADING = 1.28
"""Line distance in sizes; DejaVu's own letters reach over 1.17, so lines never touch."""
ASCENT = 0.95
"""From the top of a line to its base, in sizes."""
QR_MASK = 2
"""One mask for all: trying the eight costs half of a slip's time, and every reader reads any."""


class Pen:
    """Draws on the pages of one PDF."""

    def __init__(self, *, title: str, width: float, height: float, language: str) -> None:
        from reportlab.pdfgen.canvas import Canvas

        regular = faces().regular
        self._file = io.BytesIO()
        self._canvas: Any = Canvas(
            self._file,
            pagesize=(width, height),
            invariant=1,
            pageCompression=1,
            lang="es-GT" if language == "es" else language,
            initialFontName=regular.name,
        )
        self._canvas.setTitle(title)
        self._canvas.setCreator("Returnee Desk")
        self._canvas.setAuthor("")
        self._canvas.setSubject("")
        begin(self._canvas._doc)
        self.width, self.height = width, height
        self.pages = 0
        self._face: tuple[bool, float] | None = None
        self._gray: float | None = None
        self._begin_page()

    def text(self, x: float, base: float, text: str, size: float, *, bold: bool = False, gray: float = 0.0) -> None:
        """One line with its base at `base`. The text must have gone through `printable`."""
        texts = self._texts
        if (bold, size) != self._face:
            texts.setFont("Desk-Bold" if bold else "Desk", size, 0)
            self._face = (bold, size)
        if gray != self._gray:
            texts.setFillGray(gray)
            self._gray = gray
        texts.setTextOrigin(round(x, 2), round(self.height - base, 2))
        texts.textLine(text)

    def right(self, x: float, base: float, text: str, size: float, *, bold: bool = False, gray: float = 0.0) -> None:
        self.text(x - face_of(bold).width(text, size), base, text, size, bold=bold, gray=gray)

    def centre(self, x: float, base: float, text: str, size: float, *, bold: bool = False, gray: float = 0.0) -> None:
        self.text(x - face_of(bold).width(text, size) / 2, base, text, size, bold=bold, gray=gray)

    def lines(
        self, x: float, top: float, lines: Iterable[str], size: float, *, bold: bool = False, gray: float = 0.0
    ) -> None:
        """Lines under each other from `top`."""
        base = top + size * ASCENT
        for line in lines:
            self.text(x, base, line, size, bold=bold, gray=gray)
            base += size * LEADING

    def rule(self, x: float, y: float, length: float, *, width: float = 0.7, gray: float = 0.0) -> None:
        """A line from left to right, centred on `y`."""
        self.fill(x, y - width / 2, length, width, gray=gray)

    def fill(self, x: float, top: float, width: float, height: float, *, gray: float = 0.0) -> None:
        canvas = self._canvas
        canvas.setFillGray(gray)
        canvas.rect(round(x, 2), round(self.height - top - height, 2), round(width, 2), round(height, 2), 0, 1)

    def box(self, x: float, top: float, width: float, height: float, *, line: float = 0.8, gray: float = 0.0) -> None:
        """An empty box; the line lies inside it."""
        canvas = self._canvas
        canvas.setStrokeGray(gray)
        canvas.setLineWidth(line)
        half = line / 2
        canvas.rect(
            round(x + half, 2),
            round(self.height - top - height + half, 2),
            round(width - line, 2),
            round(height - line, 2),
        )

    def pictogram(self, code: str, x: float, top: float, size: float) -> None:
        """A service's picture in a square of `size`."""
        self._placed(pictogram(code), x, top, size / GRID, size)

    def qr(self, text: str, x: float, top: float, size: float) -> None:
        """A QR code, without its quiet zone, in a square of `size`."""
        side, path = _qr(text)
        self._placed(("", path), x, top, size / side, size)

    def page(self) -> None:
        """Finish this page and begin the next."""
        self._end_page()
        self._begin_page()

    def finish(self) -> bytes:
        self._end_page()
        self._canvas.save()
        return self._file.getvalue()

    def _placed(self, paths: tuple[str, str], x: float, top: float, scale: float, size: float) -> None:
        from reportlab.pdfgen.pathobject import PDFPathObject

        line, solid = paths
        canvas = self._canvas
        canvas.saveState()
        canvas.transform(scale, 0, 0, scale, round(x, 2), round(self.height - top - size, 2))
        canvas.setFillGray(0)
        if line:
            canvas.setStrokeGray(0)
            canvas.setLineWidth(STROKE)
            canvas.setLineCap(1)
            canvas.setLineJoin(1)
            canvas.drawPath(PDFPathObject([line]), 1, 0)
        if solid:
            canvas.drawPath(PDFPathObject([solid]), 0, 1)
        canvas.restoreState()

    def _begin_page(self) -> None:
        self._texts = self._canvas.beginText(0, 0)
        self._face = None
        self._gray = None
        self.pages += 1

    def _end_page(self) -> None:
        self._canvas.drawText(self._texts)
        self._canvas.showPage()


def face_of(bold: bool) -> Face:
    return faces().bold if bold else faces().regular


@lru_cache(maxsize=64)
def _qr(text: str) -> tuple[int, str]:
    """Modules on a side, and the dark ones as PDF rectangles of the module's size, runs joined."""
    import segno

    matrix = segno.make(text, error="q", micro=False, mask=QR_MASK).matrix
    side = len(matrix)
    runs = []
    for y, row in enumerate(matrix):
        x = 0
        while x < side:
            if not row[x]:
                x += 1
                continue
            start = x
            while x < side and row[x]:
                x += 1
            runs.append(f"{start} {side - 1 - y} {x - start} 1 re")
    return side, " ".join(runs)


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a page that is never torn apart. `draw` gets the pen and the block's top.

    `keep`: never the last on a page, because what follows belongs under it (a heading). `head` is drawn
    again above this block when it begins a page (the head of a table).
    """

    height: float
    draw: Callable[[Pen, float], None]
    keep: bool = False
    head: Block | None = None


def space(height: float, *, keep: bool = False) -> Block:
    return Block(height, lambda pen, top: None, keep=keep)


@dataclass(frozen=True, slots=True)
class Text:
    """A text laid out in a column: its lines, size and face."""

    lines: tuple[str, ...]
    size: float
    bold: bool = False
    gray: float = 0.0

    @property
    def height(self) -> float:
        return len(self.lines) * self.size * LEADING

    def draw(self, pen: Pen, x: float, top: float) -> None:
        pen.lines(x, top, self.lines, self.size, bold=self.bold, gray=self.gray)


LONGEST = 600
"""Letters of one text in a column: more than three names of the greatest length, less than a page."""
LONGEST_LIST = 2_400
"""Letters of a list or a note across the page."""


def laid(text: str, size: float, width: float, *, bold: bool = False, gray: float = 0.0, most: int = LONGEST) -> Text:
    """`text` made printable and broken into lines of at most `width`. Its own line breaks are kept.

    More than `most` letters or lines are cut, and it says so: what is kept is always shorter.
    """
    face = face_of(bold)
    parts = [text] if "\n" not in text else text.split("\n")
    if len(parts) > most:
        parts = [*parts[:most], CUT.strip()]
    lines = [line for part in parts for line in wrap(printable(part, most=most), face, size, width)]
    return Text(tuple(lines), size, bold, gray)


def fitted(text: str, size: float, width: float, *, least: float, bold: bool = False, gray: float = 0.0) -> Text:
    """`text` on one line, smaller if need be, down to `least`; then on more lines."""
    clean = printable(text, most=LONGEST)
    fits = fit(clean, face_of(bold), size, width, least=least)
    return laid(clean, fits if fits == size else int(fits * 20) / 20, width, bold=bold, gray=gray, most=2 * LONGEST)


def paragraph(
    text: str, *, x: float, width: float, size: float, bold: bool = False, gray: float = 0.0, head: Block | None = None
) -> list[Block]:
    """A text as one block a line, so that a long one may run over to the next page."""

    def block(line: str) -> Block:
        return Block(size * LEADING, lambda pen, top: pen.lines(x, top, (line,), size, bold=bold, gray=gray), head=head)

    return [block(line) for line in laid(text, size, width, bold=bold, most=LONGEST_LIST).lines]


def paginate(blocks: Sequence[Block], first: float, following: float) -> list[list[Block]]:
    """Blocks on pages with room for `first` and then `following` points. At least one page.

    A block taller than a page would run over its foot; callers cut long texts into lines (`paragraph`).
    """
    pages: list[list[Block]] = [[]]
    room = first
    for n, block in enumerate(blocks):
        needed = block.height
        ahead = n
        while blocks[ahead].keep and ahead + 1 < len(blocks):
            ahead += 1
            needed += blocks[ahead].height
        if needed > room and pages[-1]:
            pages.append([block.head] if block.head else [])
            room = following - (block.head.height if block.head else 0)
        pages[-1].append(block)
        room -= block.height
    return pages


def draw(pen: Pen, blocks: Iterable[Block], top: float) -> float:
    """Draw blocks under each other from `top`; gives the foot of the last."""
    for block in blocks:
        block.draw(pen, top)
        top += block.height
    return top


def stamp(pen: Pen, right: float, top: float, text: str, size: float) -> None:
    """A word in white on black with its right edge at `right`; nothing where there is no word."""
    if not text:
        return
    width = stamp_width(text, size)
    pen.fill(right - width, top, width, size * 1.5)
    pen.text(right - width + size * 0.45, top + size * 1.1, text, size, bold=True, gray=1)


def stamp_width(text: str, size: float) -> float:
    return face_of(True).width(text, size) + size * 0.9 if text else 0.0


def practice_bands(pen: Pen, height: float, text: str) -> None:
    """A black band across the head and the foot of the page; nothing where `height` is 0."""
    if not height:
        return
    for top in (0.0, pen.height - height):
        pen.fill(0, top, pen.width, height)
        pen.centre(pen.width / 2, top + height * 0.73, text, height * 0.62, bold=True, gray=1)
