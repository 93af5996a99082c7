"""The commands that touch the records: schema, a look at an application, keys, the doctor."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
import redis
import redis as redis_py
from sqlalchemy.orm import Session as Records
from typer.testing import CliRunner

from bot.cli import app
from models.audit import audit_of
from models.database import Database
from models.looks import looks_at
from models.notices import add_sms
from models.people import bind, find_person
from models.sealing import Keyring
from models.told import accounts_told
from tests.bot.commands.given import DATA_KEY, NEWER_KEY, give
from tests.bot.commands.healthy import world
from tests.models.making import (
    ACCOUNT,
    KEYS,
    NOW,
    NUMBER,
    PHONE,
    make_application,
    make_person,
    new_id,
)

SHOWN = ("account", "road", "wording", "params", "phone", "state")
ALIPAY = "alipay:2021000000000001:2088000000000001"


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A new database in a new folder, sealed with the keys that `tests.models.making` uses."""
    give(monkeypatch, tmp_path)
    assert CliRunner().invoke(app, ["db", "upgrade"]).exit_code == 0


def database(folder: Path) -> Database:
    return Database(f"sqlite:///{folder / 'shebaoka.db'}")


def applied(folder: Path) -> tuple[str, str]:
    """An application in the database: its number and id."""
    records_of = database(folder)
    with records_of.writing() as records:
        application = make_application(
            records, make_person(records), answers={"name": "陈国强", "branch": "CCB-CD"}
        )
        found = application.number, application.id
    records_of.dispose()
    return found


def test_an_application_is_shown_whole_and_the_look_is_audited(tmp_path: Path) -> None:
    number, application_id = applied(tmp_path)
    result = CliRunner().invoke(app, ["application", "show", number, "--reason", "a call"])
    assert json.loads(result.stdout) == {"name": "陈国强", "branch": "CCB-CD"}
    with database(tmp_path).reading() as records:
        (event,) = audit_of(records, f"application:{application_id}")
        assert (event.act, event.reason) == ("application.show", "a call")


def sms(records: Records, account: str, template: str, params: dict[str, str]) -> None:
    add_sms(
        records,
        KEYS,
        account=account,
        phone=PHONE,
        template=template,
        params=params,
        now=NOW,
        notice_id=new_id(),
    )


def test_what_each_account_was_told_is_shown_masked_and_audited(tmp_path: Path) -> None:
    records_of = database(tmp_path)
    with records_of.writing() as records:
        person = make_person(records)
        application = make_application(records, person, answers={"name": "陈国强"})
        bind(records, ALIPAY, person.id, NOW)
        params = {"number": application.number, "date": "11月30日"}
        sms(records, ACCOUNT, "T1", params)
        sms(records, ALIPAY, "T2", {"code": "482915"})
        sms(records, "wechat:wx1:other", "T3", {})
        number = application.number
    records_of.dispose()
    result = CliRunner().invoke(app, ["told", number, "--reason", "a call", "--purpose", "fault"])
    shown = json.loads(result.stdout)
    assert [account["channel"] for account in shown["accounts"]] == ["alipay", "wechat"]
    told = [tuple(n[name] for name in SHOWN) for n in shown["notices"]]
    masked = {"number": f"***{number[-4:]}", "date": "11月30日"}
    assert told == [
        (2, "sms", "T1", masked, "139****1234", "queued"),
        (1, "sms", "T2", {"code": "***"}, "139****1234", "queued"),
    ]
    assert "482915" not in result.stdout
    assert "2088" not in result.stdout
    with database(tmp_path).reading() as records:
        (look,) = looks_at(records, ALIPAY)
        assert (look.what, look.role, look.purpose) == ("told", "operator", "fault")


@pytest.mark.parametrize("wrong", [["--reason", " "], ["--reason", "x", "--purpose", "curiosity"]])
def test_without_a_reason_or_purpose_nothing_is_told(tmp_path: Path, wrong: list[str]) -> None:
    number, application_id = applied(tmp_path)
    result = CliRunner().invoke(app, ["told", number, *wrong])
    assert result.exit_code == 2
    assert "notices" not in result.output
    assert CliRunner().invoke(app, ["told", "YZ2611239999", "--reason", "x"]).exit_code == 2
    with database(tmp_path).reading() as records:
        assert audit_of(records, f"application:{application_id}") == []


def test_what_was_told_to_a_bound_account_is_not_shown_for_an_unproven_claim(
    tmp_path: Path,
) -> None:
    records_of = database(tmp_path)
    with records_of.writing() as records:
        person = make_person(records)
        bind(records, ALIPAY, person.id, NOW)
        claim = make_application(records, person, holder_proven=False)
        assert accounts_told(records, claim) == [ACCOUNT]
    records_of.dispose()


