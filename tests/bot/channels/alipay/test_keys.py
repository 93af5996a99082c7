"""The keys of an application: both at once, and never ours twice."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.channels.alipay.keys import read_keys
from bot.channels.alipay.signing import KeyFault, one_line

OURS = generate_private_key(65537, 2048)
PEM = OURS.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def test_our_key_and_alipays_are_read_together() -> None:
    theirs = generate_private_key(65537, 2048).public_key()
    keys = read_keys(PEM, one_line(theirs))
    assert keys.published == one_line(OURS.public_key())
    assert one_line(keys.alipays) == one_line(theirs)


def test_our_own_public_key_in_the_place_of_alipays_is_refused() -> None:
    with pytest.raises(KeyFault, match="our own public key"):
        read_keys(PEM, one_line(OURS.public_key()))


@pytest.mark.parametrize("own", ["", "no key", "/nowhere/key.pem"])
def test_what_is_no_key_is_refused_without_showing_it(own: str) -> None:
    with pytest.raises(KeyFault) as refused:
        read_keys(own, one_line(OURS.public_key()))
    assert not own or own not in str(refused.value)
