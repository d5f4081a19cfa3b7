"""How the file came to its present form: small steps, in order, never edited once shipped.

New and old files take the same path. No step imports records: a step must mean in ten years what it meant
when it was written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from returnee_desk.store import cipher as _cipher  # noqa: F401 - the driver must be set before sqlite-utils loads

from sqlite_utils import Migrations  # isort: skip

if TYPE_CHECKING:
    from sqlite_utils import Database

schema = Migrations("returnee_desk")

LOG = """
CREATE TABLE local (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE author (id INTEGER PRIMARY KEY, device TEXT NOT NULL, epoch TEXT NOT NULL, UNIQUE (device, epoch)) STRICT;
CREATE TABLE operation (
    n INTEGER PRIMARY KEY, op BLOB NOT NULL UNIQUE, author INTEGER NOT NULL REFERENCES author (id),
    seq INTEGER NOT NULL, lamport INTEGER NOT NULL, act TEXT NOT NULL, body BLOB) STRICT;
CREATE INDEX operation_author_seq ON operation (author, seq);
CREATE TABLE record (
    id BLOB PRIMARY KEY, entity TEXT NOT NULL, operation INTEGER NOT NULL, owner BLOB) STRICT, WITHOUT ROWID;
CREATE INDEX record_owner ON record (owner) WHERE owner IS NOT NULL;
CREATE TABLE register (
    record BLOB NOT NULL, field TEXT NOT NULL, op BLOB NOT NULL, lamport INTEGER NOT NULL, device TEXT NOT NULL,
    value TEXT NOT NULL, PRIMARY KEY (record, field, op)) STRICT, WITHOUT ROWID;
CREATE TABLE dead (
    record BLOB NOT NULL, field TEXT NOT NULL, op BLOB NOT NULL,
    PRIMARY KEY (record, field, op)) STRICT, WITHOUT ROWID;
CREATE TABLE doubt (record BLOB NOT NULL, field TEXT NOT NULL, PRIMARY KEY (record, field)) STRICT, WITHOUT ROWID;
CREATE TABLE tombstone (
    id BLOB PRIMARY KEY, op BLOB NOT NULL, reason TEXT NOT NULL, signed BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE acknowledged (
    author INTEGER NOT NULL REFERENCES author (id), state TEXT NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL,
    PRIMARY KEY (author, state, low)) STRICT, WITHOUT ROWID;
CREATE TABLE keyed (
    author INTEGER NOT NULL, key TEXT NOT NULL, operation INTEGER NOT NULL,
    PRIMARY KEY (author, key)) STRICT, WITHOUT ROWID;
CREATE TABLE draft (
    id TEXT PRIMARY KEY, staff TEXT NOT NULL, at TEXT NOT NULL, data TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE bundle (
    device TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL, way TEXT NOT NULL, at TEXT NOT NULL,
    operations INTEGER NOT NULL, header TEXT NOT NULL, PRIMARY KEY (way, device, epoch, seq)) STRICT, WITHOUT ROWID;
"""

TABLES = """
CREATE TABLE arrival (
    n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, place TEXT, mode TEXT, label TEXT, country TEXT, at TEXT, day TEXT,
    headcount INTEGER, others INTEGER, state TEXT) STRICT;
CREATE INDEX arrival_day ON arrival (day);
CREATE INDEX arrival_open ON arrival (n) WHERE state = 'open';
CREATE TABLE row (
    n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, arrival BLOB, number INTEGER, mark TEXT, state TEXT,
    handed_to TEXT) STRICT;
CREATE INDEX row_arrival ON row (arrival);
CREATE TABLE family (
    n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, code TEXT, arrival BLOB, day TEXT, mode TEXT, country TEXT,
    place TEXT, kind TEXT, status TEXT, origin TEXT, origin_place TEXT, destination TEXT, destination_place TEXT,
    language TEXT, spanish TEXT, interpreter INTEGER, contact BLOB, consent_register INTEGER, consent_share INTEGER,
    consent_language TEXT, consent_how TEXT, registered_at TEXT, registered_by TEXT, separated TEXT) STRICT;
CREATE INDEX family_code ON family (code);
CREATE INDEX family_arrival ON family (arrival);
CREATE INDEX family_day ON family (day);
CREATE TABLE person (
    n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, family BLOB, number INTEGER, given TEXT, surnames TEXT,
    married TEXT, sex TEXT, born TEXT, born_low TEXT, born_high TEXT, role TEXT, nationality TEXT, mother_tongue TEXT,
    status TEXT, minor INTEGER, age_uncertain INTEGER, age_low INTEGER, age_high INTEGER) STRICT;
CREATE INDEX person_family ON person (family);
CREATE TABLE document (
    n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, person BLOB, kind TEXT, number TEXT, unverified INTEGER,
    state TEXT) STRICT;
CREATE INDEX document_person ON document (person);
CREATE INDEX document_number ON document (number, kind);
CREATE TABLE need (n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, person BLOB, code TEXT, state TEXT) STRICT;
CREATE INDEX need_person ON need (person);
CREATE TABLE phone (n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, family BLOB, number TEXT, state TEXT) STRICT;
CREATE INDEX phone_family ON phone (family);
CREATE TABLE service (
    n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, family BLOB, person BLOB, code TEXT, quantity INTEGER, at TEXT,
    day TEXT, slip TEXT, arrival BLOB, undone INTEGER NOT NULL DEFAULT 0, override TEXT, second TEXT,
    staff TEXT) STRICT;
CREATE INDEX service_family ON service (family);
CREATE INDEX service_person ON service (person) WHERE person IS NOT NULL;
CREATE INDEX service_day ON service (day);
CREATE TABLE reversal (n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, service BLOB, at TEXT) STRICT;
CREATE INDEX reversal_service ON reversal (service);
CREATE TABLE note (
    n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, family BLOB, person BLOB, text TEXT, at TEXT, staff TEXT) STRICT;
CREATE INDEX note_family ON note (family);
CREATE TABLE link (
    n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, kind TEXT, a BLOB, b BLOB, state TEXT) STRICT;
CREATE INDEX link_a ON link (a);
CREATE INDEX link_b ON link (b);
CREATE TABLE staff (n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, name TEXT, role TEXT, state TEXT) STRICT;
"""

EXCHANGE = """
DROP INDEX operation_author_seq;
CREATE INDEX operation_author_seq ON operation (author, seq, op);
ALTER TABLE bundle RENAME TO old_bundle;
CREATE TABLE bundle (
    way TEXT NOT NULL, device TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL, header TEXT NOT NULL,
    at TEXT NOT NULL, operations INTEGER NOT NULL, PRIMARY KEY (way, device, epoch, seq, header)) STRICT, WITHOUT ROWID;
INSERT INTO bundle (way, device, epoch, seq, header, at, operations)
    SELECT way, device, epoch, seq, header, at, operations FROM old_bundle;
DROP TABLE old_bundle;
CREATE TABLE signed (op BLOB PRIMARY KEY, by TEXT NOT NULL, signature TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE quarantine (
    op BLOB PRIMARY KEY, device TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL, at TEXT NOT NULL,
    body BLOB NOT NULL) STRICT, WITHOUT ROWID;
"""


@schema()
def m001_log_registers_and_tables(db: Database) -> None:
    for statement in (LOG + TABLES).split(";\n"):
        if statement.strip():
            db.execute(statement)
    from returnee_desk.store import search

    search.create(db)


@schema()
def m002_what_sticks_need(db: Database) -> None:
    """The numbers of an author are compared by their operations' ids, without reading the log itself; two bundles
    of one number are both remembered; the office's signatures and what a revoked desk wrote are kept."""
    for statement in EXCHANGE.split(";\n"):
        if statement.strip():
            db.execute(statement)
