"""How a desk joins an office: a request, six words said over the phone, an answer with the new key list.

Plain functions on plain data; the caller keeps what they return. The files are JSON that may come from
anybody's stick, so each is size-capped, read strictly and refused with a code. Words go one step ahead: the
request's words are what the office compares, the answer's words are what the desk compares.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from returnee_desk.errors import Refused
from returnee_desk.sync.documents import NotStrict, canonical, sign_document, strict_object, verify_document
from returnee_desk.sync.keys import (
    AgeRecipient,
    Device,
    DeviceId,
    DeviceKeys,
    KeyList,
    Letter,
    OfficeKeys,
    PlaceCode,
    PublicKey,
    RootKey,
    ShortText,
    desk_words,
    fingerprint,
    office_words,
    open_secret,
    same_words,
    seal_to,
    sign_key_list,
    verify_key_list,
)

REQUEST = "enrol-request"
ANSWER = "enrol-answer"
MAX_REQUEST = 16 * 1024
MAX_ANSWER = 16 * 1024 * 1024


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What a desk asks to be. Signed by itself: it shows only that it holds the key it names."""

    device: DeviceId
    place: PlaceCode
    place_name: ShortText
    letter: Letter
    kind: Literal["post", "delegation", "office"]
    sign: PublicKey
    age: AgeRecipient
    practice: bool = False

    @property
    def words(self) -> str:
        return desk_words(sign=self.sign, age=self.age, place=self.place, letter=self.letter, kind=self.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """`answer` is the file for the desk; `document` the signed key list to keep; `words` are the office's."""

    answer: bytes
    document: dict[str, Any]
    key_list: KeyList
    device: Device
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """What the desk keeps: the signed key list, the office's root key (64 hex digits), its place's secret."""

    document: dict[str, Any]
    key_list: KeyList
    root: str
    place_secret: bytes = field(repr=False)
    words: str


# At the desk ----------------------------------------------------------------------------------------


def make_request(
    keys: DeviceKeys, *, place: str, place_name: str, letter: str, kind: str, practice: bool = False
) -> bytes:
    """The file a desk takes to the office."""
    body = {
        "device": keys.device,
        "place": place,
        "place_name": place_name,
        "letter": letter,
        "kind": kind,
        "sign": keys.sign.public,
        "age": keys.recipient,
        "practice": practice,
    }
    return canonical(sign_document(REQUEST, body, keys))


def install(
    answer: bytes,
    keys: DeviceKeys,
    *,
    words: str | None = None,
    known_root: str | None = None,
    known_version: int = 0,
    practice: bool = False,
) -> Installed:
    """What an answer gives this desk.

    Refused `not_an_answer`, `bad_signature`, `bad_key_list`, `foreign_office` (a desk that already knows its
    office), `key_list_older`, `answer_for_another_desk`, `fingerprint_mismatch` (the words given are not this
    office's), `practice_data`, `sealed_for_another`.
    """
    document = _read(answer, MAX_ANSWER, "not_an_answer")
    signed_list, key_list = _list_inside(document, root=known_root, known_version=known_version)
    if words is not None and not same_words(words, office_words(key_list.root)):
        raise Refused("fingerprint_mismatch")
    if key_list.practice != practice:
        raise Refused("practice_data")
    body = _body_signed_by_one_of(key_list.office.online, document)
    own = key_list.device(keys.device)
    if body.get("for") != keys.device or own is None or not own.active:
        raise Refused("answer_for_another_desk")
    if own.sign != keys.sign.public or own.age != keys.recipient:
        raise Refused("answer_for_another_desk")
    secret = open_secret(_text(body, "place_secret", "not_an_answer"), [keys.age])
    return Installed(
        document=signed_list,
        key_list=key_list,
        root=key_list.root,
        place_secret=secret,
        words=office_words(key_list.root),
    )


def _list_inside(document: dict[str, Any], *, root: str | None, known_version: int) -> tuple[dict[str, Any], KeyList]:
    body = document.get("body")
    signed_list = body.get("key_list") if isinstance(body, dict) else None
    if document.get("purpose") != ANSWER or not isinstance(signed_list, dict):
        raise Refused("not_an_answer")
    return signed_list, verify_key_list(signed_list, root=root, known_version=known_version)


def _body_signed_by_one_of(publics: list[str], document: dict[str, Any]) -> dict[str, Any]:
    for public in publics:
        try:
            return verify_document(ANSWER, document, public)
        except Refused:
            continue
    raise Refused("bad_signature")


# At the office --------------------------------------------------------------------------------------


def first_key_list(
    root: RootKey,
    keys: DeviceKeys,
    *,
    place: str,
    place_name: str,
    letter: str,
    escrow: str | None,
    issued: str,
    operator: str = "",
    practice: bool = False,
) -> dict[str, Any]:
    """Version 1: the office's own desk, its receiving key and its online key. `escrow` is an age recipient."""
    own = Device(
        device=keys.device,
        place=place,
        place_name=place_name,
        letter=letter,
        kind="office",
        sign=keys.sign.public,
        age=keys.recipient,
        since=1,
        operator=operator,
    )
    office = OfficeKeys(device=keys.device, active=keys.recipient, escrow=escrow, online=[keys.sign.public])
    body = KeyList(version=1, issued=issued, root=root.public, office=office, devices=[own], practice=practice)
    return sign_key_list(body, root)


def read_request(data: bytes) -> Request:
    """Refused `not_a_request` or `bad_signature`."""
    document = _read(data, MAX_REQUEST, "not_a_request")
    body = document.get("body")
    if document.get("purpose") != REQUEST or not isinstance(body, dict):
        raise Refused("not_a_request")
    try:
        asked = msgspec.convert(body, Request)
    except msgspec.ValidationError:
        raise Refused("not_a_request") from None
    verify_document(REQUEST, document, asked.sign)
    if asked.device != fingerprint(asked.sign):
        raise Refused("not_a_request")
    return asked


def words_of(request: bytes) -> str:
    """The six words of a request, as the desk shows them too."""
    return read_request(request).words


def accept(
    request: bytes,
    key_list: KeyList,
    *,
    root: RootKey,
    keys: DeviceKeys,
    place_secret: bytes,
    issued: str,
    operator: str = "",
    words: str | None = None,
) -> Accepted:
    """Takes a desk into the next version of the key list and answers it. `keys` are the office's own.

    Refused `not_a_request`, `bad_signature`, `fingerprint_mismatch` (the words said are not the request's),
    `wrong_desk_kind` (an office cannot join an office), `practice_data`, `device_revoked`, `letter_taken`
    (another desk of that place in use has the letter).
    """
    asked = read_request(request)
    if words is not None and not same_words(words, asked.words):
        raise Refused("fingerprint_mismatch")
    _check_may_join(asked, key_list)
    device = Device(
        device=asked.device,
        place=asked.place,
        place_name=asked.place_name,
        letter=asked.letter,
        kind=asked.kind,
        sign=asked.sign,
        age=asked.age,
        since=key_list.version + 1,
        operator=operator,
    )
    following = _with_device(key_list, device, issued=issued)
    document = sign_key_list(following, root)
    body = {"for": device.device, "key_list": document, "place_secret": seal_to([device.age], place_secret)}
    return Accepted(
        answer=canonical(sign_document(ANSWER, body, keys)),
        document=document,
        key_list=following,
        device=device,
        words=office_words(root.public),
    )


def _check_may_join(asked: Request, key_list: KeyList) -> None:
    if asked.kind == "office":
        raise Refused("wrong_desk_kind", kind=asked.kind)
    if asked.practice != key_list.practice:
        raise Refused("practice_data")
    known = key_list.device(asked.device)
    if known is not None and not known.active:
        raise Refused("device_revoked", device=asked.device)
    if known is not None and (known.place, known.letter) != (asked.place, asked.letter):
        raise Refused("device_moved", device=asked.device)
    for other in key_list.of_place(asked.place):
        if other.letter == asked.letter and other.device != asked.device:
            raise Refused("letter_taken", place=asked.place, letter=asked.letter)


def _with_device(key_list: KeyList, device: Device, *, issued: str) -> KeyList:
    others = [one for one in key_list.devices if one.device != device.device]
    return msgspec.structs.replace(key_list, version=key_list.version + 1, issued=issued, devices=[*others, device])


def revoke(key_list: KeyList, device: str, *, accept_upto: dict[str, int], issued: str) -> KeyList:
    """The next version without trust in this desk: what it did after `accept_upto` (epoch to the last
    operation taken) waits for a person. Refused `unknown_device`. The caller signs it."""
    lost = key_list.device(device)
    if lost is None:
        raise Refused("unknown_device", device=device)
    return _with_device(
        key_list, msgspec.structs.replace(lost, status="revoked", accept_upto=accept_upto), issued=issued
    )


# Reading --------------------------------------------------------------------------------------------


def _read(data: bytes, most: int, code: str) -> dict[str, Any]:
    if len(data) > most:
        raise Refused(code)
    try:
        return strict_object(data)
    except NotStrict:
        raise Refused(code) from None


def _text(body: dict[str, Any], key: str, code: str) -> str:
    value = body.get(key)
    if not isinstance(value, str):
        raise Refused(code)
    return value
