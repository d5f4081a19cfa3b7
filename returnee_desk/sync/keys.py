"""Who a desk is and whom it believes: its two keys, the office's root key, the key list, six words.

A device signs with Ed25519 and receives with an age X25519 key; both are made on the desk and stay in its
encrypted file. The office's root key signs one thing only, the key list: which devices there are, what the
office receives with, which keys speak for the office. Everything else follows from that list, and its
version never goes back.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from returnee_desk.errors import Damaged, Refused
from returnee_desk.sync.documents import (
    MAX_INTEGER,
    NotStrict,
    canonical,
    sign_document,
    strict_object,
    unverified_body,
    verify_document,
)

if TYPE_CHECKING:
    from pyrage.x25519 import Identity

KEY_LIST = "key-list"

DeviceId = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{16}\Z")]
PublicKey = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
AgeRecipient = Annotated[str, msgspec.Meta(pattern=r"^age1[02-9ac-hj-np-z]{58}\Z")]
PlaceCode = Annotated[str, msgspec.Meta(pattern=r"^[A-Z0-9]{3,6}\Z")]
Letter = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]\Z")]
ShortText = Annotated[str, msgspec.Meta(max_length=120)]
Count = Annotated[int, msgspec.Meta(ge=0, le=MAX_INTEGER)]
DeskKind = Literal["post", "office", "delegation"]


# Keys ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 key, kept as its 32-byte seed. `public` is 64 hex digits."""

    seed: bytes = field(repr=False)

    @classmethod
    def new(cls) -> SigningKey:
        return cls(os.urandom(32))

    @property
    def public(self) -> str:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw().hex()

    def sign(self, message: bytes) -> bytes:
        """64 bytes."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)


def verify(public: str, signature: bytes, message: bytes) -> bool:
    """Whether `public` (64 hex digits) signed `message`. Keys and signatures that are none are simply not it."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def fingerprint(public: str) -> str:
    """A device's id: the first 16 hex digits of the SHA-256 of its public signing key."""
    return hashlib.sha256(bytes.fromhex(public)).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceKeys:
    """What makes a desk this desk. `age` is the text of an age identity, as the `age` program reads it."""

    sign: SigningKey
    age: str = field(repr=False)

    @classmethod
    def new(cls) -> DeviceKeys:
        return cls(sign=SigningKey.new(), age=new_age_identity())

    @property
    def device(self) -> str:
        return fingerprint(self.sign.public)

    @property
    def recipient(self) -> str:
        return recipient_of(self.age)

    def to_bytes(self) -> bytes:
        """For the encrypted file alone."""
        return canonical({"sign": self.sign.seed.hex(), "age": self.age})

    @classmethod
    def from_bytes(cls, data: bytes) -> DeviceKeys:
        """Damaged `keys_damaged` when it is not what `to_bytes` wrote."""
        try:
            kept = strict_object(data)
            keys = cls(sign=SigningKey(bytes.fromhex(kept["sign"])), age=kept["age"])
            _ = keys.device, keys.recipient
        except (NotStrict, KeyError, TypeError, ValueError):
            raise Damaged("keys_damaged") from None
        return keys


def new_age_identity() -> str:
    from pyrage.x25519 import Identity

    return str(Identity.generate())


def recipient_of(identity: str) -> str:
    """The public `age1…` of an age identity. ValueError when the text is no identity."""
    return str(_identity(identity).to_public())


def _identity(text: str) -> Identity:
    import pyrage

    try:
        return pyrage.x25519.Identity.from_str(text)
    except pyrage.IdentityError:
        raise ValueError("not an age identity") from None


def age_identities(texts: list[str]) -> list[Identity]:
    """Ready to open with. ValueError when one is no identity."""
    return [_identity(text) for text in texts]


def escrow_file(identity: str) -> bytes:
    """The file to print or lock away; `age -d -i FILE` reads it."""
    return f"# Returnee Desk: escrow\n# public key: {recipient_of(identity)}\n{identity}\n".encode()


# The office's root key ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RootKey:
    """Signs key lists and nothing else."""

    sign: SigningKey

    @classmethod
    def new(cls) -> RootKey:
        return cls(SigningKey.new())

    @property
    def public(self) -> str:
        return self.sign.public


ARGON = {"memory": 64 * 1024, "time": 3, "lanes": 2}
_ARGON_MOST = {"memory": 1024 * 1024, "time": 16, "lanes": 16}


