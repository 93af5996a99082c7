"""Keys in every form, signatures that hold and those that do not, what is signed."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.channels.alipay.signing import (
    V1,
    V2,
    KeyFault,
    holds,
    one_line,
    private_key,
    public_key,
    sign,
    signed_text,
)

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC = KEY.public_key()
FORMATS = (
    serialization.PrivateFormat.TraditionalOpenSSL,
    serialization.PrivateFormat.PKCS8,
)


def pem(form: serialization.PrivateFormat) -> str:
    plain = serialization.NoEncryption()
    return KEY.private_bytes(serialization.Encoding.PEM, form, plain).decode()


@pytest.mark.parametrize("form", FORMATS)
def test_a_private_key_is_read_as_pem_as_bare_base64_and_from_a_file(
    form: serialization.PrivateFormat, tmp_path: Path
) -> None:
    text = pem(form)
    bare = "".join(text.splitlines()[1:-1])
    file = tmp_path / "key.pem"
    file.write_text(text)
    for given in (text, bare, str(file)):
        assert private_key(given).private_numbers() == KEY.private_numbers()


def test_a_public_key_is_read_as_it_is_handed_out(tmp_path: Path) -> None:
    whole = PUBLIC.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()
    file = tmp_path / "key.txt"
    file.write_text(one_line(PUBLIC))
    for given in (whole, one_line(PUBLIC), str(file)):
        assert public_key(given).public_numbers() == PUBLIC.public_numbers()


@pytest.mark.parametrize(
    "given", ["", "no key", "QUJD", "A" * 300, "-----BEGIN PUBLIC KEY-----\nQUJD\n"]
)
def test_what_is_no_key_is_refused_without_showing_it(given: str) -> None:
    for read in (private_key, public_key):
        with pytest.raises(KeyFault) as fault:
            read(given)
        assert not given or given not in str(fault.value)


@pytest.mark.parametrize("sign_type", ["RSA2", "RSA"])
def test_a_signature_holds_for_its_text_and_kind_alone(sign_type: str) -> None:
    text = "进度".encode("gbk")
    made = sign(KEY, text, sign_type)  # type: ignore[arg-type]
    assert holds(PUBLIC, text, made, sign_type)
    assert holds(PUBLIC, text, made.replace("+", " "), sign_type)
    other = "RSA" if sign_type == "RSA2" else "RSA2"
    assert not holds(PUBLIC, text, made, other)
    assert not holds(PUBLIC, text + b" ", made, sign_type)


@pytest.mark.parametrize("bad", ["", "=", "字", "QUJD", base64.b64encode(bytes(256)).decode()])
def test_what_is_no_signature_does_not_hold(bad: str) -> None:
    assert not holds(PUBLIC, b"text", bad, "RSA2")
    assert not holds(PUBLIC, b"text", sign(KEY, b"text"), "MD5")


def test_what_is_signed_is_sorted_raw_and_without_empty_fields() -> None:
    fields = [
        (b"sign_type", b"RSA2"),
        (b"b", b"2&=\xd6"),
        (b"sign", b"x"),
        (b"a", b"1"),
        (b"c", b""),
    ]
    assert signed_text(fields, V2) == b"a=1&b=2&=\xd6&sign_type=RSA2"
    assert signed_text(fields, V1) == b"a=1&b=2&=\xd6"
