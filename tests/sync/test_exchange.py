"""Sticks between real desks: what goes out, what comes in, what is believed, what is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from returnee_desk import acts
from returnee_desk.errors import Refused, Unavailable
from returnee_desk.store.desk import SPOOL, Desk
from returnee_desk.sync import exchange
from returnee_desk.sync.bundle import check, line, seal, unseal
from returnee_desk.sync.documents import canonical, sign_document
from returnee_desk.sync.exchange import export, import_
from returnee_desk.sync.founding import device_keys_of, found_desk, key_list_of
from tests.making import lines_of, nothing_written, register
from tests.world import OFFICE, PASSPHRASE, Enrolled, World, tombstone


def own(world: World, name: str) -> dict[str, int]:
    """How far this desk's own operations have come."""
    counts = world[name].status()
    return {state: counts[state] for state in ("unsent", "sent", "arrived", "safe")}


def digests(world: World, *names: str) -> set[str]:
    return {world[name].content_digest() for name in names}


def stranger(folder: Path, place: str, letter: str) -> Desk:
    """A desk that belongs to no office yet."""
    return found_desk(folder, kind="post", place=place, letter=letter, user="Marta", passphrase=PASSPHRASE).desk


def files(stick: Path) -> list[Path]:
    return sorted(stick.iterdir())


# The way of a save -----------------------------------------------------------------------------------


def test_a_save_is_unsent_then_sent_then_arrived_then_safe(world: World) -> None:
    register(world["A"], size=4)
    saved = world["A"].status()["own"]
    assert own(world, "A") == {"unsent": saved, "sent": 0, "arrived": 0, "safe": 0}
    out, [taken] = world.carry("A", OFFICE)
    assert (out.bundles, out.operations, out.families) == (1, saved, 1)
    assert (taken.bundles, taken.operations, taken.families) == (1, saved, 1)
    assert own(world, "A") == {"unsent": 0, "sent": saved, "arrived": 0, "safe": 0}
    world.carry(OFFICE, "A")
    assert own(world, "A") == {"unsent": 0, "sent": 0, "arrived": saved, "safe": 0}
    world.back_up()
    world.carry(OFFICE, "A")
    assert own(world, "A") == {"unsent": 0, "sent": 0, "arrived": 0, "safe": saved}


def test_the_office_says_durable_only_what_its_backup_holds(world: World) -> None:
    register(world["A"])
    world.round("A")
    world.back_up()
    register(world["A"])
    world.round("A")
    assert own(world, "A") == {"unsent": 0, "sent": 0, "arrived": 1, "safe": 2}


def test_what_the_office_holds_afterwards_is_what_the_post_holds(world: World) -> None:
    family = register(world["A"], size=3)
    world["A"].do(acts.note, family["code"], "Esperan a la abuela.")
    world.round("A")
    assert digests(world, "A") == digests(world, OFFICE)  # one post alone, and it has the office's staff
    mine, theirs = (lines_of(world[name]) for name in ("A", OFFICE))
    assert set(mine) <= set(theirs)
    assert world.office.family(family["code"]).members == world["A"].family(family["code"]).members


def test_a_second_import_changes_nothing(world: World) -> None:
    register(world["A"])
    stick = world.make("A")
    world.read(OFFICE, stick)
    with nothing_written(world.office):
        again = world.read(OFFICE, stick)
    assert (again.bundles, again.operations, again.families, again.repeated) == (0, 0, 0, 1)
    assert again.refused == []


def test_a_copy_of_a_bundle_beside_it_counts_once(world: World) -> None:
    register(world["A"])
    stick = world.make("A")
    [file] = files(stick)
    shutil.copy(file, stick / f"{file.stem}(1){file.suffix.lower()}")
    taken = world.read(OFFICE, stick)
    assert (taken.bundles, taken.refused) == (1, [])


