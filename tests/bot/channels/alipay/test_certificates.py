"""Serial numbers against published ones, bundles in every spelling, pairs that do not belong."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alipay import DCAliPay

from bot.channels.alipay.certificates import (
    certificate_of,
    check_pair,
    read_certificates,
    root_serial_number,
    serial_number,
)
from bot.channels.alipay.signing import KeyFault
from tests.bot.channels.alipay.issuing import certificate_for, drawn_key

VECTORS = Path(__file__).parent / "vectors"
ROOT = (VECTORS / "root.crt").read_text()
ROOT_SN = "687b59193f3f462dd5336e5abf83c5d8_02941eef3187dddf3d3b83462e1dfcf6"


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("app", "866efef280dec9137a87d047ac446315"),
        ("alipay", "7513daaaa48aa3ba2e4018d84402479c"),
    ],
)
def test_a_certificate_has_the_published_serial_number(name: str, number: str) -> None:
    """Source: the tests of Alipay's own SDK for Node."""
    certificate = certificate_of(str(VECTORS / f"{name}.crt"))
    assert certificate is not None
    assert serial_number(certificate) == number


def spellings() -> dict[str, str]:
    """The same bundle as it may be handed on."""
    pems = re.findall(r"-----BEGIN.*?-----END CERTIFICATE-----", ROOT, re.DOTALL)
    return {
        "as it is": ROOT,
        "Windows' line ends": ROOT.replace("\n", "\r\n"),
        "no empty lines": "\n".join(pems),
        "on one line each": "\n".join(pem.replace("\n", "\r\n") for pem in pems),
        "with notes between": "R1\n" + "\n\n\n# next\n".join(pems),
        "a path": str(VECTORS / "root.crt"),
    }


@pytest.mark.parametrize("spelling", spellings())
def test_the_root_bundle_has_the_published_number_in_every_spelling(spelling: str) -> None:
    """The SDK gives another number without a word where no empty line stands between two."""
    assert root_serial_number(spellings()[spelling]) == ROOT_SN


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # pyOpenSSL's, in the SDK
def test_the_sdk_agrees_where_it_reads_the_bundle_rightly() -> None:
    assert DCAliPay.get_root_cert_sn(ROOT) == ROOT_SN


def test_an_issuer_without_a_part_is_named_without_it() -> None:
    certificate = certificate_of(certificate_for(drawn_key(), unit=""))
    assert certificate is not None
    assert certificate.issuer.rfc4514_string() == "CN=Test Authority,O=Test,C=CN"
    assert re.fullmatch(r"[0-9a-f]{32}", serial_number(certificate))


def test_the_files_of_the_console_are_read_once_with_their_ends() -> None:
    own, alipays = drawn_key(), drawn_key()
    ends = datetime(2027, 3, 1, tzinfo=UTC)
    held = read_certificates(
        certificate_for(own, ends=ends), certificate_for(alipays), str(VECTORS / "root.crt")
    )
    assert held.own.public_numbers() == own.public_key().public_numbers()
    assert held.alipays.public_numbers() == alipays.public_key().public_numbers()
    assert held.root_sn == ROOT_SN
    assert held.ends["app_cert"] == ends
    check_pair(own.public_key(), held)


def test_a_certificate_of_another_key_is_refused() -> None:
    own, alipays = drawn_key(), drawn_key()
    held = read_certificates(certificate_for(alipays), certificate_for(alipays), ROOT)
    with pytest.raises(KeyFault, match="not of this private key"):
        check_pair(own.public_key(), held)


def test_our_own_certificate_in_the_place_of_alipays_is_refused() -> None:
    own = drawn_key()
    held = read_certificates(certificate_for(own), certificate_for(own), ROOT)
    with pytest.raises(KeyFault, match="our own certificate"):
        check_pair(own.public_key(), held)


@pytest.mark.parametrize("given", ["", "no certificate", "/nowhere.crt", ROOT[:200]])
def test_what_is_no_certificate_is_refused(given: str) -> None:
    assert certificate_of(given) is None
    with pytest.raises(KeyFault):
        root_serial_number(given)


def test_a_broken_rsa_root_is_refused_and_not_left_out() -> None:
    """Left out, it would give another number, and every call would be refused."""
    pems = re.findall(r"-----BEGIN.*?-----END CERTIFICATE-----", ROOT, re.DOTALL)
    lines = pems[1].splitlines()
    broken = "\n".join([*lines[:-4], lines[-1]])
    with pytest.raises(KeyFault):
        root_serial_number("\n".join([pems[0], broken, *pems[2:]]))
