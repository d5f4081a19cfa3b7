from __future__ import annotations

import base64
import csv
import subprocess
import unicodedata
from contextlib import suppress
from importlib import resources
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from returnee_desk.errors import Damaged, Refused
from returnee_desk.sync import keys
from returnee_desk.sync.documents import NotStrict, canonical, sign_document, strict, verify_document
from returnee_desk.sync.enrol import first_key_list
from returnee_desk.sync.keys import DeviceKeys, RootKey, open_root, seal_root, verify_key_list


def refusal(act: object, *args: object, **asked: object) -> str:
    with pytest.raises(Refused) as caught:
        act(*args, **asked)  # type: ignore[operator]
    return caught.value.code


@pytest.fixture(scope="module")
def office() -> tuple[RootKey, DeviceKeys, dict]:
    root, own = RootKey.new(), DeviceKeys.new()
    made = first_key_list(
        root, own, place="OFFICE", place_name="Oficina", letter="A", escrow=None, issued="2026-11-22T08:00-06:00"
    )
    return root, own, made


def test_a_device_id_is_the_fingerprint_of_its_signing_key_and_survives_keeping():
    own = DeviceKeys.new()
    again = DeviceKeys.from_bytes(own.to_bytes())
    assert again == own
    assert len(own.device) == 16
    assert again.device == own.device == keys.fingerprint(own.sign.public)
    assert own.recipient.startswith("age1")


def test_no_secret_shows_in_a_repr():
    own, root = DeviceKeys.new(), RootKey.new()
    shown = repr(own) + repr(root)
    assert own.age not in shown
    assert "seed" not in shown
    assert repr(own.sign.seed) not in shown
    assert repr(root.sign.seed) not in shown


@pytest.mark.parametrize("kept", [b"", b"{}", b"null", b'{"sign":"00","age":"x"}', b'{"sign":1,"age":2}'])
def test_damaged_keys_are_told_as_such(kept):
    with pytest.raises(Damaged, match="keys_damaged"):
        DeviceKeys.from_bytes(kept)


def test_the_root_file_opens_with_its_passphrase_alone():
    root = RootKey.new()
    kept = seal_root(root, "la ceiba vieja ñandú")
    assert root.sign.seed.hex().encode() not in kept
    assert open_root(kept, "la ceiba vieja ñandú") == root
    assert open_root(kept, unicodedata.normalize("NFD", "la ceiba vieja ñandú")) == root
    assert refusal(open_root, kept, "la ceiba vieja") == "wrong_passphrase"


def test_a_root_file_with_cheaper_stretching_or_any_damage_is_refused_without_work():
    kept = msgspec.json.decode(seal_root(RootKey.new(), "x"))
    for change in ({"memory": 8}, {"time": 1}, {"memory": 2**40}, {"salt": "zz"}, {"root": "00"}, {"more": 1}):
        with pytest.raises(Damaged, match="root_damaged"):
            open_root(canonical({**kept, **change}), "x")
    other = RootKey.new().public
    assert refusal(open_root, canonical({**kept, "root": other}), "x") == "wrong_passphrase"
    with pytest.raises(Damaged, match="root_damaged"):
        open_root(b"\x00" * 40, "x")


def test_the_escrow_file_is_one_the_age_program_reads(tmp_path: Path):
    identity = keys.new_age_identity()
    (tmp_path / "escrow").write_bytes(keys.escrow_file(identity))
    sealed = keys.seal_to([keys.recipient_of(identity)], b"secret of the place")
    opened = subprocess.run(
        ["age", "-d", "-i", str(tmp_path / "escrow")], input=base64.b64decode(sealed), capture_output=True, check=True
    )
    assert opened.stdout == b"secret of the place"
    assert refusal(keys.open_secret, sealed, [keys.new_age_identity()]) == "sealed_for_another"
    assert refusal(keys.open_secret, "no", [identity]) == "sealed_for_another"


def test_the_word_list_has_2048_words_told_apart_by_four_letters():
    path = resources.files("returnee_desk.resources") / "lists" / "words_es.csv"
    with path.open(encoding="utf-8", newline="") as file:
        words = [row["word"] for row in csv.DictReader(file)]
    bare = ["".join(c for c in unicodedata.normalize("NFD", w) if not unicodedata.combining(c)) for w in words]
    assert len(words) == 2048
    assert len({w[:4] for w in bare}) == 2048
    assert all(w.isalpha() and w == w.lower() and 2 <= len(w) <= 9 for w in bare)
    assert words == [unicodedata.normalize("NFC", w) for w in words]


def test_words_are_fixed_for_ever_by_a_test_vector():
    assert keys.office_words("00" * 32) == "aceite larva farol jardín mismo lengua"
    assert (
        keys.desk_words(sign="11" * 32, age="age1x", place="TUM1", letter="A", kind="post")
        == "farol optar caudal triste cubrir jefe"
    )


