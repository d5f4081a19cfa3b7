"""Who can open the file: key slots, each holding the file's random key for one passphrase.

The key of the file is 32 random bytes and never changes with a passphrase. A slot has an age key of its own:
the file's key is sealed to that age key's public half, and its private half is sealed under the passphrase
(Argon2id, then AES-256-GCM). So the file's key can be changed for everyone who stays without asking them for
their passphrases (`rekey`). Besides the users there is one slot for the printed recovery code, and there may be
one for the office's escrow key, of which only the public half is here.

Two copies of the slots lie beside the file, each with its own checksum; the newest sound one counts and mends
the other. They stand outside the encryption, so no user's name is in them: a slot is known by an HMAC of the
folded name under a random salt. That hides names from a look at the file, not from someone who can try every
name of a list. Names are folded (case, accents, width and spaces make no difference), passphrases are not: they
are taken as typed, NFKC once.

Wrong passphrases make the next try wait longer, up to a minute, each user alone. The wait is counted from the
number of failures kept in `desk.tries` and the system's monotonic clock, which no change of the date moves.
This slows down a person at the desk; against a thief with the file, the cost of Argon2id stands.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from returnee_desk.errors import Damaged, DeskError, Refused, Unavailable
from returnee_desk.store.cipher import in_words
from returnee_desk.store.file import KEY_BYTES, write_whole

FILE = "desk.slots"
COPY = "desk.slots.copy"
TRIES = "desk.tries"

MEMORY_KIB, PASSES, LANES = 64 * 1024, 3, 2
"""Argon2id as new slots use it: 64 MiB, three passes, two lanes, about 180 ms on a desk's PC."""
_MOST_MEMORY_KIB, _MOST_PASSES, _MOST_LANES = 512 * 1024, 16, 16
_MOST_FILE_BYTES = 1 << 20
_MOST_SLOTS = 200
_MOST_PASSPHRASE = 4096

LONGEST_WAIT = 60.0
_FREE_TRIES = 2
"""How many failures in a row cost no wait."""

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_DATA = 28
_CODE_CHECK = 4
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})

USER, RECOVERY, ESCROW = "user", "recovery", "escrow"


class _Lock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The private half of a slot's age key, sealed under a passphrase."""

    salt: bytes
    memory: int
    passes: int
    lanes: int
    nonce: bytes
    sealed: bytes