class _RootFile(msgspec.Struct, forbid_unknown_fields=True):
    root: PublicKey
    memory: int
    time: int
    lanes: int
    salt: str
    nonce: str
    sealed: str


def seal_root(root: RootKey, passphrase: str) -> bytes:
    """The root key's own file, opened by the passphrase alone (Argon2id 64 MiB, then ChaCha20-Poly1305)."""
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    salt, nonce = os.urandom(16), os.urandom(12)
    key = _stretch(passphrase, salt, ARGON)
    sealed = ChaCha20Poly1305(key).encrypt(nonce, root.sign.seed, _root_label(root.public))
    kept = {"root": root.public, **ARGON, "salt": salt.hex(), "nonce": nonce.hex(), "sealed": sealed.hex()}
    return canonical({"returnee_desk": "root", **kept})


def open_root(data: bytes, passphrase: str) -> RootKey:
    """Refused `wrong_passphrase`; Damaged `root_damaged` when the file is not one of ours."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    try:
        kept = strict_object(data)
        if kept.pop("returnee_desk", None) != "root":
            raise ValueError
        file = msgspec.convert(kept, _RootFile)
        cost = {name: getattr(file, name) for name in ARGON}
        if not all(ARGON[name] <= cost[name] <= _ARGON_MOST[name] for name in ARGON):
            raise ValueError
        salt, nonce, sealed = (bytes.fromhex(text) for text in (file.salt, file.nonce, file.sealed))
        if (len(salt), len(nonce), len(sealed)) != (16, 12, 48):
            raise ValueError
    except (NotStrict, ValueError):
        raise Damaged("root_damaged") from None
    try:
        seed = ChaCha20Poly1305(_stretch(passphrase, salt, cost)).decrypt(nonce, sealed, _root_label(file.root))
    except InvalidTag:
        raise Refused("wrong_passphrase") from None
    root = RootKey(SigningKey(seed))
    if root.public != file.root:
        raise Damaged("root_damaged")
    return root


def _root_label(public: str) -> bytes:
    return b"returnee-desk/root/v1\0" + bytes.fromhex(public)


def _stretch(passphrase: str, salt: bytes, cost: dict[str, int]) -> bytes:
    from argon2.low_level import Type, hash_secret_raw

    return hash_secret_raw(
        unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass"),
        salt,
        time_cost=cost["time"],
        memory_cost=cost["memory"],
        parallelism=cost["lanes"],
        hash_len=32,
        type=Type.ID,
    )


# The key list ---------------------------------------------------------------------------------------


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """One enrolled desk. `accept_upto` stands for a revoked one: per epoch, the last operation taken without
    a person's judgement; an epoch not named there is judged whole. `since` is the key list's version that
    brought it. `operator` is the person who enrolled it, as the office names its staff (an id)."""

    device: DeviceId
    place: PlaceCode
    place_name: ShortText
    letter: Letter
    kind: DeskKind
    sign: PublicKey
    age: AgeRecipient
    status: Literal["active", "revoked"] = "active"
    accept_upto: dict[DeviceId, Count] = {}
    since: Count = 0
    operator: ShortText = ""

    @property
    def active(self) -> bool:
        return self.status == "active"

    def accepts(self, epoch: str, seq: int) -> bool:
        """Whether an operation of this device is taken as it comes."""
        return self.active or seq <= self.accept_upto.get(epoch, 0)


class OfficeKeys(msgspec.Struct, frozen=True, kw_only=True):
    """What the office receives with (`active`, `escrow`) and the keys that speak for it (`online`)."""

    device: DeviceId
    active: AgeRecipient
    escrow: AgeRecipient | None = None
    online: Annotated[list[PublicKey], msgspec.Meta(min_length=1, max_length=16)]

    @property
    def recipients(self) -> list[str]:
        """Whom everything for the office is sealed to."""
        return [self.active] if self.escrow is None else [self.active, self.escrow]


class KeyList(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to believe. `root` is the public key that signed it. `practice`: invented families only."""

    version: Annotated[int, msgspec.Meta(ge=1, le=MAX_INTEGER)]
    issued: ShortText
    root: PublicKey
    office: OfficeKeys
    devices: Annotated[list[Device], msgspec.Meta(max_length=10_000)]
    practice: bool = False

    def device(self, device: str) -> Device | None:
        """The enrolled desk with this id, revoked ones too."""
        return next((one for one in self.devices if one.device == device), None)

    def of_place(self, place: str) -> list[Device]:
        """The desks of a place that are in use."""
        return [one for one in self.devices if one.place == place and one.active]

    def speaks_for_office(self, public: str) -> bool:
        return public in self.office.online


