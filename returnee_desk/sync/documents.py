"""JSON that may come from strangers: read strictly, written in one way only, signed with a purpose.

`strict` is the one door for text from outside. It refuses what two readers could understand differently
(a key given twice, NaN, half of a surrogate pair, a byte order mark) and what only serves to exhaust the
reader (depth, size). `canonical` writes sorted keys without spaces, so that a signature over it can be
checked by anyone who parsed the document. A signature names its purpose: one made for a key list is never
good for a receipt.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from returnee_desk.errors import Refused

if TYPE_CHECKING:
    from returnee_desk.sync.keys import SigningKey

MAX_DEPTH = 32
MAX_INTEGER = 2**53 - 1

_encode_sorted = msgspec.json.Encoder(order="sorted").encode
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class NotStrict(Exception):
    """The text is not JSON as we read it. Callers turn it into the refusal of what they were reading."""


class Signer(Protocol):
    """What can sign: a device's key, the office's root key."""

    @property
    def sign(self) -> SigningKey: ...


def canonical(document: Any) -> bytes:
    """The one way this document is written: UTF-8, sorted keys, no spaces."""
    return _encode_sorted(document)


def strict(text: bytes) -> Any:
    """The value of one JSON document. Raises NotStrict for anything doubtful, and nothing else.

    Text written by our own encoder takes the fast way: what encodes back to the same bytes had no key
    twice. Everything else is read again by a slower reader that looks at each key.
    """
    try:
        value = _decode(text)
        same = _encode(value) == text
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise NotStrict(type(error).__name__) from None
    if _deeper_than(value, MAX_DEPTH):
        raise NotStrict("depth")
    if not same:
        _look_at_each_key(text)
    return value


def strict_object(text: bytes) -> dict[str, Any]:
    """As `strict`, for a document that must be an object."""
    value = strict(text)
    if not isinstance(value, dict):
        raise NotStrict("object")
    return value


def _deeper_than(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if type(outer) is dict else outer if type(outer) is list else ())
            if type(inner) is dict or type(inner) is list
        ]
        if not level:
            return False
    return True


def _look_at_each_key(text: bytes) -> None:
    def pairs(items: list[tuple[str, Any]]) -> None:
        if len({key for key, _ in items}) != len(items):
            raise NotStrict("key twice")

    try:
        json.loads(text.decode("utf-8"), object_pairs_hook=pairs)
    except (ValueError, RecursionError):
        raise NotStrict("json") from None


def sign_document(purpose: str, body: Mapping[str, Any], signer: Signer) -> dict[str, Any]:
    """`{"purpose", "body", "signature"}`; the signature covers the purpose and the canonical body."""
    return {"purpose": purpose, "body": dict(body), "signature": signer.sign.sign(_signed_bytes(purpose, body)).hex()}


def verify_document(purpose: str, document: Any, public: str) -> dict[str, Any]:
    """The body of a signed document. Refused `bad_signature` unless `public` signed it for this purpose."""
    from returnee_desk.sync.keys import verify

    body = unverified_body(purpose, document)
    try:
        signature = bytes.fromhex(document["signature"])
        signed = _signed_bytes(purpose, body)
    except (KeyError, TypeError, ValueError):
        raise Refused("bad_signature") from None
    if not verify(public, signature, signed):
        raise Refused("bad_signature")
    return body


def unverified_body(purpose: str, document: Any) -> dict[str, Any]:
    """The body before its signature is checked, to learn who claims to have signed it."""
    if not isinstance(document, dict) or document.get("purpose") != purpose:
        raise Refused("bad_signature")
    body = document.get("body")
    if not isinstance(body, dict):
        raise Refused("bad_signature")
    return body


def _signed_bytes(purpose: str, body: Mapping[str, Any]) -> bytes:
    return b"returnee-desk/" + purpose.encode() + b"/v1\0" + canonical(body)