def test_a_desk_that_has_not_joined_makes_and_reads_no_stick(tmp_path: Path) -> None:
    with stranger(tmp_path / "desk", "TUM1", "A") as desk:
        for ask in (export, import_):
            with pytest.raises(Refused, match="not_enrolled"):
                ask(desk, tmp_path)
    assert not list(tmp_path.glob("*.RDB"))


def test_with_nothing_new_a_bundle_goes_all_the_same(world: World) -> None:
    world.round("A")
    world.back_up()
    world.carry(OFFICE, "A")
    out, [taken] = world.carry("A", OFFICE)
    assert (out.bundles, out.operations) == (1, 0)
    assert (taken.bundles, taken.operations) == (1, 0)


def test_any_one_stick_that_survives_is_enough(world: World) -> None:
    for _ in range(3):
        register(world["A"])
        last = world.make("A")
    world.read(OFFICE, last)
    assert world.office.status()["families"] == 3
    assert world.read(OFFICE, last).gaps == []


def test_sticks_may_come_in_any_order(world: World) -> None:
    sticks = []
    for _ in range(3):
        register(world["A"])
        sticks.append(world.make("A"))
    for stick in reversed(sticks):
        world.read(OFFICE, stick)
    world.read(OFFICE, sticks[0])
    world.carry(OFFICE, "A")
    assert len(digests(world, OFFICE, "A")) == 1
    assert own(world, "A")["arrived"] == world["A"].status()["own"]


def test_one_stick_carries_the_bundles_of_many(world: World) -> None:
    stick = world.stick()
    for name in ("A", "B", "C"):
        register(world[name])
        export(world[name], stick)
    taken = world.read(OFFICE, stick)
    assert (taken.bundles, taken.families, taken.refused) == (3, 3, [])
    export(world.office, stick)
    for name in ("A", "B", "C"):
        assert world.read(name, stick).refused == []
        assert own(world, name)["arrived"] == world[name].status()["own"]


def test_the_last_three_bundles_stay_on_a_stick(world: World) -> None:
    stick = world.stick()
    for _ in range(5):
        register(world["A"])
        export(world["A"], stick)
    assert [file.name.split("-")[2] for file in files(stick)] == ["3", "4", "5"]


def test_a_stick_that_takes_nothing_leaves_everything_unsent(world: World) -> None:
    register(world["A"])
    with pytest.raises(Unavailable, match="stick_gone"):
        export(world["A"], world.folder / "nowhere")
    assert own(world, "A")["sent"] == 0
    assert list((world["A"].folder / SPOOL).iterdir()) == []
    _, [taken] = world.carry("A", OFFICE)
    assert taken.families == 1
    assert taken.doubts == []


def test_work_that_is_stopped_is_left_undone(world: World) -> None:
    class Stopped(Exception):
        pass

    def stop(done: int, of: int) -> None:
        if done > of // 4:
            raise Stopped

    register(world["A"])
    stick = world.stick()
    with pytest.raises(Stopped):
        export(world["A"], stick, progress=stop)
    assert files(stick) == []
    assert own(world, "A")["sent"] == 0
    export(world["A"], stick)
    with nothing_written(world.office), pytest.raises(Stopped):
        import_(world.office, stick, progress=stop)
    assert list((world.office.folder / SPOOL).iterdir()) == []


@pytest.mark.parametrize("work", ["out", "in"])
def test_progress_only_goes_forward_and_arrives(world: World, work: str) -> None:
    register(world["A"])
    stick = world.stick() if work == "out" else world.make("A")
    steps: list[tuple[int, int]] = []

    def told(done: int, of: int) -> None:
        steps.append((done, of))

    if work == "out":
        export(world["A"], stick, progress=told)
    else:
        import_(world.office, stick, progress=told)
    assert steps == sorted(steps)
    assert steps[-1][0] <= steps[-1][1]
    assert len({of for _, of in steps}) == 1


