"""People and their papers, as frozen records."""

from __future__ import annotations

from dataclasses import dataclass

from returnee_desk.records.dates import Born


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An identity paper. `number` is kept in its canonical form (`identity.check_document`).

    `unverified` says that a person looked at the paper and keeps the number although its check
    digit is wrong. `id` is the record's id once it is stored, else empty.
    """

    kind: str
    number: str
    unverified: bool = False
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One member of a family, as told at the desk or as recorded.

    `n` is the member's number: given once, never re-used, 0 in a draft. `id` is 32 hex digits once
    stored. `state` is `active`, `left` (left the group), `void` (entered by mistake). Without
    consent to register, names and documents are empty.
    """

    given_names: str = ""
    surnames: str = ""
    married_surname: str | None = None
    sex: str = "X"
    born: Born | None = None
    role: str = "DESC"
    nationality: str = "GTM"
    documents: tuple[Document, ...] = ()
    needs: tuple[str, ...] = ()
    mother_tongue: str | None = None
    n: int = 0
    id: str = ""
    state: str = "active"
