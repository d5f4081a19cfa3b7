"""A desk begins, and joins its office: keys made on the desk, the office's root, the enrolment by stick.

What is kept where: the desk's own keys and an office's age identities are `secrets` inside the encrypted file;
the office's root key is a file of its own (`office.root`), sealed with the first administrator's passphrase, until
it is moved off the PC; the key list, the office's root fingerprint and the place's slip key are desk-local values.
"""

from __future__ import annotations

import re
import secrets as random
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from returnee_desk.errors import Refused
from returnee_desk.records.desks import KINDS, DeskSettings, new_epoch
from returnee_desk.records.lists import lists
from returnee_desk.records.names import clean
from returnee_desk.store.cipher import in_words
from returnee_desk.store.desk import Desk
from returnee_desk.store.file import make_folder, write_whole
from returnee_desk.sync import enrol, keys

ROOT_FILE = "office.root"
_OWN_PLACE = re.compile(r"[A-Z0-9]{3,4}\Z")
_DELEGATIONS = {f"D{number:02d}" for number in range(1, 23)}


class Founded(NamedTuple):
    """A new desk, open. `recovery_code` is shown once and kept nowhere readable."""

    desk: Desk
    recovery_code: str
    fingerprint_words: str


class Enrolled(NamedTuple):
    """What enrolment answers: the key list's version, how many devices it names, the words to compare."""

    version: int
    devices: int
    words: str


def found_desk(
    folder: Path, *, kind: str, place: str, letter: str, user: str, passphrase: str, place_name: str | None = None,
    escrow: Path | None = None, practice: bool = False,
) -> Founded:  # fmt: skip
    """Make a desk: file, keys, first administrator; for an office also root key, key list and escrow identity.

    `escrow` (office alone) is where the escrow identity is written, once: it is not kept on the PC. Refused
    `unknown_place`, `invalid_letter`, `unknown_kind`, `escrow_only_office`, `file_exists`, `desk_exists`.
    """
    name = _place_name(kind, place, place_name)
    if not re.fullmatch("[A-Z]", letter):
        raise Refused("invalid_letter", path="letter")
    if escrow is not None and kind != "office":
        raise Refused("escrow_only_office", path="escrow")
    if escrow is not None and escrow.exists():
        raise Refused("file_exists", path="escrow")
    user_name = clean(user, path="user")
    device_keys = keys.DeviceKeys.new()
    desk_id = random.token_hex(16)
    settings = DeskSettings(
        kind=kind, place=place, place_name=name, letter=letter, desk_id=desk_id, device=device_keys.device,
        epoch=new_epoch(practice=practice), enrolled=kind == "office", practice=practice,
    )  # fmt: skip
    secrets: dict[str, Any] = {"device": device_keys.to_bytes().decode()}
    desk, recovery = Desk.create(folder, settings, user=user_name, passphrase=passphrase, secrets=secrets)
    try:
        words = (
            _found_office(desk, device_keys, passphrase, escrow) if kind == "office" else _own_words(desk, device_keys)
        )
    except BaseException:
        desk.close()
        raise
    return Founded(desk, recovery, words)


def _place_name(kind: str, place: str, place_name: str | None) -> str:
    """The name to show of a place, checked against the kind of desk."""
    if kind not in KINDS:
        raise Refused("unknown_kind", path="kind")
    if kind == "office":
        if place != "OFFICE":
            raise Refused("unknown_place", path="place", expected="OFFICE")
        return clean(place_name or "Oficina central")
    if kind == "delegation":
        if place not in _DELEGATIONS:
            raise Refused("unknown_place", path="place", expected="D01…D22")
        return clean(place_name or lists().departments[place[1:]].name)
    known = lists().places.get(place)
    if known is not None:
        return clean(place_name or known.name)
    if place in _DELEGATIONS or not _OWN_PLACE.match(place) or not (place_name and clean(place_name)):
        raise Refused("unknown_place", path="place", expected="list")
    return clean(place_name, path="place_name")


def _own_words(desk: Desk, device_keys: keys.DeviceKeys) -> str:
    settings = desk.settings
    return keys.desk_words(
        sign=device_keys.sign.public,
        age=device_keys.recipient,
        place=settings.place,
        letter=settings.letter,
        kind=settings.kind,
    )


def _found_office(desk: Desk, device_keys: keys.DeviceKeys, passphrase: str, escrow: Path | None) -> str:
    root = keys.RootKey.new()
    escrow_recipient = None
    if escrow is not None:
        identity = keys.new_age_identity()
        escrow_recipient = keys.recipient_of(identity)
        write_whole(escrow, keys.escrow_file(identity))
    write_whole(desk.folder / ROOT_FILE, keys.seal_root(root, passphrase))
    settings = desk.settings
    document = enrol.first_key_list(
        root, device_keys, place=settings.place, place_name=settings.place_name, letter=settings.letter,
        escrow=escrow_recipient, issued=_issued(desk), operator=desk.me.id, practice=settings.practice,
    )  # fmt: skip
    desk.set_local("key_list", document)
    desk.set_local("root", root.public)
    desk.set_local("place_secrets", {})
    return keys.office_words(root.public)


