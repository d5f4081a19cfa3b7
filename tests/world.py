"""An office and four posts' desks, enrolled once and copied for each test: the world sticks travel in.

`A` and `B` are two desks of one post, `C` is another post's, `D` a second one there. Real files, real keys, real
sticks (folders); opened with their keys, because a passphrase costs 0.2 s.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec

from returnee_desk.store.desk import Desk
from returnee_desk.sync.bundle import seal
from returnee_desk.sync.documents import canonical, sign_document
from returnee_desk.sync.exchange import TOMBSTONE, Exported, Imported, export, import_
from returnee_desk.sync.founding import (
    ROOT_FILE,
    accept_enrolment,
    device_keys_of,
    found_desk,
    install_enrolment,
    key_list_of,
    request_enrolment,
)
from returnee_desk.sync.keys import KeyList, open_root, sign_key_list
from tests.making import Clock, Founding

PASSPHRASE = "mundo de prueba"
POSTS = {"A": ("TUM1", "A"), "B": ("TUM1", "B"), "C": ("ECE", "A"), "D": ("ECE", "B")}
OFFICE = "office"
DESKS = (OFFICE, *POSTS)


class Enrolled:
    """The desks as they stand after enrolment, closed, each in its folder."""

    def __init__(self, folder: Path, *, practice: bool = False) -> None:
        self.folder = folder
        self.keys: dict[str, bytes] = {}
        told: dict[str, Any] = {"user": "Marta", "passphrase": PASSPHRASE, "practice": practice}
        with ExitStack() as closing:
            office = closing.enter_context(
                found_desk(
                    folder / OFFICE, kind="office", place="OFFICE", letter="A", escrow=folder / "escrow", **told
                ).desk
            )
            self.keys[OFFICE] = office._key
            self.root = open_root((folder / OFFICE / ROOT_FILE).read_bytes(), PASSPHRASE)
            posts = {}
            for name, (place, letter) in POSTS.items():
                posts[name] = found_desk(folder / name, kind="post", place=place, letter=letter, **told).desk
                closing.enter_context(posts[name])
                self.keys[name] = posts[name]._key
                request_enrolment(posts[name], folder / f"{name}.request")
                accept_enrolment(office, folder / f"{name}.request", folder / f"{name}.answer", passphrase=PASSPHRASE)
            for name, post in posts.items():  # every answer with the last list, so that all know each other
                request_enrolment(post, folder / f"{name}.request")
                accept_enrolment(office, folder / f"{name}.request", folder / f"{name}.answer", passphrase=PASSPHRASE)
            for name, post in posts.items():
                install_enrolment(post, folder / f"{name}.answer")

    @contextmanager
    def copy(self, into: Path, *, desks: tuple[str, ...] = DESKS) -> Iterator[World]:
        """A world of its own in a folder, open until the block ends."""
        into.mkdir(parents=True, exist_ok=True)
        for name in desks:
            shutil.copytree(self.folder / name, into / name)
        world = World(into, self, desks)
        try:
            yield world
        finally:
            world.close()


def tombstone(office: Desk, record: str, *, op: str | None = None) -> bytes:
    """An erasure as the office signs it."""
    body = {"id": record, "op": op or uuid4().hex, "reason": "asked"}
    return canonical(sign_document(TOMBSTONE, body, device_keys_of(office)))


class World:
    """Desks by name, and the sticks between them."""

    def __init__(self, folder: Path, enrolled: Enrolled, desks: tuple[str, ...]) -> None:
        self.folder = folder
        self.keys = keys = enrolled.keys
        self.root = enrolled.root
        self.desks: dict[str, Desk] = {name: Founding.open(folder / name, keys[name], clock=Clock()) for name in desks}
        self._sticks = 0

    def __getitem__(self, name: str) -> Desk:
        return self.desks[name]

    @property
    def office(self) -> Desk:
        return self.desks[OFFICE]

    def close(self) -> None:
        for desk in self.desks.values():
            desk.close()

    def reopen(self, name: str) -> Desk:
        """The desk of a folder that was changed under it: closed or not, opened again."""
        clock = self.desks[name].clock
        assert isinstance(clock, Clock)
        self.desks[name] = Founding.open(self.folder / name, self.keys[name], clock=clock)
        return self.desks[name]

    def stick(self) -> Path:
        """An empty stick."""
        self._sticks += 1
        stick = self.folder / f"stick-{self._sticks}"
        stick.mkdir()
        return stick

    def make(self, name: str) -> Path:
        """A stick made by this desk."""
        stick = self.stick()
        export(self.desks[name], stick)
        return stick

    def carry(self, sender: str, *readers: str) -> tuple[Exported, list[Imported]]:
        """A stick made by one desk and read by others."""
        stick = self.stick()
        return export(self.desks[sender], stick), [import_(self.desks[name], stick) for name in readers]

    def craft(
        self, sender: str, lines: Iterable[bytes], *, to: str = OFFICE, seq: int = 1000, epoch: str | None = None,
        recipients: Iterable[str] = (), **about: Any,
    ) -> Path:  # fmt: skip
        """A stick with a bundle that a desk's keys sealed and signed, whatever is in it."""
        desk, reader = self.desks[sender], self.desks[to]
        keys, stick = device_keys_of(desk), self.stick()
        told = {"kind": "up", "practice": desk.settings.practice} | about
        seal(
            lines, stick, sender=keys, to=reader.settings.device, epoch=epoch or desk.settings.epoch, seq=seq,
            prev=None, recipients=[*(recipients or [device_keys_of(reader).recipient])], about=told,
        )  # fmt: skip
        return stick

    def read(self, name: str, stick: Path) -> Imported:
        return import_(self.desks[name], stick)

    def change_key_list(self, change: Callable[[KeyList], KeyList]) -> None:
        """The office signs another key list, one version on."""
        known = key_list_of(self.office)
        assert known is not None
        changed = msgspec.structs.replace(change(known), version=known.version + 1)
        self.office.set_local("key_list", sign_key_list(changed, self.root))

    def revoke(self, name: str, *, upto: int) -> None:
        """The office no longer takes what this desk wrote after its operation `upto`."""
        lost = self.desks[name].settings

        def without(known: KeyList) -> KeyList:
            devices = [
                msgspec.structs.replace(one, status="revoked", accept_upto={lost.epoch: upto})
                if one.device == lost.device
                else one
                for one in known.devices
            ]
            return msgspec.structs.replace(known, devices=devices)

        self.change_key_list(without)

    def erase(self, record: str) -> bytes:
        """The office forgets a record for ever. The signed tombstone, as it travels."""
        signed = tombstone(self.office, record)
        document = msgspec.json.decode(signed)
        with self.office.receiving() as intake:
            intake.tombstone(record, document["body"]["op"], document["body"]["reason"], signed)
        return signed

    def back_up(self) -> None:
        """The office's verified backup."""
        self.office.backup(self.folder / "backup.zip")

    def round(self, *posts: str) -> None:
        """Each post's stick to the office, and the office's back to each."""
        for name in posts:
            self.carry(name, OFFICE)
        self.carry(OFFICE, *posts)
