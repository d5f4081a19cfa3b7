"""The lists the program carries: complete, unique, and every reference leads somewhere."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from importlib.resources import files

import pytest

LISTS = files("returnee_desk.resources") / "lists"
FILES = sorted(entry.name for entry in LISTS.iterdir() if entry.name.endswith(".csv"))
Row = dict[str, str]


def rows(name: str) -> list[Row]:
    return list(csv.DictReader(io.StringIO((LISTS / f"{name}.csv").read_text("utf-8"), newline="")))


def codes(name: str, column: str = "code") -> set[str]:
    return {row[column] for row in rows(name)}


@pytest.mark.parametrize("name", FILES)
def test_a_list_is_clean_text_with_a_unique_first_column(name: str) -> None:
    data = (LISTS / name).read_bytes()
    text = data.decode("utf-8")
    assert not data.startswith(b"\xef\xbb\xbf")
    assert "\r" not in text
    assert text.endswith("\n")
    assert text == unicodedata.normalize("NFC", text)
    header, *lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert len(set(header)) == len(header)
    assert {len(line) for line in lines} == {len(header)}
    assert all(cell == cell.strip() and "  " not in cell for line in lines for cell in line)
    first = [line[0] for line in lines]
    assert all(first)
    assert len(set(first)) == len(first)


@pytest.mark.parametrize("name", FILES)
def test_a_list_has_its_credit(name: str) -> None:
    assert f"| {name} |" in (LISTS / "CREDITS.md").read_text("utf-8")


def test_credits_name_no_list_that_is_not_here() -> None:
    named = set(re.findall(r"^\| (\S+\.csv) \|", (LISTS / "CREDITS.md").read_text("utf-8"), re.MULTILINE))
    assert named == set(FILES)


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("departments", 22),
        ("municipalities", 340),
        ("languages", 27),
        ("border_posts", 23),
        ("services", 34),
        ("programmes", 4),
        ("vulnerabilities", 47),
        ("relationships", 31),
    ],
)
def test_a_list_is_whole(name: str, count: int) -> None:
    assert len(rows(name)) == count


def test_departments_are_numbered_01_to_22() -> None:
    assert [row["ine_code"] for row in rows("departments")] == [f"{n:02}" for n in range(1, 23)]
    assert all(row["pcode"] == f"GT{row['ine_code']}" for row in rows("departments"))
    assert all(row["iso_3166_2"] == f"GT-{row['ine_code']}" for row in rows("departments"))


def test_each_municipality_lies_in_its_department_and_none_is_missing() -> None:
    within: dict[str, list[str]] = {}
    for row in rows("municipalities"):
        assert row["ine_code"][:2] == row["department_code"]
        assert row["pcode"] == f"GT{row['ine_code']}"
        within.setdefault(row["department_code"], []).append(row["ine_code"])
    for department in rows("departments"):
        code = department["ine_code"]
        count = int(department["municipality_count"])
        assert sorted(within.pop(code)) == [f"{code}{n:02}" for n in range(1, count + 1)]
    assert not within


def test_no_two_municipalities_of_a_department_share_a_name() -> None:
    names = [(row["department_code"], row["name"]) for row in rows("municipalities")]
    assert len(set(names)) == len(names)


def test_the_capital_of_a_department_is_one_of_its_municipalities() -> None:
    names = {
        (row["department_code"], name) for row in rows("municipalities") for name in (row["name"], row["also_known_as"])
    }
    assert all((row["ine_code"], row["capital"]) in names for row in rows("departments"))


def test_places_on_the_map_lie_in_guatemala() -> None:
    spots = [(row["lat"], row["lon"]) for name in ("municipalities", "border_posts") for row in rows(name)]
    spots += [(row["lat_capital"], row["lon_capital"]) for row in rows("departments")]
    assert all((lat == "") == (lon == "") for lat, lon in spots)
    assert all(13.7 < float(lat) < 17.9 and -92.3 < float(lon) < -88.2 for lat, lon in spots if lat)


def test_each_border_post_stands_in_its_municipality() -> None:
    towns = {row["ine_code"]: row for row in rows("municipalities")}
    for post in rows("border_posts"):
        assert re.fullmatch(r"[A-Z0-9]{3,4}", post["code"])
        assert post["kind"] in {"land", "air", "sea"}
        assert (post["kind"] == "land") == bool(post["neighbour_iso3"])
        town = towns[post["municipality_code"]]
        assert post["department_code"] == town["department_code"]
        # Lívingston is written with and without its accent.
        assert plain(post["municipality"]) in {plain(town["name"]), plain(town["also_known_as"])}


def plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))


def test_no_place_is_named_like_an_office_or_a_delegation() -> None:
    assert not codes("border_posts") & {"OFFICE", *(f"D{n:02}" for n in range(1, 23))}


def test_neighbours_and_nationalities_are_countries() -> None:
    countries = rows("countries")
    assert all(re.fullmatch(r"[A-Z]{3}", row["code"]) and row["name_es"] and row["name_en"] for row in countries)
    assert {"GTM", "MEX", "HND", "SLV", "BLZ", "NIC", "USA"} <= codes("countries")
    assert codes("border_posts", "neighbour_iso3") - {""} <= codes("countries")


def test_languages_are_the_22_mayan_ones_and_their_neighbours() -> None:
    languages = rows("languages")
    assert sum(row["family"] == "mayan" for row in languages) == 22
    assert {row["family"] for row in languages} == {"mayan", "xinka", "garifuna", "sign", "other"}
    for row in languages:
        assert row["code"] == row["iso639_3"] or (row["iso639_3"] == "" and row["code"].startswith("x-"))
        assert re.fullmatch(r"[a-z]{3}|x-[a-z]{1,12}", row["code"])
        assert row["name_es"]
        assert row["name_en"]
        assert row["endonym"]


def test_service_rules_say_only_what_the_program_understands() -> None:
    services = {row["code"]: row for row in rows("services")}
    for code, row in services.items():
        assert re.fullmatch(r"[A-Z_]{3,12}", code)
        assert row["name_es"]
        assert row["name_en"]
        assert row["counting"] in {"stock", "count", "amount"}
        assert row["per"] in {"person", "family"}
        assert row["only"] in {"", "minor", "adult"}
        assert (row["only"] == "") or row["per"] == "person"
        assert row["limit"].isdecimal()
        assert (row["limit"] == "0") == (row["window"] == "")
        assert row["window"] in {"", "arrival", "day"}
        for other in filter(None, row["excluded_by"].split(";")):
            assert other in services
            assert other != code
            assert services[other]["per"] == row["per"]


def test_roles_say_who_may_hold_parental_authority() -> None:
    roles = {row["code"]: row for row in rows("relationships")}
    assert {row["group"] for row in roles.values()} == {"parent", "child", "partner", "relative", "guardian", "other"}
    assert {code for code, row in roles.items() if row["group"] == "parent"} == {"MADRE", "PADRE"}
    assert {code for code, row in roles.items() if row["group"] == "child"} == {"HIJA", "HIJO"}
    assert {code for code, row in roles.items() if row["group"] == "guardian"} == {"TUTOR"}
    assert {code for code, row in roles.items() if row["may_hold_parental_authority"] == "yes"} == {
        "MADRE",
        "PADRE",
        "TUTOR",
    }
    assert all(row["may_hold_parental_authority"] in {"yes", "no"} for row in roles.values())


def test_needs_lead_to_a_body_or_a_programme() -> None:
    known = codes("bodies") | codes("programmes")
    assert not codes("bodies") & codes("programmes")
    for need in rows("vulnerabilities"):
        assert re.fullmatch(r"[A-Z0-9_]{2,10}", need["code"])
        assert need["level"] in {"person", "family"}
        assert need["name_es"]
        assert need["name_en"]
        assert need["definition"]
        assert re.fullmatch(r"([A-Z]{2}(-[A-Z]{2})?)?", need["unhcr_code"])
        bodies = need["refer_to"].split(", ")
        assert len(set(bodies)) == len(bodies)
        assert set(bodies) <= known


def test_programmes_have_sensible_ages() -> None:
    for row in rows("programmes"):
        assert row["sex"] in {"any", "female"}
        low, high = int(row["min_age"]), int(row["max_age"] or 120)
        assert 0 <= low < high
