"""The two faces everything is printed in, and what letters they can print.

DejaVu Sans, regular and bold: it has every letter of Spanish and of the Mayan languages (ʼ ꞌ ’ ä ë)
and is embedded, so a page looks the same on every PC. A page usually needs the same hundred letters,
so both faces hand out one and the same subset, made, stripped of hints and compressed once per run;
that is most of a slip's time saved. Rarer letters are added to the page that needs them.

reportlab is imported on first use: nobody pays for it at start.
"""

from __future__ import annotations

import io
import unicodedata
import zlib
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from struct import pack, unpack, unpack_from
from typing import Any, NamedTuple

USUAL = "".join(map(chr, range(32, 127))) + "áéíóúüñÁÉÍÓÚÜÑäëïöÄËÖçãõ¿ºª°“”‘’ʼꞌ´·–—…×✓→□�"
"""Letters every page carries, so that all pages share one subset of each face."""

MISSING = "\N{REPLACEMENT CHARACTER}"
CUT = " … [texto recortado]"


class Face(NamedTuple):
    """One face as the pages use it: its name in reportlab and the advance of each letter in 1/1000 em."""

    name: str
    advances: dict[int, float]
    usual_advance: float

    def width(self, text: str, size: float) -> float:
        """How wide a printed line is, in points."""
        advance, usual = self.advances.get, self.usual_advance
        return size * 0.001 * sum([advance(ord(letter), usual) for letter in text])


class Faces(NamedTuple):
    regular: Face
    bold: Face
    letters: frozenset[int]
    """Code points both faces can print."""


@lru_cache(maxsize=1)
def faces() -> Faces:
    """Register both faces with reportlab, once, and close every door through which it fetches things."""
    from reportlab import rl_config
    from reportlab.pdfbase.pdfmetrics import registerFont

    rl_config.trustedHosts = []
    rl_config.trustedSchemes = []
    rl_config.useA85 = 0  # binary streams: a fifth smaller and quicker than text streams
    made = []
    known: list[set[int]] = []
    for name, file in (("Desk", "DejaVuSans.ttf"), ("Desk-Bold", "DejaVuSans-Bold.ttf")):
        font = _font(name, (resources.files("returnee_desk.resources") / "fonts" / file).read_bytes())
        registerFont(font)
        known.append(set(font.face.charToGlyph))
        made.append(Face(name, font.face.charWidths, font.face.defaultWidth))
    return Faces(made[0], made[1], frozenset(known[0] & known[1]))


def begin(document: Any) -> None:
    """Give a new reportlab document the usual letters in their usual places."""
    from reportlab.pdfbase.pdfmetrics import getFont

    for face in faces()[:2]:
        getFont(face.name).splitString(USUAL, document)


def printable(text: str, *, most: int = 600) -> str:
    """`text` as it can be drawn on one line: composed, without control or direction marks, spaces folded.

    A letter no face has becomes �, so that it is seen to be missing. More than three marks on one letter
    are dropped (they would climb over the line above). Longer than `most` letters: cut, and it says so.
    Forms refuse such text long before; paper must stay whole whatever comes.
    """
    if len(text) <= most and _USUAL_SET.issuperset(text):
        return text if "  " not in text and text == text.strip() else " ".join(text.split())
    cut = len(text) > most
    known = faces().letters
    letters: list[str] = []
    marks = 0
    for letter in unicodedata.normalize("NFC", text[:most]):
        kind = unicodedata.category(letter)
        marks = marks + 1 if kind in ("Mn", "Me") else 0
        if letter.isspace():
            letters.append(" ")
        elif kind == "Cs":
            letters.append(MISSING)
        elif kind in ("Cc", "Cf") or marks > 3:
            continue
        else:
            letters.append(letter if ord(letter) in known else MISSING)
    return " ".join("".join(letters).split()) + (CUT if cut else "")


def wrap(text: str, face: Face, size: float, width: float) -> list[str]:
    """Lines no wider than `width`. Breaks at spaces; a word too long for a line breaks where it must.

    Nothing is added or lost but the spaces at the breaks. An empty text is one empty line.
    """
    if face.width(text, size) <= width:
        return [text]
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if face.width(longer, size) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        *full, line = _pieces(word, face, size, width)
        lines += full
    return [*lines, line]


def fit(text: str, face: Face, size: float, width: float, *, least: float) -> float:
    """The largest size, from `size` down to `least`, at which `text` fits on one line of `width`."""
    wide = face.width(text, size)
    return size if wide <= width else max(least, size * width / wide)


_USUAL_SET = frozenset(USUAL)


