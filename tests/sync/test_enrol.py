from __future__ import annotations

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returnee_desk.errors import Refused
from returnee_desk.sync import enrol
from returnee_desk.sync.documents import canonical, sign_document, strict
from returnee_desk.sync.enrol import accept, first_key_list, install, make_request, read_request, words_of
from returnee_desk.sync.keys import (
    DeviceKeys,
    KeyList,
    RootKey,
    new_age_identity,
    office_words,
    recipient_of,
    sign_key_list,
    verify_key_list,
)

NOON = "2026-11-22T12:00-06:00"


class Office:
    """An office as its desk would keep it: keys, the last key list, one secret a place."""

    def __init__(self, *, practice: bool = False) -> None:
        self.root, self.keys, self.secret = RootKey.new(), DeviceKeys.new(), secrets.token_bytes(32)
        self.document = first_key_list(
            self.root, self.keys, place="OFFICE", place_name="Oficina central", letter="A",
            escrow=recipient_of(new_age_identity()), issued=NOON, operator="ana", practice=practice,
        )  # fmt: skip

    @property
    def key_list(self) -> KeyList:
        return verify_key_list(self.document, root=self.root.public)

    def accept(self, request: bytes, **asked: object) -> enrol.Accepted:
        done = accept(
            request, self.key_list, root=self.root, keys=self.keys, place_secret=self.secret, issued=NOON, **asked
        )
        self.document = done.document
        return done


def ask(keys: DeviceKeys, *, place: str = "TUM1", letter: str = "A", kind: str = "post", practice: bool = False):
    return make_request(keys, place=place, place_name="Tecún Umán", letter=letter, kind=kind, practice=practice)


def refusal(act: object, *args: object, **asked: object) -> str:
    with pytest.raises(Refused) as caught:
        act(*args, **asked)  # type: ignore[operator]
    return caught.value.code


@pytest.fixture
def office() -> Office:
    return Office()


def test_a_desk_asks_is_accepted_by_its_words_and_installs_by_the_offices_words(office):
    desk = DeviceKeys.new()
    request = ask(desk)
    assert words_of(request) == read_request(request).words
    accepted = office.accept(request, words=words_of(request))
    assert accepted.key_list.version == 2
    installed = install(accepted.answer, desk, words=accepted.words)
    assert installed.root == office.root.public
    assert installed.words == office_words(office.root.public)
    assert installed.place_secret == office.secret
    assert installed.key_list.device(desk.device).place == "TUM1"
    assert installed.key_list.office.device == office.keys.device
    assert len(installed.key_list.office.recipients) == 2


def test_a_swapped_request_shows_in_the_words(office):
    honest, thief = DeviceKeys.new(), DeviceKeys.new()
    assert refusal(office.accept, ask(thief), words=words_of(ask(honest))) == "fingerprint_mismatch"
    assert office.key_list.version == 1


def test_an_answer_of_another_office_shows_in_the_words(office):
    desk, other = DeviceKeys.new(), Office()
    answer = other.accept(ask(desk)).answer
    assert refusal(install, answer, desk, words=office_words(office.root.public)) == "fingerprint_mismatch"
    assert refusal(install, answer, desk, known_root=office.root.public) == "foreign_office"


def test_a_letter_of_a_place_belongs_to_one_desk_in_use(office):
    first, second = DeviceKeys.new(), DeviceKeys.new()
    office.accept(ask(first))
    assert refusal(office.accept, ask(second)) == "letter_taken"
    assert office.accept(ask(second, letter="B")).key_list.version == 3
    gone = enrol.revoke(office.key_list, first.device, accept_upto={"ab" * 8: 7}, issued=NOON)
    office.document = sign_key_list(gone, office.root)
    third = DeviceKeys.new()
    assert office.accept(ask(third)).key_list.version == 5
    assert refusal(office.accept, ask(first)) == "device_revoked"


def test_a_revoked_desk_is_taken_up_to_its_last_known_operation(office):
    desk = DeviceKeys.new()
    office.accept(ask(desk))
    assert office.key_list.device(desk.device).accepts("cd" * 8, 10**6)
    gone = enrol.revoke(office.key_list, desk.device, accept_upto={"ab" * 8: 7}, issued=NOON).device(desk.device)
    assert gone.accepts("ab" * 8, 7)
    assert not gone.accepts("ab" * 8, 8)
    assert not gone.accepts("cd" * 8, 1)
    assert refusal(enrol.revoke, office.key_list, "ff" * 8, accept_upto={}, issued=NOON) == "unknown_device"


