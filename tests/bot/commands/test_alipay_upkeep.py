"""What an operator is told of Alipay: by the doctor, by `menu publish`, and before `serve`."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from redis import Redis
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.upkeep import alipay_faults
from config.settings import load_settings
from tests.bot.channels.alipay.answers import PATH, Answer, fault, signed
from tests.bot.channels.alipay.applications import APP_ID, ROOT
from tests.bot.channels.alipay.issuing import certificate_for, key_of, private_pem, public_pem
from tests.bot.channels.wechat.platform import Platform, page
from tests.bot.commands.given import give
from tests.bot.commands.healthy import world
from tests.fresh_records import make_records

MENU = "alipay.open.public.menu"
NO_MENU = signed(f"{MENU}.query", fault("40004", "MENU_NOT_EXIST"))
KEYS = {
    "ALIPAY_APP_ID": APP_ID,
    "ALIPAY_PRIVATE_KEY": private_pem(key_of("app")),
    "ALIPAY_PUBLIC_KEY": public_pem(key_of("alipay")),
}


def certified(ends: datetime) -> dict[str, str]:
    """The same in certificate mode."""
    return {
        **KEYS,
        "ALIPAY_PUBLIC_KEY": "",
        "ALIPAY_APP_CERT": certificate_for(key_of("app"), ends=ends),
        "ALIPAY_PUBLIC_CERT": certificate_for(key_of("alipay")),
        "ALIPAY_ROOT_CERT": str(ROOT),
    }


@pytest.fixture
def platform(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, redis: Redis, redis_url: str
) -> Iterator[Platform]:
    """A world in which nothing is wrong, Alipay's gateway with it."""
    with world() as made:
        made.says("/cgi-bin/menu/get", {"errcode": 46003})
        made.says(PATH, NO_MENU)
        addresses = {"PUBLIC_URL": made.address, "WECHAT_API_BASE": made.address}
        gateway = {"ALIPAY_GATEWAY": f"{made.address}{PATH}"}
        give(monkeypatch, tmp_path, REDIS_URL=redis_url, **addresses, **gateway, **KEYS)
        make_records(f"sqlite:///{tmp_path / 'shebaoka.db'}")
        yield made


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def change(monkeypatch: pytest.MonkeyPatch, given: dict[str, str]) -> None:
    for name, value in given.items():
        monkeypatch.setenv(f"SHEBAOKA_{name}", value)


# --- the doctor ---


def test_where_nothing_is_wrong_the_doctor_says_so(platform: Platform) -> None:
    told = run("doctor").output
    assert "alipay: the gateway takes our signature" in told
    assert "alipay: our clock agrees with Alipay's" in told
    assert "no id for 3 wordings, so notices take another road" in told
    assert "「业务办理进度通知」 with 受理编号（keyword1）" in " ".join(told.split())
    asked = [call.query["method"] for call in platform.calls if call.path == PATH]
    assert set(asked) == {f"{MENU}.query"}, "looking changes nothing"


def late(handler: Any) -> None:
    """The gateway's clock stands elsewhere."""
    handler.date_time_string = lambda timestamp=None: formatdate(time.time() + 700, usegmt=True)
    NO_MENU(handler)


UNSIGNED = signed(f"{MENU}.query", {"code": "10000"}, unsigned=True)


@pytest.mark.parametrize(
    ("answer", "sentence", "remedy"),
    [
        (
            signed(
                "",
                fault("40002", "isv.invalid-signature"),
                unsigned=True,
                name=f"{MENU}".replace(".", "_") + "_query_response",
            ),
            "refuses us: 40002 isv.invalid-signature",
            "the public key of our private key",
        ),
        (UNSIGNED, "a success without a signature", "compare Alipay's public key"),
        (page, "not an answer", "reaches the gateway"),
        (late, "seconds behind Alipay's", "NTP"),
    ],
)
def test_what_is_wrong_is_told_with_a_remedy(
    platform: Platform, answer: Answer, sentence: str, remedy: str
) -> None:
    platform.says(PATH, answer)
    told = run("doctor")
    assert told.exit_code == 1
    assert sentence in told.output
    assert remedy in told.output