def test_the_spool_is_empty_afterwards_and_no_file_outside_names_anybody(world: World) -> None:
    register(world["A"], size=5)
    stick = world.make("A")
    world.read(OFFICE, stick)
    world.carry(OFFICE, "A")
    found = b"".join(path.read_bytes() for path in world.folder.rglob("*") if path.is_file())
    for name in ("Xiloj", "Brenda", "Marta"):
        assert name.encode() not in found
    assert list((world.office.folder / SPOOL).iterdir()) == list((world["A"].folder / SPOOL).iterdir()) == []


# Desks of one place ----------------------------------------------------------------------------------


def test_desks_of_one_post_read_each_other_and_forward_until_it_is_safe(world: World) -> None:
    register(world["A"])
    _, [read] = world.carry("A", "B")
    assert (read.bundles, read.families, read.not_for_me) == (1, 1, 0)
    out, [taken] = world.carry("B", OFFICE)  # A's own stick never came
    assert (out.families, taken.families) == (1, 1)
    world.back_up()
    world.carry(OFFICE, "A", "B")
    assert own(world, "A")["safe"] == world["A"].status()["own"]
    assert world.carry("B", OFFICE)[0].operations == 0


def test_another_place_cannot_read_it(world: World) -> None:
    register(world["A"])
    with nothing_written(world["C"]):
        _, [read] = world.carry("A", "C")
    assert (read.bundles, read.not_for_me, read.refused) == (0, 1, [])


def test_ones_own_stick_is_left_for_its_reader(world: World) -> None:
    register(world["A"])
    stick = world.make("A")
    with nothing_written(world["A"]):
        read = world.read("A", stick)
    assert (read.not_for_me, read.refused) == (1, [])


def test_a_bundle_from_before_the_sender_knew_this_desk_is_counted_not_refused(world: World) -> None:
    office = key_list_of(world.office)
    assert office is not None
    stick = world.craft("A", [], recipients=office.office.recipients)
    assert world.read("B", stick).not_for_me == 1


# What is believed ------------------------------------------------------------------------------------


def changed(operation: bytes, **values: Any) -> bytes:
    return msgspec.json.encode(msgspec.json.decode(operation) | values)


def test_operations_of_another_place_are_refused_with_their_bundle(world: World) -> None:
    register(world["A"])
    register(world["C"])
    stick = world.craft("A", [line("op", body) for body in [*lines_of(world["A"]), *lines_of(world["C"])]])
    with nothing_written(world.office):
        taken = world.read(OFFICE, stick)
    assert [one["code"] for one in taken.refused] == ["foreign_operations"]


def test_an_operation_of_nobody_on_the_list_is_refused(world: World) -> None:
    register(world["A"])
    stranger = changed(lines_of(world["A"])[-1], op=uuid4().hex, device="0" * 16)
    with nothing_written(world.office):
        taken = world.read(OFFICE, world.craft("A", [line("op", stranger)]))
    assert [one["code"] for one in taken.refused] == ["foreign_operations"]


def test_every_malformed_operation_is_named_and_nothing_of_the_bundle_taken(world: World) -> None:
    register(world["A"])
    good = lines_of(world["A"])[-1]
    bad = [changed(good, op=uuid4().hex, lamport=2**63 - 1), changed(good, op=uuid4().hex, seq=-1)]
    ids = [msgspec.json.decode(one)["op"] for one in bad]
    stick = world.craft("A", [line("op", body) for body in [good, *bad, good, b'{"op":"x"}', b"7"]])
    with nothing_written(world.office):
        [refused] = world.read(OFFICE, stick).refused
    assert (refused["code"], refused["operations"]) == ("malformed_operation", [*ids, "?", "?"])


def test_a_fault_late_in_a_bundle_takes_back_what_came_before_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "TOGETHER", 1)
    world.change_key_list(lambda known: known)
    keys = line("key_list", canonical(world.office.local("key_list")))
    register(world["A"])
    stick = world.craft("A", [keys, *(line("op", body) for body in lines_of(world["A"])), line("op", b"{}")], to="B")
    with nothing_written(world["B"]):
        assert [one["code"] for one in world.read("B", stick).refused] == ["malformed_operation"]


