"""The English catalogue: `python -m tests.words update` after texts changed, `missing` to see what lacks English.

`update` collects every text from the sources into `resources/locale/en/LC_MESSAGES/returnee_desk.po`, keeps the
English that is there, drops what is no longer said, and compiles the `.mo` that the program reads. Nothing is
guessed: a text whose Spanish changed starts again without English.
"""

from __future__ import annotations

import ast
import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "returnee_desk"
PO = ROOT / "resources" / "locale" / "en" / "LC_MESSAGES" / "returnee_desk.po"
MO = PO.with_suffix(".mo")
KEYWORDS = {"_": None, "gettext": None, "mark": None, "ngettext": (1, 2)}
MADE = datetime(2026, 11, 22, tzinfo=UTC)  # kept still, so that a catalogue changes only when its texts do


def said() -> Catalog:
    """Every text in the sources, with the files that say it and the notes to translators (`# note: …`)."""
    catalog = empty()
    found = extract_from_dir(SOURCES, [("**.py", "python")], keywords=KEYWORDS, comment_tags=["note:"])
    for path, _line, text, notes, context in found:
        catalog.add(text, None, [(f"returnee_desk/{path}", None)], auto_comments=notes, context=context)
    return catalog


def kept() -> Catalog:
    """The catalogue as it lies in the tree."""
    if not PO.exists():
        return empty()
    return read_po(io.BytesIO(PO.read_bytes()), locale="en", domain="returnee_desk")


def empty() -> Catalog:
    return Catalog(
        locale="en",
        domain="returnee_desk",
        project="Returnee Desk",
        version="1",
        header_comment="# English words of Returnee Desk. Update with `python -m tests.words update`.",
        copyright_holder="The Returnee Desk authors",
        msgid_bugs_address="",
        creation_date=MADE,
        revision_date=MADE,
        last_translator="The Returnee Desk authors",
        language_team="English",
        fuzzy=False,
    )


def merged() -> Catalog:
    """What is said now, with the English known so far."""
    now, before = said(), kept()
    for message in now:
        known = before.get(message.id, message.context) if message.id else None
        if known is not None and not known.fuzzy:
            message.string = known.string
    return now


def po(catalog: Catalog) -> bytes:
    out = io.BytesIO()
    write_po(out, catalog, width=120, sort_output=True, include_lineno=False)
    return out.getvalue()


def mo(catalog: Catalog) -> bytes:
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def without_english(catalog: Catalog) -> list[str]:
    """Texts with no English, or with English for one of two plural forms only."""
    lacking = []
    for message in catalog:
        texts = message.string if isinstance(message.string, (tuple, list)) else [message.string]
        if message.id and not (texts and all(texts)):
            lacking.append(message.id if isinstance(message.id, str) else message.id[0])
    return lacking


def built_texts() -> Iterator[str]:
    """Places where a text is put together before it is translated, so that no catalogue can know it."""
    for path in sorted(SOURCES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            texts = node.args[:2] if name == "ngettext" else node.args[:1] if name in KEYWORDS else []
            if any(isinstance(text, (ast.JoinedStr, ast.BinOp, ast.Call)) for text in texts):
                yield f"{path.relative_to(ROOT)}:{node.lineno}"


def main(asked: list[str]) -> int:
    if asked == ["missing"]:
        lacking = without_english(merged())
        print("\n".join(sorted(lacking)))
        print(f"{len(lacking)} without English", file=sys.stderr)
        return 1 if lacking else 0
    if asked != ["update"]:
        print(__doc__, file=sys.stderr)
        return 2
    catalog = merged()
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_bytes(po(catalog))
    MO.write_bytes(mo(kept()))
    print(f"{len(catalog)} texts, {len(without_english(catalog))} without English", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
