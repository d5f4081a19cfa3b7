"""Families on the command line: registered, shown, corrected, served, linked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.whole.commands import BUS, Run, Said, mother_and_child, ndjson, new_desk, person


def saved(post: Run, **more: Any) -> dict[str, Any]:
    said = post("register", "-", given=ndjson(mother_and_child(**more)))
    family = said.json["families"][0]
    assert isinstance(family, dict)
    return family


def refusal(said: Said) -> tuple[str, str | None]:
    return said.error["code"], said.error["path"]


# register


def test_a_family_is_registered_and_shown_as_it_was_told(post: Run) -> None:
    code = saved(post)["code"]
    assert code == "TUM1-A1-00001-V"
    shown = post("show", "tum1a100001v").json
    told = mother_and_child()
    assert shown["code"] == code and shown["kind"] == "family_unit" and shown["state"] == "active"
    assert shown["destination"] == told["destination"] and shown["consent"] == told["consent"]
    assert shown["origin"]["municipality"] == "1217"
    mother, son = shown["members"]
    assert (mother["n"], mother["given_names"], mother["surnames"]) == (1, "Petronila", "Xiloj Tzul")
    assert mother["birth_date"] == "1994-05-02" and son["age"] == 4
    assert mother["documents"] == [{"kind": "CUI", "number": "2345678991217"}]
    assert shown["services"] == [] and shown["warnings"] == []


def test_a_byte_order_mark_blank_lines_and_windows_line_ends_do_no_harm(post: Run) -> None:
    line = json.dumps(mother_and_child(), ensure_ascii=False).encode()
    said = post("register", "-", given=b"\xef\xbb\xbf" + line + b"\r\n\r\n  \n" + line)
    assert [one["line"] for one in said.json["families"]] == [1, 4]


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"nothing",
        b'{"members": [], "members": []}',
        b'{"phone": NaN}',
        b'{"phone": 1e999}',
        b'{"phone": "\xff"}',
        b'{"phone": "\\ud800"}',
        b"[" * 5000 + b"]" * 5000,
        '{"phone": "5551 2345"}'.encode("utf-16"),
    ],
)
def test_a_broken_line_is_refused_and_stops_no_other(post: Run, line: bytes) -> None:
    good = json.dumps(mother_and_child()).encode()
    said = post("register", "-", given=b"\n".join([good, line.replace(b"\n", b" "), good]) + b"\n")
    assert said.code == 1
    assert [one["line"] for one in said.json["families"]] == [1, 3]
    assert [(one["line"], one["error"]["code"]) for one in said.json["refused"]] == [(2, "invalid_json")]
    assert said.error["code"] == "invalid_json" and said.error["line"] == 2


def test_a_line_of_more_than_a_mebibyte_is_refused_alone(post: Run) -> None:
    good = json.dumps(mother_and_child()).encode()
    said = post("register", "-", given=good + b'\n{"notes": ["' + b"x" * (3 << 20) + b'"]}\n' + good)
    assert [one["line"] for one in said.json["families"]] == [1, 3]
    assert said.json["refused"][0]["error"]["code"] == "line_too_long"


@pytest.mark.parametrize("value", [5, "text", None, [], True, 10**40])
def test_a_line_that_is_no_object_is_refused(post: Run, value: Any) -> None:
    said = post("register", "-", given=json.dumps(value) + "\n")
    assert said.code == 1
    assert said.error["code"] in ("wrong_type", "invalid_json")


def test_a_stream_answers_each_line_by_itself(post: Run) -> None:
    said = post("register", "-", "--stream", given=ndjson(mother_and_child(), {"members": []}, mother_and_child()))
    first, second, third = said.lines
    assert said.code == 1
    assert set(first) == {"line", "ok", "code", "id", "kind", "warnings", "likely_earlier", "repeated"}
    assert (first["line"], first["ok"], first["repeated"]) == (1, True, False)
    assert (second["line"], second["ok"], set(second)) == (2, False, {"line", "ok", "error"})
    assert set(second["error"]) == {"code", "message", "details", "path"}
    assert third["code"] == "TUM1-A1-00002-T"


def test_likely_earlier_records_come_with_the_line_and_never_the_family_itself(post: Run) -> None:
    first = saved(post)
    assert first["likely_earlier"] == []
    again = saved(post, arrival={**BUS, "label": "Bus 4"})
    best = again["likely_earlier"][0]
    assert set(best) == {"code", "n", "for", "band", "score", "why"}
    assert (best["code"], best["n"], best["for"], best["band"]) == (first["code"], 1, 1, "almost_certain")
    assert all(one["code"] == first["code"] for one in again["likely_earlier"])


def test_the_same_key_and_content_is_the_same_family(post: Run) -> None:
    first, again = saved(post, key="sheet-1"), saved(post, key="sheet-1")
    assert again["repeated"] is True and first["repeated"] is False
    assert (again["code"], again["id"]) == (first["code"], first["id"])
    assert len(post("list").json["families"]) == 1
    assert post("status").json["own"] == 2
    other = post("register", "-", given=ndjson(mother_and_child(key="sheet-1", phone="5551 9999")))
    assert refusal(other) == ("key_reused", "key")


def test_an_error_names_the_field_and_the_code(post: Run) -> None:
    def asked(**more: Any) -> tuple[str, str | None]:
        return refusal(post("register", "-", given=ndjson(mother_and_child(**more))))

    wrong = person("Ana Coc", "MADRE", "F", documents=[{"kind": "CUI", "number": "2345 67890 1217"}])
    assert asked(members=[wrong]) == ("invalid_document", "members[0].documents[0].number")
    assert asked(members=[person("Ana Coc", "TIA", "F")]) == ("age_needed", "members[0].birth_date")
    assert asked(members=[person("Ana Coc", "MADRE", "F", colour="red")]) == ("unknown_key", "members[0].colour")
    assert asked(arrival=None) == ("arrival_needed", "arrival")
    assert asked(arrival="f" * 32) == ("unknown_arrival", "arrival")
    assert asked(arrival={**BUS, "at": "2026-11-22T14:20"}) == ("time_without_zone", "arrival.at")
    assert asked(services=["KIT_LUX"]) == ("unknown_code", "services[0]")
    assert asked(destination={"municipality": "9999"}) == ("unknown_code", "destination.municipality")
    assert post("list").json["families"] == []


def test_warnings_come_with_a_sentence(post: Run) -> None:
    family = saved(
        post, members=[person("Ana Coc", "MADRE", "M", birth_date="1990"), person("Luz Coc", "HIJA", "F", age=2)]
    )
    assert [one["code"] for one in family["warnings"]] == ["sex_against_role"]
    assert family["warnings"][0]["path"] == "members[0].sex" and family["warnings"][0]["message"]
    assert post("show", family["code"]).json["warnings"] == family["warnings"]


def test_without_consent_no_name_is_kept(post: Run, tmp_path: Path) -> None:
    family = saved(post, consent={"asked_in": "mam", "how": "spoken", "register": False})
    shown = post("show", family["code"])
    assert all(name not in shown.out for name in ("Petronila", "Baltazar", "2345678991217", "5551", "Independencia"))
    assert [member["sex"] for member in shown.json["members"]] == ["F", "M"]
    assert post("find", "Petronila").json["hits"] == []


def test_an_office_registers_nobody(run: Run, tmp_path: Path) -> None:
    office = new_desk(run, tmp_path / "office", kind="office", place="OFFICE")
    assert refusal(office("register", "-", given=ndjson(mother_and_child())))[0] == "wrong_desk_kind"
    streamed = office("register", "-", "--stream", given=ndjson(mother_and_child()))
    assert streamed.error["code"] == "wrong_desk_kind"


def test_a_file_that_is_not_there_is_told(post: Run, tmp_path: Path) -> None:
    assert refusal(post("register", tmp_path / "none.ndjson"))[0] == "no_file"
    assert refusal(post("member", "add", saved(post)["code"], tmp_path / "none"))[0] == "no_file"


# arrivals


def test_an_arrival_is_opened_counted_and_closed(post: Run) -> None:
    words = ["--mode", "land", "--label", "Bus 3", "--from", "MEX", "--headcount", "5", "--at", "2026-11-22T20:20Z"]
    opened = post("arrival", "add", *words, "--others", "2").json
    bus = opened["arrival_id"]
    assert opened["missing_rows"] == [1, 2, 3] and opened["repeated"] is False
    assert post("arrival", "add", *words, "--others", "2").json["repeated"] is True
    saved(post, arrival=bus)
    assert post("arrival", "close", bus).error["details"]["missing_rows"] == [3]
    assert post("arrival", "row", bus, "3", "--mark", "child_alone").json["marks"][0]["mark"] == "child_alone"
    assert post("arrival", "row", bus, "3", "--state", "handed").error["code"] == "handed_to_needed"
    assert post("arrival", "row", bus, "3", "--state", "handed", "--to", "PGN").json["missing_rows"] == []
    assert post("arrival", "close", bus).json["state"] == "closed"
    assert post("arrival", "list").json["arrivals"][0]["registered"] == 2
    assert refusal(post("register", "-", given=ndjson(mother_and_child(arrival=bus)))) == ("arrival_closed", "arrival")


def test_an_arrival_is_corrected_with_a_reason(post: Run) -> None:
    saved(post)
    bus = post("arrival", "list").json["arrivals"][0]["arrival_id"]
    post("arrival", "set", bus, "--others", "30")
    done = post("arrival", "correct", bus, 'label="Bus 33"', "headcount=40", "--reason", "mal contado").json
    assert (done["label"], done["headcount"], done["rows"]) == ("Bus 33", 40, 10)
    assert refusal(post("arrival", "correct", bus, "label=Bus", "--reason", "x")) == ("invalid_json", "label")
    assert refusal(post("arrival", "correct", bus, "colour=1", "--reason", "x")) == ("unknown_key", "colour")
    assert post("arrival", "set", "0" * 32, "--others", "1").error["code"] == "unknown_arrival"


# finding and listing


def test_people_are_found_by_name_code_document_and_phone(post: Run) -> None:
    code = saved(post)["code"]
    for text, why in (
        ("petronila", "name"),
        ("xiloj petro", "name"),
        (code, "code"),
        ("2345 67899", "document"),
        ("55512345", "phone"),
    ):
        hits = post("find", text).json["hits"]
        assert hits and hits[0]["code"] == code and why in hits[0]["why"], text
    assert set(post("find", "petronila").json["hits"][0]) >= {"code", "n", "score", "why"}
    assert post("find", "nobody").json["hits"] == []


def test_families_are_listed_by_arrival_and_by_day(post: Run) -> None:
    night = {**BUS, "label": "Vuelo 7", "mode": "air", "from": "USA", "at": "2026-11-23T03:00Z"}  # 21:00 the day before
    first, second = saved(post), saved(post, arrival=night)
    next_day = saved(post, arrival={**BUS, "label": "Bus 9", "at": "2026-11-23T08:00-06:00"})
    everything = post("list").json["families"]
    assert {one["code"] for one in everything} == {first["code"], second["code"], next_day["code"]}
    assert {"code", "id", "kind", "arrival", "persons", "minors", "services"} <= set(everything[0])
    on_day = post("list", "--from-date", "2026-11-22", "--to-date", "2026-11-22").json["families"]
    assert {one["code"] for one in on_day} == {first["code"], second["code"]}
    bus = next(one["arrival"] for one in everything if one["code"] == first["code"])
    assert [one["code"] for one in post("list", "--arrival", bus).json["families"]] == [first["code"]]
    assert refusal(post("list", "--from-date", "22/11/2026")) == ("invalid_date", "from_date")


# changes


def test_a_correction_changes_the_named_field_alone(post: Run) -> None:
    code = saved(post)["code"]
    done = post("correct", code, "--person", "2", 'given_names="José"', "age=5", "--reason", "oído mal").json
    assert (done["members"][1]["given_names"], done["members"][1]["age"]) == ("José", 5)
    assert done["members"][0]["given_names"] == "Petronila"
    moved = post("correct", code, 'destination={"municipality": "1213"}', "--reason", "otro lugar").json
    assert moved["destination"]["municipality"] == "1213" and moved["phone"]
    assert refusal(post("correct", code, "--person", "2", "given_names=José", "--reason", "x")) == (
        "invalid_json",
        "given_names",
    )
    assert refusal(post("correct", code, "--person", "7", "age=5", "--reason", "x"))[0] == "unknown_member"
    assert refusal(post("correct", code, "phone=null", "--reason", " ")) == ("reason_needed", "reason")


def test_members_are_added_removed_moved_and_split_off(post: Run) -> None:
    first, second = (
        saved(post)["code"],
        saved(post, members=[person("Ana Coc", "MADRE", "F"), person("Luz Coc", "HIJA", "F")])["code"],
    )
    added = post("member", "add", first, "-", given=person("Luis Xiloj", "HIJO", "M", age=9)).json
    assert added["n"] == 3 and [member["n"] for member in added["members"]] == [1, 2, 3]
    removed = post("member", "remove", first, "2", "--reason", "anotado dos veces").json
    assert [member["n"] for member in removed["members"]] == [1, 3]
    again = post("member", "add", first, "-", given=person("Rosa Xiloj", "HIJA", "F", age=1)).json
    assert again["n"] == 4
    moved = post("member", "move", first, "4", second).json
    assert [one["code"] for one in moved["families"]] == [first, second]
    assert [len(one["members"]) for one in moved["families"]] == [2, 3]
    apart = post("split", second, "2", "3").json
    assert [len(one["members"]) for one in apart["families"]] == [1, 2]
    assert apart["families"][1]["code"] not in (first, second) and apart["code"] == second
    assert refusal(post("member", "remove", second, "1", "--reason", "x"))[0] == "last_member"


def test_notes_consent_and_void(post: Run) -> None:
    code = saved(post)["code"]
    assert post("note", code, "Viajan mañana", "--person", "1").json["notes"] == ["Viajan mañana"]
    agreed = {"asked_in": "mam", "how": "interpreter", "register": True, "share": True}
    assert post("consent", code, "-", given=agreed).json["consent"] == agreed
    assert refusal(post("consent", code, "-", given={"how": "spoken"})) == ("missing", "consent.register")
    assert post("void", code, "--reason", "anotada dos veces").json["state"] == "void"
    assert refusal(post("deliver", code, "ALIM"))[0] == "family_void"


def test_links_join_and_part_records_exactly(post: Run) -> None:
    a, b, c = (f"{saved(post, arrival={**BUS, 'label': f'Bus {n}'})['code']}#1" for n in range(3))
    assert post("same", a, b).json["group"] == [a, b]
    assert post("same", c, b).json["group"] == [a, b, c]
    assert post("unlink", b, c).json["group"] == [a, b]
    assert post("distinct", a, c).json["group"] == [a, b]
    assert refusal(post("unlink", b, c))[0] == "not_linked"
    assert refusal(post("same", a, a))[0] == "same_record"
    assert refusal(post("same", a, "nothing"))[0] == "invalid_member"


# services


def test_services_are_handed_out_by_their_rules_and_taken_back(post: Run, tmp_path: Path) -> None:
    code = saved(post)["code"]
    given = post("deliver", code, "KIT_HIG", "--person", "1").json
    assert given["slip"].startswith("TUM1-A1-S00001") and given["stock_left"] is None
    refused = post("deliver", code, "KIT_HIG", "--person", "1").error
    assert refused["code"] == "service_limit"
    assert (refused["details"]["blocked_until"], refused["details"]["why"]) == (None, "limit_arrival")
    assert post("undo", given["service_id"]).json["repeated"] is False
    assert post("undo", given["service_id"]).json["repeated"] is True
    assert post("deliver", code, "KIT_HIG", "--person", "1").code == 0
    services = post("show", code).json["services"]
    assert [one.get("undone", False) for one in services] == [True, False]
    assert all({"id", "slip", "at"} <= set(one) for one in services)


def test_an_override_needs_a_second_persons_passphrase(post: Run, tmp_path: Path) -> None:
    code = saved(post)["code"]
    post("deliver", code, "KIT_HIG", "--person", "1")
    secret = tmp_path / "second"
    secret.write_text("otra frase larga", encoding="utf-8")
    assert post("user", "add", "Berta", "--role", "supervisor", "--new-passphrase-file", secret).code == 0
    words = ["deliver", code, "KIT_HIG", "--person", "1", "--override", "se perdió", "--user", "ana"]
    assert refusal(post(*words))[0] == "second_needed"
    allowed = [*words, "--second", "berta", "--second-passphrase-file", secret]
    secret.write_text("mal", encoding="utf-8")
    assert refusal(post(*allowed))[0] == "wrong_passphrase"
    secret.write_text("otra frase larga", encoding="utf-8")
    assert post(*allowed).json["slip"]


# paper


def test_slips_and_sheets_are_files_and_say_copy_the_second_time(post: Run, tmp_path: Path, program: Any) -> None:
    import subprocess

    code = saved(post, services=["KIT_HIG", "LLAM_NAC"])["code"]

    def text(file: Path) -> str:
        return subprocess.run([program("pdftotext"), str(file), "-"], capture_output=True, check=True).stdout.decode()

    for words in (["slip", "--paper", "80mm"], ["sheet"]):
        first, second = tmp_path / f"{words[0]}1.pdf", tmp_path / f"{words[0]}2.pdf"
        printed = post(*words[:1], code, "-o", first, *words[1:]).json
        assert printed["pages"] >= 1 and printed["numbers"] == ["TUM1-A1-S00001-L"]
        post(*words[:1], code, "-o", second, *words[1:])
        assert "COPIA" not in text(first) and "COPIA" in text(second)
        assert code in text(first)
    assert post("slip", code, "-o", tmp_path / "letter.pdf", "--paper", "letter").json["pages"] == 1
    post("deliver", code, "ALIM")
    post("slip", code, "-o", tmp_path / "new.pdf")
    assert "COPIA" not in text(tmp_path / "new.pdf")
    assert refusal(post("slip", code, "-o", tmp_path)) == ("file_is_folder", "-o")
    assert refusal(post("slip", code, "-o", tmp_path / "none" / "x.pdf"))[0] == "place_gone"


def test_of_two_families_with_one_code_each_is_shown_by_its_id(post: Run, tmp_path: Path) -> None:
    from returnee_desk.store.desk import Desk
    from tests.whole.commands import PASSPHRASE

    first, second = saved(post), saved(post)
    with Desk.open(tmp_path / "post", user=None, passphrase=PASSPHRASE) as desk:  # as after a cloned PC
        desk.db.conn.execute("UPDATE family SET code = ?", (first["code"],))
    refused = post("show", first["code"]).error
    assert refused["code"] == "ambiguous_code"
    assert refused["details"]["ids"] == sorted([first["id"], second["id"]])
    assert post("show", second["id"]).json["id"] == second["id"]
    assert post("note", second["id"], "la segunda").json["notes"] == ["la segunda"]