def test_what_a_later_version_adds_is_passed_over_or_kept_as_it_came(world: World) -> None:
    register(world["A"])
    future = changed(lines_of(world["A"])[-1], op=uuid4().hex, seq=900, mood="calm", act="weigh_child", writes=[
        ["weighing", uuid4().hex, {"kilos": 12.5}, {}]])  # fmt: skip
    stick = world.craft("A", [line("op", future), line("hologram", b'{"of":"nobody"}')])
    taken = world.read(OFFICE, stick)
    assert (taken.operations, taken.refused) == (1, [])
    assert future in lines_of(world.office)


def test_the_offices_own_operations_reach_the_posts_and_come_back_from_them(world: World) -> None:
    world.back_up()
    before = shutil.copytree(world.office.folder, world.folder / "before")
    world.office.do(acts.add_user, "Julia", role="analyst")
    world.carry(OFFICE, "A", "C")
    assert "Julia" in {one.name for one in world["A"].staff()}
    world.office.close()
    shutil.rmtree(world.office.folder)
    shutil.copytree(before, world.folder / OFFICE)
    office = world.reopen(OFFICE)
    assert "Julia" not in {one.name for one in office.staff()}
    _, [taken] = world.carry("C", OFFICE)
    assert "Julia" in {one.name for one in office.staff()}
    assert taken.notes == []


def test_an_operation_in_the_offices_name_counts_for_nothing_without_its_signature(world: World) -> None:
    world.office.do(acts.add_user, "Julia", role="analyst")
    body = lines_of(world.office)[-1]
    forged = exchange._signed_operation(device_keys_of(world["A"]), body)
    told = msgspec.json.decode(forged)
    claimed = canonical({**told, "op": msgspec.Raw(body), "by": device_keys_of(world.office).sign.public})
    stick = world.craft("A", [line("office_op", forged), line("office_op", claimed)], to="B")
    taken = world.read("B", stick)
    assert [one["code"] for one in taken.notes] == ["office_operation_forged"] * 2
    assert (taken.bundles, taken.operations) == (1, 0)
    with nothing_written(world["B"]):
        plain = world.read("B", world.craft("A", [line("op", body)], to="B", seq=1001))
    assert [one["code"] for one in plain.refused] == ["foreign_operations"]


def test_an_edit_of_another_places_record_applies_and_is_listed(world: World) -> None:
    family = register(world["A"])
    world.round("A")
    record = world.office.family(family["code"]).id
    settings = world["C"].settings
    edit = {
        "op": uuid4().hex, "device": settings.device, "epoch": settings.epoch, "seq": 50, "lamport": 1,
        "at": "2026-11-22T12:00-06:00", "by": world["C"].me.id, "act": "correct_family",
        "writes": [["family", record, {"language": "kek"}, {}]],
    }  # fmt: skip
    taken = world.read(OFFICE, world.craft("C", [line("op", canonical(edit))]))
    assert {"code": "foreign_record", "record": record, "device": world["C"].settings.device} in taken.doubts
    assert {"code": "two_answers", "record": record, "field": "language"} in taken.doubts


def test_gaps_are_told_exactly(world: World) -> None:
    for _ in range(3):
        register(world["A"])
    numbers = {msgspec.json.decode(body)["seq"]: body for body in lines_of(world["A"])}
    here = [1, 4]
    taken = world.read(OFFICE, world.craft("A", [line("op", numbers[seq]) for seq in here]))
    settings = world["A"].settings
    about = {"device": settings.device, "epoch": settings.epoch, "place": "TUM1", "letter": "A"}
    assert taken.gaps == [{**about, "from": 2, "to": 3}]
    assert world.read(OFFICE, world.make("A")).gaps == []


# Refusals ----------------------------------------------------------------------------------------------


