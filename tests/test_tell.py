"""Every refusal, damage and warning has its sentence, in both languages, without a hole in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import returnee_desk
from returnee_desk.errors import Refused
from returnee_desk.tell import SENTENCES, tell, tell_error
from returnee_desk.words import set_language

RAISED = re.compile(r"\b(?:Refused|Damaged|Unavailable|Remark)\(\s*\"([a-z_]+)\"")
WARNED = re.compile(r"\{\"code\": \"([a-z_]+)\"")


def codes() -> set[str]:
    """The codes that stand in the program's own source."""
    found: set[str] = set()
    for source in Path(returnee_desk.__file__).parent.rglob("*.py"):
        text = source.read_text(encoding="utf-8")
        found |= {*RAISED.findall(text), *WARNED.findall(text)}
    return found


def test_every_code_in_the_program_has_its_sentence() -> None:
    assert len(codes()) > 100
    assert {code for code in codes() if code not in SENTENCES} == set()


@pytest.mark.parametrize("language", ["es", "en"])
def test_no_sentence_breaks_when_a_fact_is_missing(language: str) -> None:
    set_language(language)
    for code in SENTENCES:
        told = tell(code.partition(".")[0], {"why": code.partition(".")[2]})
        assert told.happened and "{" not in str(told) and "None" not in str(told)


def test_an_unknown_code_is_told_as_such_and_never_raises() -> None:
    assert "extraño_code" in tell("extraño_code").happened
    assert tell_error(Refused("service_limit", why="limit_day", service="ALIM", blocked_until=None)).next