class _Slot(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    kind: str
    recipient: str
    box: bytes
    lock: _Lock | None = None


class _Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file says. `mac` is under the file's key: who has no key cannot add a slot unnoticed."""

    format: int
    desk: str
    serial: int
    salt: bytes
    slots: tuple[_Slot, ...]
    mac: bytes = b""


@dataclass(frozen=True, slots=True)
class _Try:
    """Failures in a row of one slot, and the monotonic second of the last."""

    count: int
    at: float


class Slots:
    """The key slots of one desk folder. Changes reach both copies before the call returns."""

    def __init__(self, folder: Path, content: _Content, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._content = content
        self._clock = clock
        self._tries: dict[str, _Try] = _read_tries(folder)

    @classmethod
    def create(
        cls, folder: Path, *, desk_id: str, user: str, passphrase: str, clock: Callable[[], float] = time.monotonic
    ) -> tuple[Slots, bytes, str]:
        """A new key with its first user and a recovery code: the slots, the 32-byte key, the code to print once.

        Refused `desk_exists` where slots lie already, `user_empty`, `passphrase_empty`, `passphrase_too_long`.
        """
        if (folder / FILE).exists() or (folder / COPY).exists():
            raise Refused("desk_exists")
        key = secrets.token_bytes(KEY_BYTES)
        code = _new_code()
        content = _Content(format=1, desk=desk_id, serial=0, salt=secrets.token_bytes(16), slots=())
        slots = cls(folder, content, clock=clock)
        slots._tries = {}
        first = slots._locked_slot(slots._user_id(user), USER, _typed(passphrase), key)
        recovery = slots._locked_slot(slots._id(RECOVERY, ""), RECOVERY, _typed(code.replace("-", "")), key)
        slots._keep((first, recovery), key)
        return slots, key, code

    @classmethod
    def open(cls, folder: Path, *, clock: Callable[[], float] = time.monotonic) -> Slots:
        """The slots of a desk folder; a missing, older or damaged copy is mended from the other.

        Damaged `slots_missing` or `slots_damaged` where neither copy can be read.
        """
        raw = {name: _read_file(folder / name) for name in (FILE, COPY)}
        sound = {name: content for name, data in raw.items() if data and (content := _parse(data))}
        if not sound:
            raise Damaged("slots_missing" if not any(data is not None for data in raw.values()) else "slots_damaged")
        # Of equally new copies, and of copies of two desks, the first counts.
        name = FILE if FILE in sound else COPY
        if len(sound) == 2 and sound[COPY].desk == sound[FILE].desk and sound[COPY].serial > sound[FILE].serial:
            name = COPY
        best = raw[name]
        for other, data in raw.items():
            if best is not None and data != best:
                with contextlib.suppress(Unavailable):  # a disk that cannot be written to still opens
                    write_whole(folder / other, best)
        return cls(folder, sound[name], clock=clock)

    @classmethod
    def put_back(cls, folder: Path, data: bytes) -> Slots:
        """Slots from a backup (`as_bytes`), written to a folder. Damaged `slots_damaged`."""
        content = _parse(data)
        if content is None:
            raise Damaged("slots_damaged")
        for name in (FILE, COPY):
            write_whole(folder / name, data)
        return cls(folder, content)

    def as_bytes(self) -> bytes:
        """The file as it lies on disk, for a backup."""
        return _file_of(self._content)

    @property
    def desk_id(self) -> str:
        return self._content.desk

    @property
    def users(self) -> int:
        """How many users have a slot here. Their names are in the staff table, not here."""
        return sum(slot.kind == USER for slot in self._content.slots)

    @property
    def has_escrow(self) -> bool:
        return any(slot.kind == ESCROW for slot in self._content.slots)

    def has(self, user: str) -> bool:
        """Whether this user has a slot."""
        return self._find(self._user_id(user)) is not None

    # opening

    def unlock(self, user: str | None, passphrase: str) -> bytes:
        """The 32-byte key of the file. `user` None: the only one there is.

        Refused `user_needed` (there are several), `wrong_passphrase` (also for a name without a slot),
        `try_later` with `seconds`; a refusal by `try_later` is not a try. Damaged `slots_damaged`.
        """
        if user is None:
            mine = [slot for slot in self._content.slots if slot.kind == USER]
            if len(mine) != 1:
                raise Refused("user_needed")
            slot: _Slot | None = mine[0]
        else:
            slot = self._find(self._user_id(user))
        return self._open_slot(slot, passphrase, wrong="wrong_passphrase")

    def unlock_with_recovery(self, code: str) -> bytes:
        """The key by the printed recovery code, in any case, with or without hyphens, O read as 0 and I or L as 1.

        Refused `invalid_recovery_code` (mistyped: the check signs do not fit; not counted as a try),
        `wrong_recovery_code` (another desk's, or replaced since), `try_later`.
        """
        plain = read_recovery_code(code)
        slot = next((slot for slot in self._content.slots if slot.kind == RECOVERY), None)
        return self._open_slot(slot, plain, wrong="wrong_recovery_code")

    def seconds_to_wait(self, user: str | None) -> float:
        """How long this user's next try still has to wait; 0.0 if it may be now."""
        if user is None:
            mine = [slot.id for slot in self._content.slots if slot.kind == USER]
            return self._wait(mine[0]) if len(mine) == 1 else 0.0
        slot = self._find(self._user_id(user))
        return self._wait(slot.id if slot else _NOBODY)

    # changing: each needs the key, so only an opened desk can do it

    def add(self, user: str, passphrase: str, *, key: bytes) -> None:
        """A slot for a user. Refused `user_exists`, `user_empty`, `passphrase_empty`, `passphrase_too_long`."""
        new = self._user_id(user)
        if self._find(new):
            raise Refused("user_exists")
        self._keep((*self._content.slots, self._locked_slot(new, USER, _typed(passphrase), key)), key)

    def change(self, user: str, passphrase: str, *, key: bytes) -> None:
        """Another passphrase for a user. Refused `unknown_user` and as for `add`."""
        which = self._known(user)
        self._replace(self._locked_slot(which.id, USER, _typed(passphrase), key), key)
        self._forget_tries(which.id)

    def remove(self, user: str, *, key: bytes) -> None:
        """Takes a user's slot away. Refused `unknown_user`, `last_user`.

        Whoever had it could have kept the key: `rekey` afterwards, with `PRAGMA rekey` on the file.
        """
        which = self._known(user)
        if self.users == 1:
            raise Refused("last_user")
        self._keep(tuple(slot for slot in self._content.slots if slot.id != which.id), key)
        self._forget_tries(which.id)

    def renew_recovery(self, *, key: bytes) -> str:
        """A new recovery code in place of the former, which opens nothing from now on."""
        code = _new_code()
        slot = self._locked_slot(self._id(RECOVERY, ""), RECOVERY, _typed(code.replace("-", "")), key)
        self._replace(slot, key)
        self._forget_tries(slot.id)
        return code

    def add_escrow(self, recipient: str, *, key: bytes) -> None:
        """Seals the key to the office's escrow key (an age recipient, `age1…`) too; replaces an earlier one.

        Refused `invalid_recipient`.
        """
        which = self._id(ESCROW, "")
        self._replace(_Slot(id=which, kind=ESCROW, recipient=recipient, box=self._box(which, recipient, key)), key)

    @property
    def escrow_box(self) -> bytes:
        """The key sealed to the escrow key, to carry to the office. Refused `no_escrow`."""
        for slot in self._content.slots:
            if slot.kind == ESCROW:
                return slot.box
        raise Refused("no_escrow")

    def rekey(self, new_key: bytes, *, key: bytes) -> None:
        """The new key for everyone who has a slot. Call it when the file has been changed to `new_key`."""
        slots = tuple(
            msgspec.structs.replace(slot, box=self._box(slot.id, slot.recipient, new_key))
            for slot in self._content.slots
        )
        self._keep(slots, key, new_key=new_key)

    def is_genuine(self, key: bytes) -> bool:
        """Whether these slots were written by someone who had the key, and not altered since."""
        return hmac.compare_digest(self._content.mac, _mac(self._content, key))

    # how

    def _known(self, user: str) -> _Slot:
        slot = self._find(self._user_id(user))
        if slot is None:
            raise Refused("unknown_user")
        return slot

    def _find(self, slot_id: str) -> _Slot | None:
        return next((slot for slot in self._content.slots if slot.id == slot_id), None)

    def _user_id(self, user: str) -> str:
        folded = _folded(user)
        if not folded:
            raise Refused("user_empty")
        return self._id(USER, folded)

    def _id(self, kind: str, name: str) -> str:
        return hmac.digest(self._content.salt, f"{kind}:{name}".encode("utf-8", "surrogatepass"), "sha256").hex()[:32]

    def _locked_slot(self, slot_id: str, kind: str, passphrase: bytes, key: bytes) -> _Slot:
        import pyrage
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        identity = pyrage.x25519.Identity.generate()
        recipient = str(identity.to_public())
        salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
        bare = _Lock(salt=salt, memory=MEMORY_KIB, passes=PASSES, lanes=LANES, nonce=nonce, sealed=b"")
        about = _bound(self._content.desk, slot_id, kind, recipient, bare)
        sealed = AESGCM(_stretched(passphrase, bare)).encrypt(nonce, str(identity).encode(), about)
        return _Slot(
            id=slot_id,
            kind=kind,
            recipient=recipient,
            box=self._box(slot_id, recipient, key),
            lock=msgspec.structs.replace(bare, sealed=sealed),
        )

    def _box(self, slot_id: str, recipient: str, key: bytes) -> bytes:
        import pyrage

        if len(key) != KEY_BYTES:
            raise ValueError("the key has 32 bytes")
        try:
            to = pyrage.x25519.Recipient.from_str(recipient)
        except pyrage.RecipientError as error:
            raise Refused("invalid_recipient") from error
        content = msgspec.json.encode({"desk": self._content.desk, "slot": slot_id, "key": key})
        return bytes(pyrage.encrypt(content, [to]))

    def _open_slot(self, slot: _Slot | None, passphrase: str, *, wrong: str) -> bytes:
        which = slot.id if slot else _NOBODY
        wait = self._wait(which)
        if wait > 0:
            raise Refused("try_later", seconds=max(1, round(wait + 0.499)))
        try:
            typed = _typed(passphrase)
        except Refused as error:
            raise Refused(wrong) from error
        # Counted before the answer is known: ending the program in between is a try too.
        before = self._tries.get(which)
        self._count_try(which)
        if slot is None or slot.lock is None:
            _stretched(typed, _Lock(bytes(16), MEMORY_KIB, PASSES, LANES, b"", b""))  # as slow as a real one
            raise Refused(wrong)
        try:
            identity = _unsealed(self._content.desk, slot, slot.lock, typed)
            key = open_box(slot.box, identity, desk_id=self._content.desk, slot_id=slot.id) if identity else None
        except DeskError:
            self._put_try(which, before)  # not a wrong passphrase: no memory for it, or a damaged slot
            raise
        if key is None:
            raise Refused(wrong)
        self._forget_tries(slot.id)
        return key

    def _replace(self, slot: _Slot, key: bytes) -> None:
        others = tuple(one for one in self._content.slots if one.id != slot.id)
        self._keep((*others, slot), key)

    def _keep(self, slots: tuple[_Slot, ...], key: bytes, *, new_key: bytes | None = None) -> None:
        """Writes both copies. With a failure at the first, nothing has changed; at the second, `open` mends it."""
        if self._content.mac and not self.is_genuine(key):
            raise Damaged("slots_altered")
        if len(slots) > _MOST_SLOTS:
            raise Refused("too_many_users", most=_MOST_SLOTS)
        content = msgspec.structs.replace(self._content, slots=slots, serial=self._content.serial + 1, mac=b"")
        content = msgspec.structs.replace(content, mac=_mac(content, new_key or key))
        data = _file_of(content)
        write_whole(self._folder / FILE, data)
        self._content = content
        with contextlib.suppress(Unavailable):
            write_whole(self._folder / COPY, data)

    # tries

    def _wait(self, which: str) -> float:
        tried = self._tries.get(which)
        if tried is None:
            return 0.0
        delay = delay_after(tried.count)
        now = self._clock()
        # A clock behind the last failure began anew with the PC: then all its seconds lie after that failure.
        passed = now - tried.at if now >= tried.at else now
        return max(0.0, delay - max(0.0, passed))

    def _count_try(self, which: str) -> None:
        before = self._tries.get(which)
        self._put_try(which, _Try(min(before.count, 1000) + 1 if before else 1, self._clock()))

    def _forget_tries(self, which: str) -> None:
        if which in self._tries:
            self._put_try(which, None)

    def _put_try(self, which: str, tried: _Try | None) -> None:
        if tried is None:
            self._tries.pop(which, None)
        else:
            self._tries[which] = tried
        _write_tries(self._folder, self._tries)


_NOBODY = "nobody"
"""Names without a slot share one count, so that trying many names does not fill the disk."""


def same_user(name: str, other: str) -> bool:
    """Whether two log-in names are one: case, accents, width and spaces make no difference."""
    return _folded(name) == _folded(other)


def delay_after(failures: int) -> float:
    """Seconds the next try waits after so many failures in a row: 0, 0, 1, 2, 4 … 60."""
    return 0.0 if failures <= _FREE_TRIES else min(LONGEST_WAIT, 2.0 ** min(failures - _FREE_TRIES - 1, 10))


def read_recovery_code(text: str) -> str:
    """The 32 signs of a recovery code as it is stored. Refused `invalid_recovery_code` where a sign is wrong."""
    plain = "".join(unicodedata.normalize("NFKC", text[:400]).upper().split())
    plain = "".join(sign for sign in plain if sign.isalnum()).translate(_MISREAD)
    if (
        len(plain) != _CODE_DATA + _CODE_CHECK
        or set(plain) - set(_ALPHABET)
        or plain != _with_check(plain[:_CODE_DATA])
    ):
        raise Refused("invalid_recovery_code")
    return plain


def is_recovery_code(text: str) -> bool:
    """Whether a text is a recovery code, of this desk or another: its check signs say so, so no passphrase is."""
    try:
        read_recovery_code(text)
    except Refused:
        return False
    return True


def open_box(box: bytes, identity: str, *, desk_id: str, slot_id: str | None = None) -> bytes:
    """The file's key out of a slot's box by the age identity it was sealed to.

    Damaged `slots_damaged` where it is another's box, another desk's, or no box at all.
    """
    import pyrage

    try:
        content = msgspec.json.decode(
            pyrage.decrypt(box, [pyrage.x25519.Identity.from_str(identity)]), type=_Box, strict=True
        )
    except (pyrage.DecryptError, pyrage.IdentityError, msgspec.MsgspecError) as error:
        raise Damaged("slots_damaged") from error
    if content.desk != desk_id or (slot_id or content.slot) != content.slot or len(content.key) != KEY_BYTES:
        raise Damaged("slots_damaged")
    return content.key


class _Box(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    desk: str
    slot: str
    key: bytes


def _folded(name: str) -> str:
    """A log-in name without case, accents, width and doubled spaces. Never changes: slots are found by it."""
    apart = unicodedata.normalize("NFKD", name[:400]).casefold()
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", apart) if not unicodedata.combining(sign))
    return " ".join(bare.split())


def _typed(passphrase: str) -> bytes:
    """NFKC once and otherwise exactly as typed: a space at the end counts."""
    if not passphrase:
        raise Refused("passphrase_empty")
    if len(passphrase) > _MOST_PASSPHRASE:
        raise Refused("passphrase_too_long", most=_MOST_PASSPHRASE)
    return unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass")


def _new_code() -> str:
    """Eight groups of four: 140 random bits and four check signs."""
    plain = _with_check("".join(secrets.choice(_ALPHABET) for _ in range(_CODE_DATA)))
    return "-".join(plain[start : start + 4] for start in range(0, len(plain), 4))


def _with_check(data: str) -> str:
    number = int.from_bytes(hashlib.sha256(b"returnee-desk recovery " + data.encode()).digest()[:8], "big")
    return data + "".join(_ALPHABET[(number >> (5 * place)) & 31] for place in range(_CODE_CHECK))


def _bound(desk: str, slot_id: str, kind: str, recipient: str, lock: _Lock) -> bytes:
    """What a sealed private half is bound to: altered costs or a box moved to another user do not open."""
    facts = ["returnee-desk slot 1", desk, slot_id, kind, recipient, lock.memory, lock.passes, lock.lanes]
    return json.dumps(facts).encode()


def _stretched(passphrase: bytes, lock: _Lock) -> bytes:
    from argon2.exceptions import HashingError
    from argon2.low_level import Type, hash_secret_raw

    try:
        return hash_secret_raw(
            passphrase,
            lock.salt,
            time_cost=lock.passes,
            memory_cost=lock.memory,
            parallelism=lock.lanes,
            hash_len=32,
            type=Type.ID,
        )
    except (HashingError, MemoryError) as error:
        raise Unavailable("no_memory") from error


def _unsealed(desk: str, slot: _Slot, lock: _Lock, passphrase: bytes) -> str | None:
    """The slot's age identity, None for a wrong passphrase."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    about = _bound(desk, slot.id, slot.kind, slot.recipient, lock)
    try:
        return AESGCM(_stretched(passphrase, lock)).decrypt(lock.nonce, lock.sealed, about).decode("ascii")
    except InvalidTag:
        return None


def _mac(content: _Content, key: bytes) -> bytes:
    own = hmac.digest(key, b"returnee-desk slots 1", "sha256")
    return hmac.digest(own, msgspec.json.encode(msgspec.structs.replace(content, mac=b"")), "sha256")


def _file_of(content: _Content) -> bytes:
    body = msgspec.json.encode(content)
    return body + b"\n" + hashlib.sha256(body).hexdigest().encode() + b"\n"


def _read_file(path: Path) -> bytes | None:
    """The file's bytes, cut at one more than a sound one may have; None where there is none or it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(_MOST_FILE_BYTES + 1)
    except FileNotFoundError:
        return None
    except IsADirectoryError:
        return b""
    except OSError as error:
        if os.name == "nt" and path.is_dir():
            return b""
        raise in_words(error) from error


def _parse(data: bytes) -> _Content | None:
    """What a slots file says, None where it is cut, altered, too costly to open or not one at all."""
    if len(data) > _MOST_FILE_BYTES:
        return None
    body, mark, rest = data.partition(b"\n")
    if not mark or rest.strip() != hashlib.sha256(body).hexdigest().encode():
        return None
    try:
        content = msgspec.json.decode(body, type=_Content, strict=True)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return None
    ids = [slot.id for slot in content.slots]
    sound = (
        content.format == 1
        and 0 < content.serial < 2**53
        and len(content.salt) == 16
        and len(ids) == len(set(ids)) <= _MOST_SLOTS
        and all(_is_sound(slot) for slot in content.slots)
    )
    return content if sound else None


def _is_sound(slot: _Slot) -> bool:
    """Within the floor and the ceiling: cheap to guess is refused, and so is what would eat the PC's memory."""
    if slot.kind not in (USER, RECOVERY, ESCROW) or len(slot.box) > 4096 or len(slot.recipient) > 200:
        return False
    lock = slot.lock
    if lock is None or slot.kind == ESCROW:
        return lock is None and slot.kind == ESCROW
    return (
        len(lock.salt) == 16
        and len(lock.nonce) == 12
        and len(lock.sealed) <= 1024
        and MEMORY_KIB <= lock.memory <= _MOST_MEMORY_KIB
        and PASSES <= lock.passes <= _MOST_PASSES
        and 1 <= lock.lanes <= _MOST_LANES
    )


def _read_tries(folder: Path) -> dict[str, _Try]:
    """The failures kept; none where the file is missing or unreadable (it holds nothing that cannot be lost)."""
    try:
        with (folder / TRIES).open("rb") as file:
            raw = msgspec.json.decode(file.read(1 << 16), type=dict[str, tuple[int, float]])
    except (OSError, msgspec.MsgspecError, RecursionError):
        return {}
    return {which: _Try(min(count, 1000), at) for which, (count, at) in raw.items() if count > 0 and at >= 0}


def _write_tries(folder: Path, tries: dict[str, _Try]) -> None:
    """Not flushed to the disk: a power cut costs more time than the wait it would skip."""
    path = folder / TRIES
    part = path.with_name(path.name + ".part")
    with contextlib.suppress(OSError):
        if not tries:
            path.unlink(missing_ok=True)
            return
        fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(msgspec.json.encode({which: (tried.count, tried.at) for which, tried in tries.items()}))
        os.replace(part, path)