def sign_key_list(body: KeyList, root: RootKey) -> dict[str, Any]:
    """The signed document that travels. Keep the document, not the typed list: a later version may say more."""
    return sign_document(KEY_LIST, msgspec.to_builtins(body), root)


def verify_key_list(document: Any, *, root: str | None, known_version: int = 0) -> KeyList:
    """The key list of a signed document.

    Refused `bad_signature`, `bad_key_list` (signed, and yet not what a key list must be), `foreign_office`
    (another root than the one this desk knows), `key_list_older` (a version below `known_version`). With
    `root` None any root is taken: only at enrolment, where a person compares its words.
    """
    claimed = unverified_body(KEY_LIST, document).get("root")
    if not isinstance(claimed, str):
        raise Refused("bad_key_list")
    body = verify_document(KEY_LIST, document, claimed)
    if root is not None and claimed != root:
        raise Refused("foreign_office")
    try:
        key_list = msgspec.convert(body, KeyList)
    except msgspec.ValidationError:
        raise Refused("bad_key_list") from None
    _check_consistent(key_list)
    if key_list.version < known_version:
        raise Refused("key_list_older", known=known_version, found=key_list.version)
    return key_list


def _check_consistent(key_list: KeyList) -> None:
    ids = [one.device for one in key_list.devices]
    seats = [(one.place, one.letter) for one in key_list.devices if one.active]
    named = all(one.device == fingerprint(one.sign) for one in key_list.devices)
    if not named or len(set(ids)) != len(ids) or len(set(seats)) != len(seats):
        raise Refused("bad_key_list")


# Words ----------------------------------------------------------------------------------------------

WORDS = 6


@cache
def _word_list() -> tuple[str, ...]:
    text = (resources.files("returnee_desk.resources") / "lists" / "words_es.csv").read_text(encoding="utf-8")
    return tuple(text.split()[1:])


def words_for(purpose: str, *parts: str) -> str:
    """Six Spanish words for a fingerprint (66 bits), to be compared over the phone."""
    digest = hashlib.sha256(b"returnee-desk/words/" + purpose.encode() + b"\0" + canonical(parts)).digest()
    number = int.from_bytes(digest, "big")
    listed = _word_list()
    chosen = []
    for _ in range(WORDS):
        number, at = divmod(number, len(listed))
        chosen.append(listed[at])
    return " ".join(chosen)


def desk_words(*, sign: str, age: str, place: str, letter: str, kind: str) -> str:
    """The words of a desk: its keys and what it asks to be. They never change."""
    return words_for("desk", sign, age, place, letter, kind)


def office_words(root: str) -> str:
    """The words of an office: its root key."""
    return words_for("root", root)


def same_words(given: str, expected: str) -> bool:
    """Whether someone typed these words: case, accents, commas and spaces do not matter; the first four
    letters of a word are enough (no two words of the list share them)."""
    return [word[:4] for word in _plain(given)] == [word[:4] for word in _plain(expected)]


def _plain(text: str) -> list[str]:
    bare = "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
    return "".join(c if c.isalpha() else " " for c in bare).split()


# What a place shares --------------------------------------------------------------------------------


def new_place_secret() -> bytes:
    """The key of a place's slips: the short MAC in a slip's QR is made with it."""
    return os.urandom(32)


def slip_mac(secret: bytes, code: str) -> str:
    """Six signs for a code on paper under its place's key: HMAC-SHA256, modulo 36^6."""
    digest = hmac.new(secret, b"returnee-desk/slip/v1\0" + code.encode(), hashlib.sha256).digest()
    number = int.from_bytes(digest[:8], "big") % 36**6
    signs = ""
    for _ in range(6):
        number, at = divmod(number, 36)
        signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[at] + signs
    return signs


def seal_to(recipients: list[str], plain: bytes) -> str:
    """A short secret for the owners of these age keys, as text."""
    import pyrage

    to = [pyrage.x25519.Recipient.from_str(one) for one in recipients]
    return base64.b64encode(pyrage.encrypt(plain, to)).decode("ascii")


def open_secret(text: str, identities: list[str]) -> bytes:
    """Refused `sealed_for_another` when none of these identities opens it."""
    import pyrage

    try:
        plain: bytes = pyrage.decrypt(base64.b64decode(text, validate=True), age_identities(identities))
    except (pyrage.DecryptError, ValueError):
        raise Refused("sealed_for_another") from None
    return plain
