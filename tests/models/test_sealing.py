"""What is sealed opens where it was sealed, with the key it names, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.records import place
from models.sealing import Keyring, SealError
from tests.models.making import KEYS, NEWER_KEYS

HERE = place("people", "name", "1")


@given(st.binary(max_size=300), st.text(max_size=40))
def test_what_is_sealed_opens_at_its_place(plain: bytes, where: str) -> None:
    assert KEYS.open(KEYS.seal(plain, where), where) == plain


def test_the_same_value_is_sealed_differently_each_time() -> None:
    assert len({KEYS.seal(b"x", HERE) for _ in range(50)}) == 50


def test_a_blob_does_not_open_in_another_place() -> None:
    blob = KEYS.seal("陈国强".encode(), HERE)
    with pytest.raises(SealError) as raised:
        KEYS.open(blob, place("people", "name", "2"))
    assert "陈" not in str(raised.value)
    assert raised.value.__cause__ is None


@pytest.mark.parametrize("position", [0, 1, 2, 3, 18, 19, 30, 31, -17, -16, -1])
def test_a_changed_byte_anywhere_is_found(position: int) -> None:
    blob = bytearray(KEYS.seal(b"plain text", HERE))
    blob[position] ^= 1
    with pytest.raises(SealError):
        KEYS.open(bytes(blob), HERE)


@pytest.mark.parametrize("foreign", [b"", b"\x01", b"\x01\x00\x01", b"\x02" * 80, b"x" * 46])
def test_what_was_never_sealed_is_said_to_be_foreign(foreign: bytes) -> None:
    with pytest.raises(SealError):
        KEYS.open(foreign, HERE)


def test_a_newer_ring_opens_what_the_older_sealed_and_seals_under_the_newest() -> None:
    blob = KEYS.seal(b"x", HERE)
    assert NEWER_KEYS.open(blob, HERE) == b"x"
    assert (KEYS.version_of(blob), NEWER_KEYS.version_of(NEWER_KEYS.seal(b"x", HERE))) == (1, 2)
    assert NEWER_KEYS.versions == {1, 2}


def test_a_missing_key_is_named_by_its_version() -> None:
    with pytest.raises(SealError, match="version 2"):
        KEYS.open(NEWER_KEYS.seal(b"x", HERE), HERE)


def test_the_blind_index_tells_fields_and_kinds_apart() -> None:
    indexes = {
        KEYS.index("id_number", "RESIDENT_ID", "1"),
        KEYS.index("id_number", "FOREIGN_PR", "1"),
        KEYS.index("phone", "RESIDENT_ID", "1"),
        KEYS.index("id_number", "RESIDENT_ID", "2"),
        Keyring([(1, b"d" * 32)], b"j" * 32).index("id_number", "RESIDENT_ID", "1"),
    }
    assert len(indexes) == 5
    assert all(len(index) == 64 for index in indexes)
    assert KEYS.index("phone", "mobile", "1") == NEWER_KEYS.index("phone", "mobile", "1")


@pytest.mark.parametrize(
    ("data_keys", "index_key"),
    [
        ([], b"i" * 32),
        ([(1, b"short")], b"i" * 32),
        ([(1, b"d" * 32)], b"short"),
        ([(1, b"d" * 32), (1, b"e" * 32)], b"i" * 32),
        ([(1, b"d" * 32)], b"d" * 32),
        ([(0, b"d" * 32)], b"i" * 32),
        ([(1 << 16, b"d" * 32)], b"i" * 32),
    ],
)
def test_a_ring_of_unfit_keys_is_refused(
    data_keys: list[tuple[int, bytes]], index_key: bytes
) -> None:
    with pytest.raises(ValueError):
        Keyring(data_keys, index_key)
