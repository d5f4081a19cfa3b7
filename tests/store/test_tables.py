"""The plain tables and the search index follow what the registers show, in any order of events."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from returnee_desk.records.people import Person
from returnee_desk.store import search
from returnee_desk.store.cipher import driver

NAMES = ("Marta Xiloj", "Brenda Pérez", "Kevin Xiloj", "Ana Pérez Tzul", "Dulce Tzul")


@given(
    st.lists(
        st.lists(st.tuples(st.integers(1, 5), st.sampled_from((None, *NAMES))), min_size=1, max_size=8),
        min_size=1, max_size=4,
    )
)  # fmt: skip
@settings(max_examples=60)
def test_the_index_is_sound_whatever_is_added_and_taken_in_one_transaction(
    transactions: list[list[tuple[int, str | None]]],
) -> None:
    connection = driver.connect(":memory:", isolation_level=None)
    search.create(connection)
    there: dict[int, str] = {}
    for steps in transactions:
        connection.execute("BEGIN")
        for row, name in steps:
            if name is None:
                search.unindex(connection, row)
                there.pop(row, None)
            else:
                person = Person(given_names=name)
                search.index_person(connection, row, person, code="", phones=(), municipality=None)
                there[row] = name
        connection.execute("COMMIT")
    for word in ("marta", "xiloj", "perez", "kevin", "tzul"):
        found = connection.execute("SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid", (word,)).fetchall()
        assert [row for (row,) in found] == sorted(
            row for row, name in there.items() if word in name.replace("é", "e").casefold().split()
        )
    connection.execute("INSERT INTO search (search) VALUES ('integrity-check')")
    connection.close()
