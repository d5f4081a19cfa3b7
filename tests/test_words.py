"""Spanish is in the code, English in the catalogue, and both say the same."""

from __future__ import annotations

import csv
import re
import subprocess
import sys

import pytest

from returnee_desk.words import _, language, mark, ngettext, set_language, translator
from tests import words


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"{(\w*)", text.replace("{{", "").replace("}}", "")))


def both_sides() -> list[tuple[str, str]]:
    """Each Spanish text with its English; plural forms one by one."""
    pairs = []
    for message in words.kept():
        if not message.id:
            continue
        if isinstance(message.id, str):
            pairs.append((message.id, str(message.string)))
        else:
            pairs.extend(zip(message.id, message.string, strict=True))
    return pairs


def test_every_text_has_its_english() -> None:
    english = words.kept()
    assert not [message.id for message in words.said() if message.id and message.id not in english]
    assert words.without_english(english) == []


def test_the_catalogue_holds_no_text_that_nobody_says() -> None:
    now = words.said()
    assert not [message.id for message in words.kept() if message.id and message.id not in now]


def test_no_english_is_a_guess() -> None:
    assert not [message.id for message in words.kept() if message.id and message.fuzzy]


def test_both_languages_name_the_same_facts() -> None:
    differ = [(es, en) for es, en in both_sides() if en and placeholders(es) != placeholders(en)]
    assert not differ


def test_no_text_blames_or_shouts() -> None:
    named = re.compile("[«“]!+[»”]")  # the sign itself, where it is something to type
    assert not [text for pair in both_sides() for text in pair if "!" in named.sub("", text)]


def test_the_compiled_catalogue_is_the_one_in_words() -> None:
    assert words.MO.read_bytes() == words.mo(words.kept())


def test_the_list_of_keys_names_commands_as_the_screens_do() -> None:
    rows = csv.DictReader((words.ROOT / "resources" / "help" / "keys.csv").read_text("utf-8").splitlines())
    english = translator("en")
    assert not [row for row in rows if row["command"] and english.gettext(row["es"]) != row["en"]]


def test_no_text_is_put_together_before_it_is_translated() -> None:
    assert list(words.built_texts()) == []


def test_the_program_starts_in_spanish_without_reading_a_catalogue() -> None:
    code = (
        "import sys, returnee_desk.words as w; print(w.language(), w._('Casa'), 'importlib.resources' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True, cwd=words.ROOT
    )
    assert done.stdout.split() == ["es", "Casa", "False"]


def test_an_unknown_text_comes_back_as_it_is() -> None:
    set_language("en")
    assert language() == "en"
    assert _("Un texto que nadie dice") == "Un texto que nadie dice"
    assert ngettext("{n} cosa rara", "{n} cosas raras", 2).format(n=2) == "2 cosas raras"
    assert mark("tal cual") == "tal cual"


def test_an_empty_text_stays_empty_in_english() -> None:
    set_language("en")  # gettext would answer the catalogue's header
    assert _("") == ""


def test_paper_may_speak_another_language_than_the_screen() -> None:
    set_language("es")
    english = translator("en")
    assert language() == "es"
    assert english is translator("en")


def test_a_language_without_words_is_refused() -> None:
    with pytest.raises(ValueError, match="mam"):
        set_language("mam")
    assert language() == "es"
