"""Certificate mode, with the SDK's own class for it as the caller."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
import requests
from alipay import DCAliPay
from alipay.exceptions import AliPayException
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.x509.oid import NameOID

from bot.channels.alipay.credentials import Given, application
from bot.channels.alipay.errors import GatewayError, Kind
from bot.channels.alipay.gateway import gateway_of
from bot.channels.alipay.menu import publish_menu, published_menu, wanted_menu
from bot.simulator.alipay.certificates import Certificates
from bot.simulator.server import RunningSimulator
from config.city import load_city
from config.city_alipay import Alipay
from tests.bot.simulator.alipay.service import APP_ID, config, keys, pem, sdk
from tests.bot.simulator.conftest import Clock

NAMES = (
    (NameOID.COUNTRY_NAME, "CN"),
    (NameOID.ORGANIZATION_NAME, "Invented Financial"),
    (NameOID.ORGANIZATIONAL_UNIT_NAME, "Certification Authority"),
)
QUERY = "alipay.open.public.menu.query"
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
pytestmark = pytest.mark.filterwarnings("ignore:X509:DeprecationWarning")  # of the SDK's own
Run = Callable[..., RunningSimulator]


def name_of(common: str) -> x509.Name:
    parts = [x509.NameAttribute(oid, value) for oid, value in NAMES]
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, common)])


def certificate(subject: str, key: RSAPublicKey, issuer: str, by: RSAPrivateKey) -> str:
    made = (
        x509.CertificateBuilder()
        .subject_name(name_of(subject))
        .issuer_name(name_of(issuer))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(BEGUN)
        .not_valid_after(BEGUN + timedelta(days=3650))
        .sign(by, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


@cache
def drawn() -> Certificates:
    """One root; the app's and the platform's certificates come from it."""
    app, platform = keys()
    return Certificates(
        app=certificate("app", app.public_key(), "Root R1", platform),
        alipay=certificate("alipay", platform.public_key(), "Root R1", platform),
        roots=(certificate("Root R1", platform.public_key(), "Root R1", platform),),
    )


def caller(simulator: RunningSimulator, own: Certificates) -> Any:
    client = DCAliPay(
        appid=APP_ID,
        app_notify_url=None,
        app_private_key_string=pem(keys()[0]),
        app_public_key_cert_string=own.app,
        alipay_public_key_cert_string=own.alipay,
        alipay_root_cert_string=own.roots[0],
    )
    client._gateway = f"{simulator.url}/alipay/gateway.do"
    return client


@pytest.fixture
def simulator(run: Run) -> RunningSimulator:
    return run(alipay=config(certificates=drawn()))


@pytest.mark.usefixtures("beijing_time")
def test_the_sdk_in_certificate_mode_is_known_by_its_numbers(simulator: RunningSimulator) -> None:
    assert caller(simulator, drawn()).server_api(QUERY)["sub_code"] == "MENU_NOT_EXIST"


@pytest.mark.usefixtures("beijing_time")
def test_an_answer_tells_which_certificate_signed_it(simulator: RunningSimulator) -> None:
    client = caller(simulator, drawn())
    answer = requests.get(f"{client._gateway}?{client.client_api(QUERY)}", timeout=5)
    assert json.loads(answer.text)["alipay_cert_sn"] == drawn().alipay_sn


@pytest.mark.usefixtures("beijing_time")
def test_another_certificate_is_none(simulator: RunningSimulator) -> None:
    other = Certificates(
        certificate("app", keys()[0].public_key(), "Root R2", keys()[1]),
        drawn().alipay,
        drawn().roots,
    )
    with pytest.raises(AliPayException, match=r"isv\.app-cert-not-exist"):
        caller(simulator, other).server_api(QUERY)
    answer = requests.get(f"{simulator.url}/alipay/gateway.do?{without_numbers()}", timeout=5)
    assert "isv.missing-app-cert-sn" in answer.text


def without_numbers() -> str:
    """A call as of an app with a public key."""
    told: str = sdk("").client_api(QUERY)
    return told


def test_our_own_client_in_certificate_mode_is_known_too(
    simulator: RunningSimulator, clock: Clock
) -> None:
    """Both ends compute the numbers by code of their own."""
    held = drawn()
    given = Given(
        APP_ID,
        pem(keys()[0]),
        app_cert=held.app,
        public_cert=held.alipay,
        root_cert="\r\n".join(held.roots),
    )
    app = application(given, Alipay())
    gateway = gateway_of(app, f"{simulator.url}/alipay/gateway.do", clock=clock)
    assert publish_menu(gateway, wanted_menu(load_city().menu, "https://card.example")).published
    gateway.close()
    of_another_root = certificate("app", keys()[0].public_key(), "Root R2", keys()[1])
    other = application(replace(given, app_cert=of_another_root), Alipay())
    stranger = gateway_of(other, f"{simulator.url}/alipay/gateway.do", clock=clock)
    with pytest.raises(GatewayError, match="app-cert-not-exist") as refused:
        published_menu(stranger)
    assert refused.value.kind is Kind.CONFIGURATION
    stranger.close()