def test_a_refused_file_stops_no_other_and_leaves_nothing_in_the_spool(world: World) -> None:
    stick = world.stick()
    for name in ("A", "C"):
        register(world[name])
        export(world[name], stick)
    spoilt = next(file for file in files(stick) if world["A"].settings.device[:8] in file.name)
    spoilt.write_bytes(spoilt.read_bytes()[:-1] + b"\0")
    (stick / "readme.txt").write_text("hola")
    (stick / "empty.RDB").write_bytes(b"")
    taken = world.read(OFFICE, stick)
    assert taken.bundles == 1
    assert {one["file"]: one["code"] for one in taken.refused} == {spoilt.name: "damaged", "empty.RDB": "not_a_bundle"}
    assert list((world.office.folder / SPOOL).iterdir()) == []


def test_a_stranger_is_refused(world: World, enrolled: Enrolled, tmp_path: Path) -> None:
    with stranger(tmp_path / "x", "ECE", "Z") as desk:
        stick, keys = world.stick(), device_keys_of(desk)
        office = world.office.settings.device
        seal([], stick, sender=keys, to=office, recipients=[device_keys_of(world.office).recipient],
             epoch=desk.settings.epoch, seq=1, prev=None, about={"kind": "up"})  # fmt: skip
    with nothing_written(world.office):
        taken = world.read(OFFICE, stick)
    assert [one["code"] for one in taken.refused] == ["unknown_sender"]


def test_practice_and_real_never_mix(world: World, tmp_path: Path) -> None:
    practice = Enrolled(tmp_path / "practice", practice=True)
    with practice.copy(tmp_path / "copies", desks=(OFFICE, "A")) as pretend:
        register(pretend["A"])
        register(world["A"])
        for reader, stick in ((world.office, pretend.make("A")), (pretend.office, world.make("A"))):
            with nothing_written(reader):
                taken = import_(reader, stick)
            assert [one["code"] for one in taken.refused] == ["practice_data"]
    claims = world.craft("A", [], practice=True)
    assert [one["code"] for one in world.read(OFFICE, claims).refused] == ["practice_data"]


