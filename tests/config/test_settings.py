"""Settings are typed, their faults come all at once, and what is written about them is true."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest

from config.settings import (
    PREFIX,
    Settings,
    SettingsFault,
    load_settings,
    production_faults,
    unknown_names,
)
from config.settings_pages import env_file, settings_table, with_table

ROOT = Path(__file__).parents[2]
KEY = base64.b64encode(bytes(range(32))).decode()
REAL = {
    "REDIS_URL": "redis+sentinel://a:1,b:2/main/0",
    "SECRET_KEY": "s" * 32,
    "DATA_KEYS": f"2:{KEY},1:{KEY}",
    "INDEX_KEY": KEY,
    "PUBLIC_URL": "https://card.example.gov.cn/",
    "WECHAT_APP_ID": "wx0123456789abcdef",
    "WECHAT_APP_SECRET": "secret",
    "WECHAT_TOKEN": "token123",
    "WECHAT_AES_KEY": "a" * 43,
    "OFFICE_KEY": "o" * 32,
    "IDENTITY_URL": "https://identity.example.gov.cn",
    "PORTRAITS_URL": "https://portraits.example.gov.cn",
    "CARD_MAKING_URL": "https://cards.example.gov.cn",
    "SMS_URL": "https://sms.example.gov.cn",
}


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine's own reaches a test."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)


def given(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(PREFIX + name, value)


def test_nothing_set_gives_the_defaults() -> None:
    settings = load_settings()
    assert (settings.host, settings.port, settings.simulator_port) == ("127.0.0.1", 8000, 8001)
    assert settings.wechat_mode == "safe"
    assert settings.database == f"sqlite:///{Path.cwd()}/var/shebaoka.db"
    assert settings.model_fields_set == set()


def test_a_variable_set_to_nothing_is_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, PORT="", WECHAT_TOKEN="")
    assert load_settings().model_fields_set == set()


def test_real_settings_have_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, **REAL)
    settings = load_settings()
    assert settings.data_keys == ((2, bytes(range(32))), (1, bytes(range(32))))
    assert settings.index_key == bytes(range(32))
    assert settings.public_url == "https://card.example.gov.cn"
    assert production_faults(settings) == []


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("PORT", "70000", "65535"),
        ("PORT", "eighty", "integer"),
        ("REDIS_URL", "memcached://x", "redis+cluster"),
        ("DATABASE_URL", "mysql://x", "postgresql"),
        ("DATABASE_URL", "sqlite:///:memory:", "in memory"),
        ("SECRET_KEY", "short", "32"),
        ("DATA_KEYS", "secret", "version:base64"),
        ("DATA_KEYS", "0:" + KEY, "from 1"),
        ("DATA_KEYS", "65536:" + KEY, "to 65535"),
        ("DATA_KEYS", f"1:{KEY},2:{KEY}", "newest"),
        ("DATA_KEYS", f"1:{KEY},1:{KEY}", "once"),
        ("DATA_KEYS", "1:????", "base64"),
        ("INDEX_KEY", "c2hvcnQ=", "32 bytes"),
        ("PUBLIC_URL", "card.example.gov.cn", "http"),
        ("SMS_URL", "https://sms.example/?key=1", "no query"),
        ("WECHAT_APP_ID", "wx:1", "letters"),
        ("WECHAT_TOKEN", "a b", "letters and digits"),
        ("WECHAT_AES_KEY", "a" * 42, "43"),
        ("WECHAT_MODE", "open", "safe"),
    ],
)
def test_a_wrong_value_is_named_but_never_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, word: str
) -> None:
    given(monkeypatch, **{name: value})
    with pytest.raises(SettingsFault) as fault:
        load_settings()
    assert fault.value.faults[0].startswith(f"{PREFIX}{name}: ")
    assert word in str(fault.value)
    assert value not in str(fault.value)
    assert fault.value.__context__ is None


def test_all_wrong_values_are_reported_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, PORT="x", REDIS_URL="x", WECHAT_TOKEN="-", SECRET_KEY="x")
    with pytest.raises(SettingsFault) as fault:
        load_settings()
    assert len(fault.value.faults) == 4


def test_all_missing_settings_are_reported_at_once() -> None:
    faults = production_faults(load_settings())
    assert [fault.partition(":")[0] for fault in faults] == [PREFIX + name for name in REAL]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "demo-" + "s" * 32),
        ("DATA_KEYS", "1:demo" + KEY[4:]),
        ("INDEX_KEY", "demo" + KEY[4:]),
        ("WECHAT_APP_ID", "wxdemo0123456789"),
        ("WECHAT_TOKEN", "demo0123456789"),
        ("WECHAT_AES_KEY", "demo" + "a" * 39),
        ("OFFICE_KEY", "demo" + "a" * 39),
    ],
)
def test_a_key_of_the_demo_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    given(monkeypatch, **REAL)
    given(monkeypatch, **{name: value})
    (fault,) = production_faults(load_settings())
    assert fault.startswith(f"{PREFIX}{name}: a key of the demo")


def test_plain_mode_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, **REAL, WECHAT_MODE="plain")
    (fault,) = production_faults(load_settings())
    assert fault.startswith(f"{PREFIX}WECHAT_MODE: plain")


@pytest.mark.parametrize("mode", ["WECHAT_MODE", "WECHAT_MINI_MODE"])
def test_plain_mode_may_be_allowed_in_so_many_words(
    monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    given(monkeypatch, **REAL, **{mode: "plain"})
    assert len(production_faults(load_settings())) == 1
    given(monkeypatch, WECHAT_PLAIN_ALLOWED="true")
    assert production_faults(load_settings()) == []


MINI = {
    "WECHAT_MINI_APP_ID": "wx0123456789abcdee",
    "WECHAT_MINI_APP_SECRET": "mini-secret",
    "WECHAT_MINI_TOKEN": "minitoken",
    "WECHAT_MINI_AES_KEY": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
}


def test_a_whole_mini_program_has_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, **REAL, **MINI)
    settings = load_settings()
    assert settings.has_wechat_mini
    assert production_faults(settings) == []


def test_no_mini_program_has_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, **REAL)
    settings = load_settings()
    assert not settings.has_wechat_mini
    assert production_faults(settings) == []


@pytest.mark.parametrize("missing", MINI)
def test_half_a_mini_program_is_refused(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    given(monkeypatch, **REAL, **{**MINI, missing: ""})
    settings = load_settings()
    assert not settings.has_wechat_mini
    (fault,) = production_faults(settings)
    assert fault.startswith(f"{PREFIX}{missing}: missing")


def test_a_mini_program_in_plain_mode_needs_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = {**MINI, "WECHAT_MINI_AES_KEY": "", "WECHAT_MINI_MODE": "plain"}
    given(monkeypatch, **REAL, **plain, WECHAT_PLAIN_ALLOWED="true")
    settings = load_settings()
    assert settings.has_wechat_mini
    assert production_faults(settings) == []


ALIPAY = {
    "ALIPAY_APP_ID": "2021000000000001",
    "ALIPAY_PRIVATE_KEY": "private.pem",
    "ALIPAY_PUBLIC_KEY": "public.pem",
}


def test_a_whole_alipay_has_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, **REAL, **ALIPAY)
    settings = load_settings()
    assert settings.has_alipay
    assert production_faults(settings) == []


@pytest.mark.parametrize("missing", ALIPAY)
def test_half_an_alipay_is_refused(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    given(monkeypatch, **REAL, **{**ALIPAY, missing: ""})
    settings = load_settings()
    assert not settings.has_alipay
    (fault,) = production_faults(settings)
    assert fault.startswith(f"{PREFIX}{missing}: missing")


CERTIFIED = {
    **ALIPAY,
    "ALIPAY_PUBLIC_KEY": "",
    "ALIPAY_APP_CERT": "app.crt",
    "ALIPAY_PUBLIC_CERT": "alipay.crt",
    "ALIPAY_ROOT_CERT": "root.crt",
}


@pytest.mark.parametrize("missing", ["", *(name for name in CERTIFIED if "CERT" in name)])
def test_in_certificate_mode_three_certificates_stand_for_the_public_key(
    monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    given(monkeypatch, **REAL, **{**CERTIFIED, **({missing: ""} if missing else {})})
    settings = load_settings()
    assert settings.has_alipay is not bool(missing)
    faults = production_faults(settings)
    assert [fault.partition(":")[0] for fault in faults] == (
        [f"{PREFIX}{missing}"] if missing else []
    )


def test_alipays_mini_program_may_be_another_application_whole_or_not_at_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mini = {name.replace("ALIPAY_", "ALIPAY_MINI_"): value for name, value in ALIPAY.items()}
    given(monkeypatch, **REAL, **ALIPAY)
    assert not load_settings().has_alipay_mini
    given(monkeypatch, **REAL, **ALIPAY, **mini)
    assert load_settings().has_alipay_mini
    given(monkeypatch, **REAL, **ALIPAY, **{**mini, "ALIPAY_MINI_PUBLIC_KEY": ""})
    (fault,) = production_faults(load_settings())
    assert fault.startswith(f"{PREFIX}ALIPAY_MINI_PUBLIC_KEY: missing")


@pytest.mark.parametrize("key", ["AAAA", "no base64", "A" * 44])
def test_a_content_key_is_sixteen_bytes(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    given(monkeypatch, ALIPAY_AES_KEY=key)
    with pytest.raises(SettingsFault) as fault:
        load_settings()
    assert "SHEBAOKA_ALIPAY_AES_KEY: base64 of 16 bytes" in str(fault.value)
    assert key not in str(fault.value)


def test_a_misspelt_variable_is_pointed_out() -> None:
    environment = {"SHEBAOKA_WECHAT_TOKN": "x", "SHEBAOKA_PORT": "1", "PATH": "/bin"}
    (fault,) = unknown_names(environment)
    assert fault == "SHEBAOKA_WECHAT_TOKN: no such setting; SHEBAOKA_WECHAT_TOKEN?"


def test_no_secret_is_in_what_a_log_would_show(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, **REAL, DATABASE_URL="postgresql://u:pass@h/d", SIMULATOR_TOKEN="simtoken")
    shown = repr(load_settings()) + str(load_settings())
    for name in ("SECRET_KEY", "WECHAT_TOKEN", "WECHAT_AES_KEY", "OFFICE_KEY"):
        assert REAL[name] not in shown
    assert "pass" not in shown
    assert "simtoken" not in shown
    assert repr(bytes(range(32)))[2:12] not in shown


def test_a_file_fills_in_what_the_environment_leaves_unset(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page = tmp_path / "demo.env"
    page.write_text(env_file({"wechat_token": "fromfile", "data_keys": f"1:{KEY}", "port": "1"}))
    given(monkeypatch, PORT="2")
    settings = load_settings(page)
    assert (settings.wechat_token, settings.port) == ("fromfile", 2)
    assert settings.data_keys == ((1, bytes(range(32))),)


def test_the_example_names_every_setting_and_is_up_to_date() -> None:
    example = (ROOT / ".env.example").read_text("utf-8")
    assert example == env_file({}), "run: python -m config.settings_pages"
    for name in Settings.model_fields:
        assert f"# {PREFIX}{name.upper()}=" in example


def test_the_table_of_the_readme_is_up_to_date() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert readme == with_table(readme), "run: python -m config.settings_pages"


def test_every_setting_says_what_it_is_for() -> None:
    assert all(field.description for field in Settings.model_fields.values())
    assert settings_table().count("\n") == len(Settings.model_fields) + 1
