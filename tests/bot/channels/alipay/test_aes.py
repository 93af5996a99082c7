"""Content encryption against its published vector, and what cannot be opened."""

from __future__ import annotations

import base64

import pytest

from bot.channels.alipay.aes import SealFault, aes_key, opened, sealed

KEY = aes_key("aa4BtZ4tspm2wnXLb1ThQA==")


def test_the_published_vector_is_met_both_ways() -> None:
    """Source: the AES test of Alipay's easysdk."""
    assert sealed("test1234567", KEY) == "ILpoMowjIQjfYMR847rnFQ=="
    assert opened("ILpoMowjIQjfYMR847rnFQ==", KEY) == b"test1234567"


@pytest.mark.parametrize("text", ["", "x" * 16, '{"mobile":"13900000001"}', "买买提·吐尔逊"])
def test_what_is_sealed_is_opened_again(text: str) -> None:
    assert opened(sealed(text, KEY), KEY).decode() == text


@pytest.mark.parametrize("given", ["", "AAAA", "no base64!", base64.b64encode(bytes(32)).decode()])
def test_what_is_no_key_is_refused_without_showing_it(given: str) -> None:
    with pytest.raises(SealFault) as fault:
        aes_key(given)
    assert not given or given not in str(fault.value)


@pytest.mark.parametrize(
    "given", ["", "AAAA", "字", base64.b64encode(bytes(16)).decode(), "ILpoMowjIQjfYMR847rn"]
)
def test_what_was_not_sealed_with_this_key_does_not_open(given: str) -> None:
    with pytest.raises(SealFault):
        opened(given, KEY)