def test_a_bundle_of_a_newer_program_waits_for_the_update(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from returnee_desk.sync import bundle

    register(world["A"])
    with monkeypatch.context() as later:
        later.setattr(bundle, "VERSION", 2)
        stick = world.make("A")
    with nothing_written(world.office):
        [refused] = world.read(OFFICE, stick).refused
    assert refused["code"] == "update_needed"
    assert world.read(OFFICE, world.stick()).refused == []  # told once
    monkeypatch.setattr(bundle, "VERSION", 2)
    taken = world.read(OFFICE, world.stick())
    assert (taken.bundles, taken.families) == (1, 1)
    assert list((world.office.folder / exchange.WAITING).iterdir()) == []


def test_a_bundle_in_parts_needs_them_all(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(6):
        register(world["A"], size=6)
    monkeypatch.setattr(exchange, "seal", lambda *a, **k: seal(*a, **k, max_part=8_000))
    stick = world.make("A")
    parts = files(stick)
    assert len(parts) > 1
    gone = parts[0].read_bytes()
    parts[0].unlink()
    with nothing_written(world.office):
        assert {one["code"] for one in world.read(OFFICE, stick).refused} == {"part_missing"}
    parts[0].write_bytes(gone)
    taken = world.read(OFFICE, stick)
    assert (taken.bundles, taken.families, taken.refused) == (1, 6, [])
    assert world.read(OFFICE, stick).repeated == 1


# Receipts ----------------------------------------------------------------------------------------------


def receipt_lines(world: World, name: str, stick: Path) -> list[bytes]:
    """The receipts a stick carries for a desk, as lines."""
    known, found = key_list_of(world[name]), []
    assert known is not None
    for file in files(stick):
        verified = check(file, known=lambda device: known.device(device).sign)
        if verified.header.to == world[name].settings.device:
            opened = unseal([verified], identities=[device_keys_of(world[name]).age], addressed={verified.header.to})
            found += [line("receipt", one.raw) for one in opened.lines() if one.kind == "receipt"]
    return found


def test_a_receipt_for_another_an_older_and_a_forged_one_are_ignored(world: World) -> None:
    for name in ("A", "B"):
        register(world[name])
        world.carry(name, OFFICE)
    first = world.make(OFFICE)
    [older], [for_b] = receipt_lines(world, "A", first), receipt_lines(world, "B", first)
    world.back_up()
    world.carry(OFFICE, "A")
    assert own(world, "A")["safe"] == 2
    body = json.loads(older)["receipt"]["body"] | {"number": 90}
    forged = line("receipt", canonical(sign_document("receipt", body, device_keys_of(world["B"]))))
    nonsense = [line("receipt", b"7"), line("receipt", b'{"purpose":"receipt","body":{},"signature":"00"}')]
    stick = world.craft("B", [older, for_b, forged, *nonsense], to="A")
    before = own(world, "A")
    taken = world.read("A", stick)
    assert [one["code"] for one in taken.notes] == ["receipt_older", "receipt_not_mine", *["receipt_forged"] * 3]
    assert own(world, "A") == before


def test_the_office_put_back_withdraws_what_arrived_and_keeps_what_is_safe(world: World) -> None:
    register(world["A"])
    world.round("A")
    world.back_up()
    saved = shutil.copytree(world.office.folder, world.folder / "saved")
    world.carry(OFFICE, "A")
    register(world["A"])
    world.round("A")
    assert own(world, "A") == {"unsent": 0, "sent": 0, "arrived": 1, "safe": 2}
    put_back(world, saved, new_epoch="e" * 16)
    world.carry(OFFICE, "A")
    assert own(world, "A") == {"unsent": 0, "sent": 1, "arrived": 0, "safe": 2}
    out, [taken] = world.carry("A", OFFICE)
    assert out.operations == taken.operations == 1
    world.carry(OFFICE, "A")
    assert own(world, "A")["arrived"] == 1


def put_back(world: World, saved: Path, *, name: str = OFFICE, new_epoch: str | None = None) -> None:
    """The desk's folder as it was; with a new epoch it knows that it was put back."""
    world[name].close()
    shutil.rmtree(world.folder / name)
    shutil.copytree(saved, world.folder / name)
    desk = world.reopen(name)
    if new_epoch:
        former = desk.settings.epoch
        desk.set_local("former_epochs", [*desk.local("former_epochs", []), former])
        desk.set_local("settings", msgspec.to_builtins(desk.settings) | {"epoch": new_epoch})


def test_a_late_receipt_of_a_former_epoch_is_older(world: World) -> None:
    register(world["A"])
    world.carry("A", OFFICE)
    late = world.make(OFFICE)
    saved = shutil.copytree(world.office.folder, world.folder / "saved")
    put_back(world, saved, new_epoch="e" * 16)
    world.carry(OFFICE, "A")
    before = own(world, "A")
    assert [one["code"] for one in world.read("A", late).notes] == ["receipt_older"]
    assert own(world, "A") == before


def test_an_office_that_lost_what_was_safe_gets_everything_again(world: World) -> None:
    empty = shutil.copytree(world.office.folder, world.folder / "empty")
    register(world["A"])
    world.round("A")
    world.back_up()
    world.carry(OFFICE, "A")
    assert own(world, "A")["safe"] == 2
    put_back(world, empty, new_epoch="e" * 16)  # not from the last backup: the promise was broken there
    _, [read] = world.carry(OFFICE, "A")
    assert {one["code"] for one in read.doubts} == {"office_lost"}
    _, [taken] = world.carry("A", OFFICE)
    assert taken.families == 1
    world.carry(OFFICE, "A")
    assert world["A"].local("resend") is False


def test_a_post_put_back_gets_back_what_it_forgot_and_believes_no_number_before(world: World) -> None:
    saved = shutil.copytree(world["A"].folder, world.folder / "saved")
    first = register(world["A"])
    world.round("A")
    world.back_up()
    put_back(world, saved, name="A")
    _, [read] = world.carry(OFFICE, "A")
    assert {one["code"] for one in read.doubts} == {"receipt_ahead"}
    assert own(world, "A")["safe"] == 0
    world.carry("A", OFFICE)
    world.carry(OFFICE, "A")  # the office knows now what this desk has, and sends the rest back
    assert world["A"].family(first["code"]).code == first["code"]
    world.round("A")
    assert own(world, "A")["safe"] == world["A"].status()["own"] == 2


def test_two_copies_of_one_pc_both_keep_their_work_and_are_told_apart(world: World) -> None:
    saved = shutil.copytree(world["A"].folder, world.folder / "saved")
    register(world["A"])
    one = world.make("A")
    put_back(world, saved, name="A")
    register(world["A"], size=5)
    two = world.make("A")
    assert world.read(OFFICE, one).doubts == []
    alarm = {"code": "two_copies", "device": world["A"].settings.device, "epoch": world["A"].settings.epoch}
    assert world.read(OFFICE, two).doubts == [alarm]
    assert world.office.status()["families"] == 2
    assert world.read(OFFICE, one).repeated == 1
    world.back_up()
    world.carry(OFFICE, "A")
    assert own(world, "A")["safe"] == world["A"].status()["own"] == 3  # the doubled numbers by their ids
    assert world.office.local("alarms")[0]["code"] == "two_copies"


def test_a_number_acknowledged_for_a_copy_is_not_believed(world: World) -> None:
    """The office has operations 2 and 3 of the first copy, the second copy gave the same numbers to others."""
    saved = shutil.copytree(world["A"].folder, world.folder / "saved")
    register(world["A"])
    world.carry("A", OFFICE)
    world.back_up()
    put_back(world, saved, name="A")
    register(world["A"], size=5)
    _, [read] = world.carry(OFFICE, "A")
    assert {one["code"] for one in read.doubts} == {"history_differs"}
    assert own(world, "A")["safe"] == 0
    assert world.carry("A", OFFICE)[1][0].families == 1


def test_what_bears_a_number_that_is_safe_for_another_is_sent_all_the_same(world: World) -> None:
    """B has two operations of one number of A: the office's backup holds one, only B has the other."""
    saved = shutil.copytree(world["A"].folder, world.folder / "saved")
    register(world["A"])
    world.carry("A", "B")
    world.carry("B", OFFICE)
    world.back_up()
    world.carry(OFFICE, "B")
    put_back(world, saved, name="A")
    register(world["A"], size=5)
    world.carry("A", "B")
    put_back(world, saved, name="A")
    assert world.carry("B", OFFICE)[1][0].families == 1
    assert world.office.status()["families"] == 2
    world.back_up()
    world.carry(OFFICE, "B")
    assert world.carry("B", OFFICE)[0].operations == 0


# Keys --------------------------------------------------------------------------------------------------


def test_what_a_revoked_desk_wrote_afterwards_waits_for_a_person(world: World) -> None:
    register(world["A"])
    world.round("A")
    upto = world["A"].status()["own"]
    world.revoke("A", upto=upto)
    register(world["A"])
    before = world.office.content_digest()
    _, [taken] = world.carry("A", OFFICE)
    assert (taken.bundles, taken.operations, taken.quarantined, taken.refused) == (1, 0, 1, [])
    assert world.office.content_digest() == before
    assert {"code": "quarantined", "operations": 1} in taken.doubts
    world.carry(OFFICE, "B")
    _, [by_b] = world.carry("A", "B")  # whoever reads it; B has the new list
    assert by_b.quarantined == 1
    world.carry("B", OFFICE)
    assert world.office.db["quarantine"].count == 1
    assert world.office.status()["families"] == 1


def test_what_a_revoked_desk_wrote_is_forwarded_for_judgement(world: World) -> None:
    world.revoke("A", upto=0)
    world.carry(OFFICE, "B")
    register(world["A"])
    world.carry("A", "B")
    world.carry("B", OFFICE)  # A's own stick is lost
    assert world.office.db["quarantine"].count == 2
    assert world.office.status()["families"] == 0


def test_a_newer_key_list_takes_effect_and_an_older_one_is_ignored(world: World) -> None:
    old = world.make(OFFICE)
    world.change_key_list(lambda known: known)
    known = key_list_of(world.office)
    assert known is not None
    world.carry(OFFICE, "A")
    assert key_list_of(world["A"]) == known
    taken = world.read("A", old)
    assert "key_list_older" in [one["code"] for one in taken.notes]
    assert key_list_of(world["A"]) == known
    world.carry("A", "B")  # a desk of the same post brings it along
    assert key_list_of(world["B"]) == known


def test_a_sender_named_by_a_list_on_the_same_stick_is_known(world: World, tmp_path: Path) -> None:
    from returnee_desk.sync.founding import accept_enrolment, install_enrolment, request_enrolment

    with stranger(tmp_path / "E", "TUM1", "E") as new:
        request_enrolment(new, tmp_path / "request")
        accept_enrolment(world.office, tmp_path / "request", tmp_path / "answer", passphrase=PASSPHRASE)
        install_enrolment(new, tmp_path / "answer")
        register(new)
        stick = world.stick()
        export(new, stick)
        assert [one["code"] for one in world.read("A", stick).refused] == ["unknown_sender"]
        export(world.office, stick)
        taken = world.read("A", stick)
    assert (taken.refused, taken.families) == ([], 1)


# Erasing -----------------------------------------------------------------------------------------------


def erased_everywhere(world: World, record: str, *names: str) -> Iterator[bool]:
    for name in names:
        yield all(record.encode() not in body for body in lines_of(world[name]))


def test_an_erasure_reaches_every_desk_and_stays_whatever_comes_later(world: World) -> None:
    family = register(world["A"], size=3)
    late = world.make("A")
    world.carry("A", "B")
    world.read(OFFICE, late)
    person = world["A"].family(family["code"]).members[1].id
    world.erase(person)
    world.carry(OFFICE, "A", "B")
    assert all(erased_everywhere(world, person, OFFICE, "A", "B"))
    for name in (OFFICE, "B"):
        world.read(name, late)
    world.round("A", "B")
    assert all(erased_everywhere(world, person, OFFICE, "A", "B"))
    assert len(world.office.family(family["code"]).members) == 2
    assert world["A"].history_digest() != ""
    assert own(world, "A")["arrived"] == world["A"].status()["own"]


def test_an_office_put_back_from_before_an_erasure_learns_of_it_from_the_posts(world: World) -> None:
    family = register(world["A"], size=3)
    world.round("A")
    person = world.office.family(family["code"]).members[1].id
    saved = shutil.copytree(world.office.folder, world.folder / "saved")
    world.erase(person)
    world.carry(OFFICE, "A")
    put_back(world, saved, new_epoch="e" * 16)
    assert len(world.office.family(family["code"]).members) == 3
    world.carry("A", OFFICE)
    assert all(erased_everywhere(world, person, OFFICE))


def test_a_tombstone_that_the_office_did_not_sign_erases_nothing(world: World) -> None:
    family = register(world["A"])
    world.carry("A", OFFICE)
    person = world.office.family(family["code"]).members[0].id
    forged = [line("tombstone", tombstone(world["A"], person)), line("tombstone", b"[]")]
    taken = world.read(OFFICE, world.craft("A", forged))
    assert [one["code"] for one in taken.notes] == ["tombstone_forged"] * 2
    assert len(world.office.family(family["code"]).members) == 2


def test_what_is_kept_aside_is_erased_too(world: World) -> None:
    world.round("A")
    world.revoke("A", upto=0)
    family = register(world["A"], size=3)
    world.carry("A", OFFICE)
    person = world["A"].family(family["code"]).members[1].id
    world.erase(person)
    bodies = [row[0] for row in world.office.db.execute("SELECT body FROM quarantine")]
    assert bodies
    assert all(person.encode() not in body for body in bodies)
    register_again = world.make("A")
    world.read(OFFICE, register_again)
    assert all(person.encode() not in row[0] for row in world.office.db.execute("SELECT body FROM quarantine"))