def _pieces(word: str, face: Face, size: float, width: float) -> list[str]:
    """A word cut to the width of a line, never between a letter and its marks."""
    if face.width(word, size) <= width:
        return [word]
    pieces: list[str] = []
    piece = ""
    for letter in word:
        if piece and not unicodedata.combining(letter) and face.width(piece + letter, size) > width:
            pieces.append(piece)
            piece = letter
        else:
            piece += letter
    return [*pieces, piece]


def _font(name: str, data: bytes) -> Any:
    """A reportlab font whose subsets are made and compressed once, without hints, for all documents."""
    from reportlab.pdfbase.ttfonts import TTFont

    font = TTFont(name, io.BytesIO(data), asciiReadable=True)
    face, make, add = font.face, font.face.makeSubset, font.face.addSubsetObjects
    face.name += b"-Desk"  # reportlab keeps one font for each face name: ours must not be mixed with another's
    made = lru_cache(maxsize=8)(lambda letters: _without_hints(make(letters)))

    def add_packed(document: Any, font_name: str, subset: list[int]) -> Any:
        descriptor = add(document, font_name, subset)
        for stream in (f"fontFile:{face.filename}({font_name})", f"toUnicodeCMap:{font_name}"):
            document.idToObject[stream].filters = [_PackedOnce]
        return descriptor

    width = face.getCharWidth  # asked only for the page's table of widths: written out once, too
    face.getCharWidth = lru_cache(maxsize=4096)(lambda letter: b"%.6g" % width(letter))
    face.makeSubset = lambda subset: made(tuple(subset))
    face.addSubsetObjects = add_packed
    return font


class _PackedOnce:
    """A reportlab stream filter that remembers: the same font bytes are compressed once per run."""

    pdfname = "FlateDecode"

    @staticmethod
    @lru_cache(maxsize=16)
    def encode(content: bytes | str) -> bytes:
        return zlib.compress(content.encode("utf-8") if isinstance(content, str) else content, 9)


def _without_hints(font: bytes) -> bytes:
    """The same TrueType font without its instructions for coarse screens and its texts of licence.

    Neither is used when a PDF is drawn or printed; they are half of an embedded subset. Tables and
    glyph layout: Apple's TrueType Reference Manual, chapters "glyf" and "loca".
    """
    from reportlab.pdfbase.ttfonts import TTFontMaker

    (count,) = unpack_from(">H", font, 4)
    tables = {}
    for n in range(count):
        tag, _checksum, start, length = unpack_from(">4sLLL", font, 12 + 16 * n)
        tables[tag.decode("ascii")] = font[start : start + length]
    for tag in ("cvt ", "fpgm", "prep", "name"):
        tables.pop(tag, None)

    (long_offsets,) = unpack_from(">H", tables["head"], 50)
    size, scale = ("L", 1) if long_offsets else ("H", 2)
    old = unpack(f">{len(tables['loca']) // (4 if long_offsets else 2)}{size}", tables["loca"])
    glyphs, offsets = bytearray(), [0]
    for start, end in pairwise(old):
        glyphs += _bare_glyph(tables["glyf"][start * scale : end * scale])
        glyphs += bytes(-len(glyphs) % 4)
        offsets.append(len(glyphs))
    tables["glyf"] = bytes(glyphs)
    tables["loca"] = pack(f">{len(offsets)}{size}", *(offset // scale for offset in offsets))

    output = TTFontMaker()
    for tag, table in tables.items():
        output.add(tag, table)
    stream: bytes = output.makeStream()
    return stream


def _bare_glyph(glyph: bytes) -> bytes:
    """One glyph without its instructions."""
    if len(glyph) < 12:
        return glyph
    (contours,) = unpack_from(">h", glyph)
    if contours >= 0:
        at = 10 + 2 * contours
        (length,) = unpack_from(">H", glyph, at)
        return glyph[:at] + b"\0\0" + glyph[at + 2 + length :]
    bare, at, more = bytearray(glyph), 10, True
    while more:
        (flags,) = unpack_from(">H", glyph, at)
        bare[at : at + 2] = pack(">H", flags & ~_HAS_INSTRUCTIONS)
        at += 4 + (4 if flags & _WORD_OFFSETS else 2)
        at += 2 if flags & _ONE_SCALE else 4 if flags & _TWO_SCALES else 8 if flags & _MATRIX else 0
        more = bool(flags & _MORE_PARTS)
    return bytes(bare[:at])


_WORD_OFFSETS, _ONE_SCALE, _MORE_PARTS, _TWO_SCALES, _MATRIX, _HAS_INSTRUCTIONS = (
    1,
    1 << 3,
    1 << 5,
    1 << 6,
    1 << 7,
    1 << 8,
)
