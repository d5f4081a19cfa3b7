"""From a post to the office and back, command by command."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.make_year import FAMILIES, MEN, MINORS, POSTS, SERVICES, WOMEN, write_year
from tests.whole.commands import BUS, Run, at, mother_and_child, ndjson, new_desk, person, program


@pytest.fixture
def office(run: Run, tmp_path: Path) -> Run:
    return new_desk(run, tmp_path / "office", kind="office", place="OFFICE")


def join(desk: Run, office: Run, folder: Path) -> None:
    """Enrols a desk as two people would, each reading six words to the other."""
    request, answer = folder / "request", folder / "answer"
    asked = desk("enrol", "request", request).json
    accepted = office("enrol", "accept", request, answer, "--words", asked["words"]).json
    installed = desk("enrol", "install", answer, "--words", accepted["words"]).json
    assert installed["version"] == accepted["version"] and installed["devices"] == accepted["devices"]
    assert len(asked["words"].split()) == len(accepted["words"].split()) == 6


def states(desk: Run) -> tuple[int, ...]:
    said = desk("status").json
    assert said["own"] == said["unsent"] + said["sent"] + said["arrived"] + said["safe"]
    return tuple(said[name] for name in ("unsent", "sent", "arrived", "safe"))


def test_what_a_post_saved_is_unsent_sent_arrived_and_safe(post: Run, office: Run, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    post("register", "-", given=ndjson(mother_and_child()))
    assert post("export", stick).error["code"] == "not_enrolled"
    join(post, office, tmp_path)
    own = post("status").json["own"]
    assert states(post) == (own, 0, 0, 0)
    sent = post("export", stick).json
    assert (sent["bundles"], sent["operations"], sent["families"]) == (1, own, 1)
    assert states(post) == (0, own, 0, 0)
    taken = office("import", stick).json
    assert (taken["bundles"], taken["operations"], taken["families"]) == (1, own, 1)
    assert (taken["refused"], taken["gaps"]) == ([], [])
    again = office("import", stick).json
    assert (again["operations"], again["families"]) == (0, 0)
    office("export", stick)
    post("import", stick)
    assert states(post) == (0, 0, own, 0)
    assert office("backup", tmp_path / "copy").code == 0
    office("export", stick)
    post("import", stick)
    assert states(post) == (0, 0, 0, own)
    assert office("check").json["problems"] == post("check").json["problems"] == []


def test_the_office_shows_what_the_post_registered(post: Run, office: Run, tmp_path: Path) -> None:
    join(post, office, tmp_path)
    code = post("register", "-", given=ndjson(mother_and_child(services=["KIT_HIG"]))).json["families"][0]["code"]
    post("export", tmp_path)
    office("import", tmp_path)
    there, here = office("show", code).json, post("show", code).json
    assert there == here
    assert office("find", "petronila").json["hits"][0]["code"] == code
    figures = office("report", "2026-11").json["figures"]
    assert (figures["families"], figures["women"], figures["minors"]) == (1, 1, 1)
    assert figures["places"] == ["TUM1"] and figures["missing_places"] == []
    assert post("report", "2026-11").json["figures"]["by_service"] == figures["by_service"] == {"KIT_HIG": 2}


def test_words_that_differ_stop_an_enrolment(post: Run, office: Run, tmp_path: Path) -> None:
    request, answer = tmp_path / "request", tmp_path / "answer"
    post("enrol", "request", request)
    wrong = "sol mar luz pan flor tren"
    assert office("enrol", "accept", request, answer, "--words", wrong).error["code"] == "fingerprint_mismatch"
    assert not answer.exists()
    office("enrol", "accept", request, answer)
    assert post("enrol", "install", answer, "--words", wrong).error["code"] == "fingerprint_mismatch"
    assert post("status").json["enrolled"] is False


def test_a_second_desk_needs_another_letter(run: Run, post: Run, office: Run, tmp_path: Path) -> None:
    join(post, office, tmp_path)
    other = new_desk(run, tmp_path / "other")
    other("enrol", "request", tmp_path / "second")
    assert office("enrol", "accept", tmp_path / "second", tmp_path / "answer2").error["code"] == "letter_taken"


def test_a_refused_file_stops_no_other(post: Run, office: Run, tmp_path: Path) -> None:
    join(post, office, tmp_path)
    stick = tmp_path / "stick"
    stick.mkdir()
    post("register", "-", given=ndjson(mother_and_child()))
    post("export", stick)
    (good,) = stick.glob("*.RDB")
    broken = stick / "RD1-00000000-9-1.RDB"
    broken.write_bytes(good.read_bytes()[:-40])
    (stick / "photo.RDB").write_bytes(b"\x89PNG")
    (stick / "letter.txt").write_text("nothing", encoding="utf-8")
    said = office("import", stick)
    assert said.code == 1 and said.json["families"] == 1
    refused = {one["file"]: one["code"] for one in said.json["refused"]}
    assert set(refused) == {broken.name, "photo.RDB"} and refused["photo.RDB"] == "not_a_bundle"
    assert said.error["code"] in refused.values()


def test_practice_and_real_never_mix(run: Run, post: Run, office: Run, tmp_path: Path) -> None:
    practice = run("demo", tmp_path / "practice", "--families", 3).json
    assert practice["practice"] is True
    refused = office("import", practice["paths"]["stick"])
    assert refused.code == 1 and {one["code"] for one in refused.json["refused"]} == {"practice_data"}
    assert office("list").json["families"] == []
    post("enrol", "request", tmp_path / "request")
    practising = at(run, tmp_path / "practice" / "office")
    said = practising("enrol", "accept", tmp_path / "request", tmp_path / "a", "--passphrase-file", secret(tmp_path))
    assert said.error["code"] == "practice_data"


def secret(folder: Path) -> Path:
    file = folder / "practica"
    file.write_text("practica", encoding="utf-8")
    return file


def test_a_practice_day_walks_from_the_bus_to_the_figures(run: Run, tmp_path: Path) -> None:
    said = run("demo", tmp_path / "day", "--seed", 7).json
    assert said["families"] == 16 and said["arrivals"] == 2 and said["linked"] >= 1
    assert said["status"]["own"] == said["status"]["safe"] == said["operations"] == said["taken"]
    figures = said["figures"]
    assert all(check["holds"] for check in figures["checks"])
    assert (
        figures["families"] and figures["child_without_parent"] and figures["guardian_units"] and figures["adults_only"]
    )
    assert figures["by_mode"]["air"]["families"] and figures["by_mode"]["land"]["families"]
    for paper in said["paths"]["papers"]:
        assert Path(paper).read_bytes().startswith(b"%PDF")
    post = at(run, tmp_path / "day" / "post")
    listed = post("list", "--passphrase-file", secret(tmp_path)).json
    assert listed["practice"] is True and len(listed["families"]) == 16
    assert run("demo", tmp_path / "day").error["code"] == "desk_exists"


def test_the_same_seed_invents_the_same_families(run: Run, tmp_path: Path) -> None:
    names = []
    for folder in ("one", "two"):
        run("demo", tmp_path / folder, "--seed", 3, "--families", 14)
        post = at(run, tmp_path / folder / "post")
        codes = [one["code"] for one in post("list", "--passphrase-file", secret(tmp_path)).json["families"]]
        shown = post("show", codes[-1], "--passphrase-file", secret(tmp_path)).json
        names.append((codes, [member["given_names"] for member in shown["members"]]))
    assert names[0] == names[1]


def test_a_practice_day_told_to_people_names_its_steps(tmp_path: Path) -> None:
    said = program("demo", tmp_path / "day", "--families", 3)
    assert said.code == 0
    assert [line[:2] for line in said.out.splitlines() if line[:1].isdigit()] == ["1.", "2.", "3.", "4.", "5."]
    assert "practica" in said.out and "Las 24 sumas cuadran." in said.out


@pytest.mark.slow
def test_the_published_year_comes_out_of_the_office_exactly(run: Run, office: Run, tmp_path: Path) -> None:
    sources = write_year(tmp_path / "year")
    stick = tmp_path / "stick"
    stick.mkdir()
    for place in POSTS:
        folder = tmp_path / place
        post = new_desk(run, folder, place=place)
        join(post, office, tmp_path)
        said = program("--desk", folder, "register", "-", "--json", given=sources[place].read_bytes(), timeout=1200)
        assert said.code == 0 and not said.json["refused"]
        assert all(one["kind"] == "family_unit" for one in said.json["families"])
        post("export", stick)
    taken = office("import", stick).json
    assert (taken["bundles"], taken["families"], taken["gaps"]) == (len(POSTS), FAMILIES, [])
    figures = office("report", "2022").json["figures"]
    told: dict[str, Any] = {name: figures[name] for name in ("families", "men", "women", "minors", "persons")}
    assert told == {"families": FAMILIES, "men": MEN, "women": WOMEN, "minors": MINORS, "persons": MEN + WOMEN + MINORS}
    assert sum(figures["by_service"].values()) == SERVICES
    assert all(check["holds"] for check in figures["checks"])
    assert set(figures["by_month"]) == {f"2022-{month:02d}" for month in range(1, 13)}
    assert figures["places"] == sorted(POSTS) and figures["missing_places"] == []
    shutil.rmtree(tmp_path / "year")


def test_a_post_that_sent_nothing_is_named_in_the_figures(run: Run, post: Run, office: Run, tmp_path: Path) -> None:
    join(post, office, tmp_path)
    flights = new_desk(run, tmp_path / "flights", place="FAG")
    join(flights, office, tmp_path)
    flight = {**BUS, "mode": "air", "label": "Vuelo 7", "from": "USA", "headcount": 115}
    flights("register", "-", given=ndjson(mother_and_child(arrival=flight, members=[
        person("Ana Coc", "MADRE", "F"), person("Luz Coc", "HIJA", "F", age=2)])))  # fmt: skip
    flights("export", tmp_path)
    office("import", tmp_path)
    figures = office("report", "2026").json["figures"]
    assert (figures["places"], figures["missing_places"]) == (["FAG"], ["TUM1"])
    assert figures["by_mode"]["air"]["families"] == 1
    assert office("report", "2026", "--place", "TUM1").json["figures"]["families"] == 0
