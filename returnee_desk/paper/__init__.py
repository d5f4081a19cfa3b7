"""Paper: records in, PDF out.

`slip.slip_pdf` makes the slip a family carries from window to window (80 mm roll or Letter);
`sheet.sheet_pdf` the intake sheet that is read back to the family, signed and filed. Both take a
`records.families.Family`, touch neither disk nor store, and give a `Printed`. The same family and the same
options give the same bytes, so a reprint differs from the first print by the word COPIA and nothing else.

Who prints decides what may be read: a slip goes through many hands, so it bears given names and age groups
but no birth date, document, phone or place; the sheet bears everything kept.

What every paper shares: `page` (a pen and blocks that flow over pages), `fonts` (DejaVu Sans, what it can
print, how lines break), `pictograms` (a picture for each service), `wording` (how people, ages and services
are called on paper, in the language of the paper). reportlab and segno are imported when the first page is
made, never when these modules are.
"""

from __future__ import annotations

from typing import NamedTuple


class Printed(NamedTuple):
    """A finished PDF: its bytes, how many pages it has, and the numbers of the slips on it, in order."""

    pdf: bytes
    pages: int
    numbers: tuple[str, ...] = ()