def _issued(desk: Desk) -> str:
    return desk.clock().isoformat(timespec="seconds")


def device_keys_of(desk: Desk) -> keys.DeviceKeys:
    """The desk's own keys, from inside the encrypted file."""
    return keys.DeviceKeys.from_bytes(str(desk.local("secrets")["device"]).encode())


def key_list_of(desk: Desk) -> keys.KeyList | None:
    """The key list in force here, None before enrolment. Checked again at every reading."""
    document = desk.local("key_list")
    return keys.verify_key_list(document, root=desk.local("root")) if document else None


# enrolment: request at the desk, accept at the office, install at the desk


def request_enrolment(desk: Desk, file: Path) -> Enrolled:
    """Write the file the desk takes to the office. Refused `wrong_desk_kind` at an office."""
    settings = desk.settings
    if settings.kind == "office":
        raise Refused("wrong_desk_kind", kind="office")
    device_keys = device_keys_of(desk)
    request = enrol.make_request(
        device_keys, place=settings.place, place_name=settings.place_name, letter=settings.letter, kind=settings.kind,
        practice=settings.practice,
    )  # fmt: skip
    make_folder_for(file)
    write_whole(file, request)
    known = key_list_of(desk)
    return Enrolled(known.version if known else 0, len(known.devices) if known else 0, _own_words(desk, device_keys))


def make_folder_for(file: Path) -> None:
    if not file.parent.exists():
        make_folder(file.parent)


def accept_enrolment(desk: Desk, request: Path, answer: Path, *, passphrase: str, words: str | None = None) -> Enrolled:
    """Take a desk into the key list and write its answer. Needs the passphrase that seals the root key."""
    if desk.settings.kind != "office":
        raise Refused("wrong_desk_kind", kind=desk.settings.kind)
    if not desk.me.may("keys"):
        raise Refused("not_allowed", right="keys", role=desk.me.role)
    known = key_list_of(desk)
    if known is None:
        raise Refused("bad_key_list")
    root_file = desk.folder / ROOT_FILE
    if not root_file.exists():
        raise Refused("root_moved")
    asked = enrol.read_request(_read(request, "not_a_request"))
    root = keys.open_root(root_file.read_bytes(), passphrase)
    secrets = dict(desk.local("place_secrets", {}))
    secret = bytes.fromhex(secrets.setdefault(asked.place, keys.new_place_secret().hex()))
    accepted = enrol.accept(
        _read(request, "not_a_request"), known, root=root, keys=device_keys_of(desk), place_secret=secret,
        issued=_issued(desk), operator=desk.me.id, words=words,
    )  # fmt: skip
    with desk.receiving() as intake:
        intake.put_local("place_secrets", secrets)
        intake.put_local("key_list", accepted.document)
    write_whole(answer, accepted.answer)
    return Enrolled(accepted.key_list.version, len(accepted.key_list.devices), accepted.words)


def install_enrolment(desk: Desk, answer: Path, *, words: str | None = None) -> Enrolled:
    """Join the office: its key list, its keys and the place's slip key are kept; the desk may now export."""
    known = key_list_of(desk)
    installed = enrol.install(
        _read(answer, "not_an_answer"), device_keys_of(desk), words=words, known_root=desk.local("root"),
        known_version=known.version if known else 0, practice=desk.settings.practice,
    )  # fmt: skip
    settings = replace(desk.settings, enrolled=True)
    with desk.receiving() as intake:
        intake.put_local("key_list", installed.document)
        intake.put_local("root", installed.root)
        intake.put_local("place_secret", installed.place_secret.hex())
        intake.put_local("settings", msgspec.to_builtins(settings))
    desk.settings = settings
    return Enrolled(installed.key_list.version, len(installed.key_list.devices), installed.words)


def _read(file: Path, code: str) -> bytes:
    """A small file from a stick: a regular file of at most 4 MiB, else Refused with the code."""
    try:
        if not file.is_file() or file.stat().st_size > 4 << 20:
            raise Refused(code)
        return file.read_bytes()
    except OSError as error:
        raise in_words(error) from error


def slip_mac(desk: Desk, code: str) -> str | None:
    """Six signs that only this place's desks can make for a code (its QR carries them); None before enrolment."""
    secret = desk.local("place_secret")
    return keys.slip_mac(bytes.fromhex(secret), code) if secret else None
