"""The framing: every way in which a sealed message may not hold together."""

from __future__ import annotations

from base64 import b64decode, b64encode

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from bot.channels.wechat.crypto import MessageCipher, signature, signed
from bot.channels.wechat.faults import Unreadable
from tests.bot.channels.wechat.pushes import AES_KEY, APP_ID

_CIPHER = MessageCipher(AES_KEY, APP_ID)
_KEY = b64decode(AES_KEY + "=")


def _frame(message: bytes = b"<xml/>", length: int | None = None, app_id: str = APP_ID) -> bytes:
    size = len(message) if length is None else length
    return b"r" * 16 + size.to_bytes(4, "big") + message + app_id.encode()


def _padded(plain: bytes, pad: int | None = None) -> bytes:
    count = pad if pad is not None else 32 - len(plain) % 32
    return plain + bytes([count]) * count


def _ending(end: bytes) -> bytes:
    """A frame of two blocks with these bytes in the place of its padding."""
    return _frame(b"x" * (64 - len(_frame(b"")) - len(end))) + end


def _sealed(padded: bytes) -> str:
    work = Cipher(AES(_KEY), CBC(_KEY[:16])).encryptor()
    return b64encode(work.update(padded) + work.finalize()).decode()


def test_a_whole_message_opens() -> None:
    assert _CIPHER.open(_sealed(_padded(_frame()))) == b"<xml/>"


def test_the_padding_fills_blocks_of_32_bytes() -> None:
    for size in range(70):
        message = b"x" * size
        assert _CIPHER.open(_CIPHER.seal(message)) == message


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "not base64!",
        b64encode(b"x" * 15).decode(),
        b64encode(b"x" * 48).decode(),
        _sealed(_padded(_frame(app_id="wx-another"))),
        _sealed(_padded(_frame(app_id=APP_ID[:-1]))),
        _sealed(_padded(_frame(app_id=""))),
        _sealed(_padded(_frame(length=4000))),
        _sealed(_padded(_frame(length=2**32 - 1))),
        _sealed(_padded(_frame(length=3))),
        _sealed(_padded(b"short", 27)),
        _sealed(_ending(b"\x00")),
        _sealed(_ending(b"\x21")),
        _sealed(_ending(b"\xff")),
        _sealed(_ending(b"\x03\x02\x03")),
        _sealed(_ending(b"\x00" + b"\x11" * 16)),
    ],
)
def test_a_broken_message_is_refused_always_in_the_same_words(broken: str) -> None:
    with pytest.raises(Unreadable) as fault:
        _CIPHER.open(broken)
    assert str(fault.value) == "cipher"
    assert fault.value.__context__ is None or fault.value.__suppress_context__


@pytest.mark.parametrize("key", ["", "short", "a" * 42, "a" * 44, "a" * 42 + "=", "a" * 42 + "-"])
def test_a_key_of_another_shape_is_refused_at_start(key: str) -> None:
    with pytest.raises(ValueError, match="43"):
        MessageCipher(key, APP_ID)


def test_a_key_with_unused_bits_in_its_last_character_works() -> None:
    odd = MessageCipher("A" * 42 + "B", APP_ID)
    assert odd.open(odd.seal(b"x")) == b"x"


def test_two_sealings_of_one_message_differ() -> None:
    assert _CIPHER.seal(b"x") != _CIPHER.seal(b"x")


@pytest.mark.parametrize("claim", ["", "0" * 40, "é", signature("a", "b").upper()])
def test_only_the_very_signature_passes(claim: str) -> None:
    assert signed(signature("a", "b"), "a", "b")
    assert not signed(claim, "a", "b")