@pytest.mark.parametrize(
    ("days", "sentence"),
    [(90, "alipay_app_cert holds for"), (5, "draw a new one"), (-1, "alipay_app_cert ended on")],
)
def test_a_certificate_is_told_of_before_it_ends(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, days: int, sentence: str
) -> None:
    change(monkeypatch, certified(datetime.now(UTC) + timedelta(days=days, hours=1)))
    told = run("doctor")
    assert sentence in told.output
    (sent, *_) = [call.query for call in platform.calls if call.path == PATH]
    assert len(sent["app_cert_sn"]) == 32
    assert "_" in sent["alipay_root_cert_sn"]


# --- the menu ---


def test_the_menu_is_published_to_both_phones(platform: Platform) -> None:
    made = signed(f"{MENU}.create", {"code": "10000"})
    platform.says(PATH, NO_MENU, made)
    told = run("menu", "publish")
    assert (told.exit_code, told.output.count("published: people see it")) == (0, 2), told.output
    (sent,) = [call for call in platform.calls if call.query.get("method") == f"{MENU}.create"]
    content = json.loads(dict(parse_qsl(sent.body.decode()))["biz_content"])
    assert content["button"][0] == {"name": "办卡", "action_type": "out", "action_param": "apply"}
    shown = json.dumps(content, ensure_ascii=False)
    platform.says(PATH, signed(f"{MENU}.query", {"code": "10000", "menu_content": shown}))
    assert "unchanged" in run("menu", "publish").output.partition("Alipay:")[2]


def test_a_menu_that_there_is_already_is_modified(platform: Platform) -> None:
    exists = signed(f"{MENU}.create", fault("40004", "11013"))
    platform.says(PATH, NO_MENU, exists, signed(f"{MENU}.modify", {"code": "10000"}))
    assert run("menu", "publish").exit_code == 0
    asked = [call.query["method"] for call in platform.calls if call.path == PATH]
    assert asked == [f"{MENU}.query", f"{MENU}.create", f"{MENU}.modify"]


# --- before it is served ---


def faults(monkeypatch: pytest.MonkeyPatch, given: dict[str, str]) -> list[str]:
    change(monkeypatch, given)
    return alipay_faults(load_settings())


def test_our_own_public_key_in_the_place_of_alipays_is_refused(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    (told,) = faults(monkeypatch, {"ALIPAY_PUBLIC_KEY": public_pem(key_of("app"))})
    assert "our own public key" in told
    served = run("serve")
    assert (served.exit_code, "our own public key" in served.output) == (2, True)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"ALIPAY_PRIVATE_KEY": "no key"}, "not an RSA private key"),
        ({"ALIPAY_PUBLIC_KEY": "no key"}, "not an RSA public key"),
        (certified(datetime(2026, 1, 2, tzinfo=UTC)), "SHEBAOKA_ALIPAY_APP_CERT: holds no longer"),
        (
            {**certified(datetime(2031, 1, 1, tzinfo=UTC)), "ALIPAY_ROOT_CERT": "no certificate"},
            "no root certificate",
        ),
    ],
)
def test_keys_that_cannot_be_used_are_named_and_not_shown(
    platform: Platform,
    monkeypatch: pytest.MonkeyPatch,
    given: dict[str, str],
    sentence: str,
) -> None:
    (told,) = faults(monkeypatch, given)
    assert sentence in told
    assert "BEGIN" not in told


def test_keys_that_can_be_used_have_no_fault(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert faults(monkeypatch, {}) == []
    assert faults(monkeypatch, certified(datetime(2031, 1, 1, tzinfo=UTC))) == []
    mini = {name.replace("ALIPAY_", "ALIPAY_MINI_"): value for name, value in KEYS.items()}
    assert faults(monkeypatch, mini) == []
    wrong = {"ALIPAY_MINI_PUBLIC_KEY": public_pem(key_of("app"))}
    assert len(faults(monkeypatch, {**mini, **wrong})) == 1