def test_the_purpose_of_a_look_is_one_of_a_few_words(tmp_path: Path) -> None:
    number, application_id = applied(tmp_path)
    show = ["application", "show", number, "--reason", "a call", "--purpose"]
    refused = CliRunner().invoke(app, [*show, "curiosity"])
    assert refused.exit_code == 2
    assert "complaint" in refused.output
    assert CliRunner().invoke(app, [*show, "complaint"]).exit_code == 0
    with database(tmp_path).reading() as records:
        (event,) = audit_of(records, f"application:{application_id}")
        assert event.detail == {"purpose": "complaint"}


def test_without_a_reason_nothing_is_shown(tmp_path: Path) -> None:
    number, _ = applied(tmp_path)
    result = CliRunner().invoke(app, ["application", "show", number, "--reason", " "])
    assert result.exit_code == 2
    assert "陈国强" not in result.output


def test_a_number_that_nobody_has_is_a_sentence() -> None:
    result = CliRunner().invoke(app, ["application", "show", "YZ2611239999", "--reason", "a call"])
    assert result.exit_code == 2
    assert "no application with that number" in result.output


def test_a_key_may_go_only_after_everything_was_sealed_anew(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, redis: redis_py.Redis, redis_url: str
) -> None:
    number, _ = applied(tmp_path)
    give(monkeypatch, tmp_path, REDIS_URL=redis_url, DATA_KEYS=f"2:{NEWER_KEY},1:{DATA_KEY}")
    refused = CliRunner().invoke(app, ["keys", "retire", "1"])
    assert refused.exit_code == 2
    assert "still sealed under version 1" in refused.output
    assert "values sealed anew" in CliRunner().invoke(app, ["keys", "rotate"]).output
    assert CliRunner().invoke(app, ["keys", "retire", "1"]).exit_code == 0
    give(monkeypatch, tmp_path, DATA_KEYS=f"2:{NEWER_KEY}")
    shown = CliRunner().invoke(app, ["application", "show", number, "--reason", "a call"])
    assert json.loads(shown.stdout)["name"] == "陈国强"


def test_without_redis_no_key_may_go() -> None:
    refused = CliRunner().invoke(app, ["keys", "retire", "1"])
    assert refused.exit_code == 2
    assert "Redis does not answer" in refused.output


def test_people_are_found_by_the_new_index_key(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    applied(tmp_path)
    old, new = (base64.b64encode(c * 32).decode() for c in (b"i", b"j"))
    give(monkeypatch, tmp_path, INDEX_KEY=new)
    result = CliRunner().invoke(app, ["keys", "reindex", "--old-key", old])
    assert "1 people" in result.output
    with database(tmp_path).reading() as records:
        assert find_person(records, KEYS, NUMBER) is None
        renewed = Keyring([(1, b"d" * 32)], b"j" * 32)
        assert find_person(records, renewed, NUMBER) is not None


def test_an_index_key_that_is_none_is_refused() -> None:
    result = CliRunner().invoke(app, ["keys", "reindex", "--old-key", "x"])
    assert result.exit_code == 2


def test_the_doctor_finds_an_old_schema_and_an_evicting_redis(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, redis_url: str
) -> None:
    with world() as outside:
        address = outside.address
        give(
            monkeypatch, tmp_path, REDIS_URL=redis_url, PUBLIC_URL=address, WECHAT_API_BASE=address
        )
        healthy = CliRunner().invoke(app, ["doctor"])
    assert healthy.exit_code == 0, healthy.output
    assert "database up to date" in healthy.output
    assert "evicts nothing" in healthy.output
    client = redis.Redis.from_url(redis_url)
    client.config_set("maxmemory-policy", "allkeys-lru")
    try:
        database(tmp_path).downgrade("base")
        ill = CliRunner().invoke(app, ["doctor"])
    finally:
        client.config_set("maxmemory-policy", "noeviction")
        client.close()
    assert ill.exit_code == 1
    assert "run shebaoka db upgrade" in ill.output
    assert "evicts (allkeys-lru)" in ill.output


def test_the_doctor_names_the_setting_of_a_city_that_does_not_fit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    give(monkeypatch, tmp_path, CITY="/nonexist")
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == 1
    assert "✗ SHEBAOKA_CITY: No such file or directory: /nonexist" in result.output
    assert "texts in 2 languages" in result.output
    assert "form card: " in result.output


def test_the_doctor_survives_what_does_not_answer() -> None:
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == 1
    assert "conversations: ConnectionError" in result.output