def test_the_same_desk_may_ask_twice_but_not_move(office):
    desk = DeviceKeys.new()
    office.accept(ask(desk))
    accepted = office.accept(ask(desk))
    assert accepted.key_list.version == 3
    assert len(accepted.key_list.devices) == 2
    assert install(accepted.answer, desk).key_list.version == 3
    assert refusal(office.accept, ask(desk, letter="B")) == "device_moved"


def test_an_answer_serves_the_desk_it_was_made_for(office):
    desk, other = DeviceKeys.new(), DeviceKeys.new()
    accepted = office.accept(ask(desk))
    office.accept(ask(other, letter="B"))
    assert refusal(install, accepted.answer, other) == "answer_for_another_desk"


def test_an_older_answer_does_not_take_a_desk_back(office):
    desk = DeviceKeys.new()
    old = office.accept(ask(desk)).answer
    new = office.accept(ask(desk)).answer
    version = install(new, desk).key_list.version
    assert refusal(install, old, desk, known_version=version) == "key_list_older"


def test_an_answer_not_signed_by_a_key_of_the_list_is_refused(office):
    desk = DeviceKeys.new()
    body = strict(office.accept(ask(desk)).answer)["body"]
    forged = canonical(sign_document(enrol.ANSWER, body, DeviceKeys.new()))
    assert refusal(install, forged, desk) == "bad_signature"


def test_practice_and_real_never_meet(office):
    desk, practice = DeviceKeys.new(), Office(practice=True)
    assert refusal(office.accept, ask(desk, practice=True)) == "practice_data"
    assert refusal(practice.accept, ask(desk)) == "practice_data"
    answer = practice.accept(ask(desk, practice=True)).answer
    assert refusal(install, answer, desk) == "practice_data"
    assert install(answer, desk, practice=True).key_list.practice


def test_an_office_does_not_join_an_office(office):
    assert refusal(office.accept, ask(DeviceKeys.new(), kind="office")) == "wrong_desk_kind"


@pytest.mark.parametrize(
    "change",
    [{"place": "tum1"}, {"place": "../.."}, {"letter": "AB"}, {"kind": "king"}, {"age": "age1"}, {"sign": "00"},
     {"device": "00" * 8}, {"place_name": "x" * 121}, {"place_name": None}, {"practice": 1}],
)  # fmt: skip
def test_a_request_that_says_odd_things_is_refused(office, change):
    desk = DeviceKeys.new()
    body = {**strict(ask(desk))["body"], **change}
    assert refusal(office.accept, canonical(sign_document(enrol.REQUEST, body, desk))) == "not_a_request"


def test_every_flipped_byte_of_a_request_is_refused(office):
    request = ask(DeviceKeys.new())
    for at in range(len(request)):
        flipped = request[:at] + bytes([request[at] ^ 1]) + request[at + 1 :]
        assert refusal(read_request, flipped) in {"not_a_request", "bad_signature"}


@pytest.mark.parametrize("junk", [b"", b"{}", b"[]", b"null", b"\x89PNG", b"{" * 20_000, b" " * 20_000])
def test_files_that_are_something_else_are_refused(office, junk):
    assert refusal(read_request, junk) == "not_a_request"
    assert refusal(install, junk, DeviceKeys.new()) == "not_an_answer"


KEPT = Office()
KEPT_DESK = DeviceKeys.new()
KEPT_ANSWER = KEPT.accept(ask(KEPT_DESK)).answer


@given(st.integers(0, len(KEPT_ANSWER) - 1), st.integers(1, 255))
def test_any_flipped_byte_of_an_answer_is_refused(at, mask):
    flipped = KEPT_ANSWER[:at] + bytes([KEPT_ANSWER[at] ^ mask]) + KEPT_ANSWER[at + 1 :]
    with pytest.raises(Refused):
        install(flipped, KEPT_DESK, known_root=KEPT.root.public)


@given(st.integers(0, len(KEPT_ANSWER) - 1))
def test_a_cut_answer_is_refused(length):
    with pytest.raises(Refused):
        install(KEPT_ANSWER[:length], KEPT_DESK)