def test_words_differ_when_any_part_of_a_desk_differs():
    base = {"sign": "11" * 32, "age": "age1x", "place": "TUM1", "letter": "A", "kind": "post"}
    changed = [{**base, name: base[name] + "x"} for name in base]
    assert len({keys.desk_words(**one) for one in [base, *changed]}) == len(base) + 1


def test_words_are_compared_as_people_say_and_type_them():
    said = keys.office_words("00" * 32)
    bare = "".join(c for c in unicodedata.normalize("NFD", said) if not unicodedata.combining(c))
    assert keys.same_words(bare.upper().replace(" ", ", "), said)
    assert keys.same_words("-".join(word[:4] for word in bare.split()), said)
    assert not keys.same_words("", said)
    assert not keys.same_words(" ".join(said.split()[:5]), said)
    assert not keys.same_words(" ".join(reversed(said.split())), said)


def test_a_key_list_is_believed_only_with_its_root_signature(office):
    root, own, document = office
    key_list = verify_key_list(document, root=root.public)
    assert key_list.device(own.device).kind == "office"
    assert key_list.speaks_for_office(own.sign.public)
    assert key_list.office.recipients == [own.recipient]
    assert refusal(verify_key_list, document, root=RootKey.new().public) == "foreign_office"
    assert refusal(verify_key_list, {**document, "signature": "00" * 64}, root=None) == "bad_signature"
    body = {**document["body"], "version": 9}
    assert refusal(verify_key_list, {**document, "body": body}, root=None) == "bad_signature"


def test_a_key_list_never_goes_back(office):
    root, _, document = office
    assert verify_key_list(document, root=root.public, known_version=1).version == 1
    assert refusal(verify_key_list, document, root=root.public, known_version=2) == "key_list_older"


def test_a_signed_key_list_that_contradicts_itself_is_refused(office):
    root, _own, document = office
    first = document["body"]["devices"][0]
    impostor = {**first, "sign": RootKey.new().public}
    for devices in ([first, first], [impostor], [{**first, "letter": "ab"}], "none", [{**first, "age": "age1"}]):
        bad = sign_document(keys.KEY_LIST, {**document["body"], "devices": devices}, root)
        assert refusal(verify_key_list, bad, root=root.public) == "bad_key_list"


def test_a_key_list_of_tomorrow_keeps_what_we_do_not_understand(office):
    root, _, document = office
    later = sign_document(keys.KEY_LIST, {**document["body"], "stamps": ["x"], "version": 2}, root)
    assert verify_key_list(later, root=root.public, known_version=1).version == 2
    assert later["body"]["stamps"] == ["x"]


def test_a_signature_is_good_for_its_purpose_only(office):
    _, own, _ = office
    receipt = sign_document("receipt", {"to": "a"}, own)
    assert verify_document("receipt", receipt, own.sign.public) == {"to": "a"}
    assert refusal(verify_document, "tombstone", receipt, own.sign.public) == "bad_signature"
    disguised = {**receipt, "purpose": "tombstone"}
    assert refusal(verify_document, "tombstone", disguised, own.sign.public) == "bad_signature"


@pytest.mark.parametrize(
    "hostile",
    [None, [], 1, "x", {}, {"purpose": "key-list"}, {"purpose": "key-list", "body": {}, "signature": 5},
     {"purpose": "key-list", "body": {"root": 5}, "signature": ""},
     {"purpose": "key-list", "body": {"root": "zz"}, "signature": "é"}],
)  # fmt: skip
def test_hostile_documents_are_refused_and_never_raise_otherwise(hostile):
    assert refusal(verify_key_list, hostile, root=None) in {"bad_signature", "bad_key_list"}


@pytest.mark.parametrize(
    "text",
    [b'{"a":1,"a":2}', b'{"a":{"b":1,"b":1}}', b'{"a":1,"\\u0061":2}', b"NaN", b'{"a":NaN}', b"-Infinity", b"1e999",
     b'"\\ud800"', b'"\xed\xa0\x80"', b"\xef\xbb\xbf{}", b"[" * 100_000, b"[" * 33 + b"]" * 33, b"1" * 5000, b"{}{}",
     b"", b" ", b"{'a':1}", b'{"a":1,}', b'"\xff"', b"01", b'"\n"', b'{"a":' * 40 + b"1" + b"}" * 40],
)  # fmt: skip
def test_doubtful_json_is_never_read(text):
    with pytest.raises(NotStrict):
        strict(text)


@pytest.mark.parametrize("text", [b'{"b":1,"a":[1.5,-0.0,"\xc3\xb1",null,true]}', b' {"a" : "\\u00f1"} ', b"[1E2]"])
def test_plain_json_is_read_whoever_wrote_it(text):
    strict(text)


text = st.text(st.characters(exclude_categories=["Cs"]))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_what_we_write_we_read_back(value):
    assert strict(canonical(value)) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data):
    with suppress(NotStrict):
        strict(data)
