"""What leaves is sealed and signed; what was touched on the way does not open."""

from __future__ import annotations

import os
import random

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot.handover.envelope import Pair, close_envelope, open_envelope
from bot.handover.rows import Unwritable, row_of, values_of
from bot.handover.suites import SUITES, Broken, Suite
from bot.handover.tars import make_tar, read_tar

NAME = "SBK_119900_20261126_0001_ORD"


def pairs() -> tuple[Pair, Pair]:
    """Ours and the other side's, drawn here."""
    ours, theirs, shared = os.urandom(32), os.urandom(32), os.urandom(32)
    public = {
        key: Ed25519PrivateKey.from_private_bytes(key).public_key().public_bytes_raw()
        for key in (ours, theirs)
    }
    return Pair(ours, public[theirs], shared), Pair(theirs, public[ours], shared)


@pytest.fixture(params=[1, 2])
def suite(request: pytest.FixtureRequest) -> Suite:
    return SUITES[request.param]


def test_what_we_close_the_other_side_opens(suite: Suite) -> None:
    ours, theirs = pairs()
    sealed = close_envelope(NAME, b"tar", suite, ours)
    opened = open_envelope(sealed, theirs)
    assert (opened.name, opened.tar) == (NAME, b"tar")
    assert opened.digest == suite.digest(b"tar").hex()
    assert close_envelope(NAME, b"tar", suite, ours) != sealed


def test_any_change_of_a_byte_is_noticed(suite: Suite) -> None:
    ours, theirs = pairs()
    sealed = close_envelope(NAME, b"tar" * 10, suite, ours)
    for place in range(len(sealed)):
        touched = bytearray(sealed)
        touched[place] ^= 1
        with pytest.raises(Broken):
            open_envelope(bytes(touched), theirs)


def test_any_part_of_an_envelope_is_none(suite: Suite) -> None:
    ours, theirs = pairs()
    sealed = close_envelope(NAME, b"tar", suite, ours)
    for length in range(len(sealed)):
        with pytest.raises(Broken):
            open_envelope(sealed[:length], theirs)


def test_what_somebody_else_signed_does_not_open(suite: Suite) -> None:
    ours, theirs = pairs()
    stranger = Pair(os.urandom(32), ours.public, ours.shared)
    with pytest.raises(Broken):
        open_envelope(close_envelope(NAME, b"tar", suite, stranger), theirs)


def test_another_key_does_not_open(suite: Suite) -> None:
    ours, theirs = pairs()
    other = Pair(theirs.private, theirs.public, os.urandom(32))
    with pytest.raises(Broken):
        open_envelope(close_envelope(NAME, b"tar", suite, ours), other)


def test_sm3_is_the_standards_own() -> None:
    known = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"  # GB/T 32905, A.1
    assert SUITES[2].digest(b"abc").hex() == known


def test_the_same_parts_make_the_same_tar(suite: Suite) -> None:
    parts = {"replies.txt": b"a|b\n", "photos/1.jpg": b"\xff\xd8"}
    tar = make_tar({"count": 1}, parts, suite)
    assert tar == make_tar({"count": 1}, parts, suite)
    manifest, read = read_tar(tar, suite)
    assert (manifest["count"], read) == (1, parts)


def test_a_tar_that_contradicts_its_manifest_is_refused(suite: Suite) -> None:
    tar = make_tar({"count": 1}, {"replies.txt": b"whole"}, suite)
    for wrong in (tar.replace(b"whole", b"whore"), tar[:1024], b"", b"no tar" * 200):
        with pytest.raises(Broken):
            read_tar(wrong, suite)


def test_bytes_that_are_no_tar_never_break_the_reader(suite: Suite) -> None:
    chance = random.Random(1)
    tar = make_tar({"count": 1}, {"replies.txt": b"whole" * 50}, suite)
    for _ in range(300):
        touched = bytearray(tar)
        for _ in range(chance.randint(1, 9)):
            touched[chance.randrange(len(touched))] = chance.randrange(256)
        try:
            read_tar(bytes(touched[: chance.randint(1, len(touched))]), suite)
        except Broken:
            continue


def test_a_line_holds_pipes_backslashes_and_rare_characters() -> None:
    values = ["a|b", "\\p", "\\", "", "𠮷丨·㑇", "|"]
    row = row_of(values)
    assert values_of(row) == values
    assert values_of(row.encode("gb18030").decode("gb18030")) == values


@pytest.mark.parametrize("text", ["a\nb", "\x00", "\ud800", "\x85", "\u2028", "a\tb"])
def test_a_line_refuses_what_would_break_it(text: str) -> None:
    with pytest.raises(Unwritable):
        row_of([text])


def test_an_unfinished_escape_is_no_line() -> None:
    for row in ("a\\", "\\x|b"):
        with pytest.raises(Unwritable):
            values_of(row)
