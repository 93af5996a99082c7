"""`shebaoka push`, as it is typed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from bot.cli import app
from config.city import load_city
from models.audit import AuditEvent
from models.database import Database
from models.people import bind
from models.push.campaigns import Campaign, approve, go
from models.push.choices import want_announcements
from models.push.drafts import Begun, new_draft
from models.push.stages import Stage
from models.push.systems import system_of
from models.push.templates import keep_template
from models.staff import Role, Staff, find_staff
from tests.bot.commands.given import give
from tests.models.making import PHONE, make_application, make_person

CARD = {"chat": {"zh_CN": "您的卡到了（{tail}）。", "en": "Your card is here ({tail})."}}
PLAIN = {"chat": {"zh_CN": "周末照常办理。", "en": "Open at weekends."}}


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A database with two templates, an editor, and an approver who writes nothing."""
    give(monkeypatch, tmp_path)
    assert typed("db", "upgrade").exit_code == 0
    with of(tmp_path).writing() as records:
        for login, role in (("editor", Role.PUSH_EDITOR), ("approver", Role.PUSH_APPROVER)):
            records.add(
                Staff(id=login.ljust(32, "0"), login=login, name="李工", roles=[role.value],
                      districts=[], password_hash="", created_at=datetime.now(UTC))
            )  # fmt: skip
        keep_template(records, "pickup", CARD, datetime.now(UTC), by="staff:1")
        keep_template(records, "weekend", PLAIN, datetime.now(UTC), by="staff:1")


def typed(*words: str) -> Result:
    return CliRunner().invoke(app, ["push", *words] if words[0] != "db" else [*words])


def of(folder: Path) -> Database:
    return Database(f"sqlite:///{folder / 'shebaoka.db'}")


def applicant(folder: Path) -> str:
    with of(folder).writing() as records:
        person = make_person(records)
        bind(records, "wechat:wx1:oChen", person.id, datetime.now(UTC))
        return make_application(records, person, account="wechat:wx1:oChen").number


def told(result: Result) -> Any:
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_a_system_gets_a_key_once_and_loses_it(tmp_path: Path) -> None:
    key = typed("systems", "add", "bank").stdout.strip()
    again = typed("systems", "add", "bank").stdout.strip()
    with of(tmp_path).reading() as records:
        assert system_of(records, key) is None
        found = system_of(records, again)
        assert found and found.name == "bank"
    listed = typed("systems", "list").stdout
    assert listed.startswith("bank\t") and "\tactive" in listed and again not in listed
    assert typed("systems", "revoke", "bank").exit_code == 0
    assert "revoked" in typed("systems", "list").stdout
    assert typed("systems", "revoke", "bank").exit_code == 2
    assert typed("systems", "add", "Bank Of Yunzhou").exit_code == 2
    with of(tmp_path).reading() as records:
        assert [e.act for e in records.scalars(select(AuditEvent))] == [
            "system.key", "system.key", "system.out",
        ]  # fmt: skip


def test_a_campaign_is_made_of_a_file_and_the_rows_left_are_told_without_what_they_hold(
    tmp_path: Path,
) -> None:
    number, file = applicant(tmp_path), tmp_path / "list.csv"
    file.write_text(f"受理号,手机\n{number},\nnonsense,\n,{PHONE}\n", "utf-8")
    made = typed("create", "--template", "pickup", "--csv", str(file), "--by", "editor")
    assert made.exit_code == 0, made.stderr
    assert made.stderr.splitlines() == ["1 people", "row 3: malformed", "row 4: twice as row 2"]
    shown = told(typed("show", made.stdout.strip()))
    assert (shown["stage"], shown["total"], shown["name"]) == ("draft", 1, "pickup")
    assert shown["audience"] == {"list": 1, "numbered": True}
    assert shown["progress"]["open"] == 1
    foreseen = told(typed("forecast", made.stdout.strip()))
    assert (foreseen["total"], sum(foreseen["roads"].values())) == (1, 1)
    assert f"{shown['number']}\tdraft\t1\t{shown['written_by']}\tpickup" in typed("list").stdout
    with of(tmp_path).reading() as records:
        editor = find_staff(records, "editor")
        assert editor and shown["written_by"] == editor.by
        noted = records.scalars(select(AuditEvent)).all()
    assert [event.act for event in noted] == ["push.begin", "push.list"]
    assert noted[0].detail["via"].startswith("cli:")


def test_a_campaign_for_a_segment_goes_on_only_when_a_second_person_says_so(
    tmp_path: Path,
) -> None:
    with of(tmp_path).writing() as records:
        for n in range(50):
            want_announcements(records, f"wechat:wx1:o{n}", datetime.now(UTC))
    made = typed(
        "create", "--template", "weekend", "--announcement", "--name", "周末",
        "--segment", '{"channels": ["wechat"]}', "--by", "editor", "--propose",
    )  # fmt: skip
    assert made.exit_code == 0, made.stderr
    number = made.stdout.strip()
    shown = told(typed("show", number))
    assert (shown["stage"], shown["total"], shown["approved_by"]) == ("proposed", 50, "")
    refused = typed("resume", number, "--reason", "go")
    assert refused.exit_code == 2 and "it is proposed now" in refused.stderr
    with of(tmp_path).writing() as records:
        campaign = records.get_one(Campaign, int(number))
        now = datetime.now(UTC)
        approve(records, campaign.id, campaign.revision, now, by="staff:2")
        go(records, campaign, Stage.RUNNING, "clock", now, by="clock")
    assert typed("pause", number, "--reason", "停电").stdout == "paused\n"
    assert typed("resume", number, "--reason", "来电了").stdout == "running\n"
    assert typed("stop", number, "--reason", "发错了").stdout == "stopped\n"
    events = told(typed("show", number))["events"]
    assert [event["to"] for event in events] == [
        "proposed", "approved", "running", "paused", "running", "stopped",
    ]  # fmt: skip
    assert events[-1]["by"].startswith("cli:") and events[-1]["reason"] == "发错了"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--segment", "{}", "--by", "approver"], "nobody who writes pushes"),
        (["--segment", "{}", "--by", "nobody"], "nobody who writes pushes"),
        (["--by", "editor"], "one of --csv and --segment"),
        (["--segment", "[1]", "--by", "editor"], "JSON is wanted"),
        (["--segment", '{"age": 5}', "--by", "editor"], "segment.age: not what is expected"),
        (["--segment", "{}", "--by", "editor", "--version", "7"], "template: not kept"),
        (["--segment", "{}", "--by", "editor", "--expires", "soon"], "expires: "),
        (["--segment", "{}", "--by", "editor", "--propose"], "audience: nobody"),
    ],
)
def test_what_cannot_be_made_is_refused_and_nothing_is_kept(
    tmp_path: Path, words: list[str], why: str
) -> None:
    refused = typed("create", "--template", "pickup", *words)
    assert refused.exit_code == 2 and why in refused.stderr
    assert typed("list").stdout == ""
    with of(tmp_path).reading() as records:
        assert records.scalars(select(AuditEvent)).all() == []


def test_a_campaign_that_is_not_there_and_an_act_without_a_reason_are_refused() -> None:
    for words in (["show", "7"], ["forecast", "7"], ["pause", "7", "--reason", "x"]):
        assert "no campaign with that number" in typed(*words).stderr
    assert typed("stop", "7", "--reason", " ").exit_code == 2


def test_what_the_clock_makes_is_listed_apart(tmp_path: Path) -> None:
    city, now = load_city(), datetime.now(UTC)
    with of(tmp_path).writing() as records:
        for name, kind in (("领卡", "message"), ("领卡提醒", "reminder")):
            new_draft(records, city, Begun(name, "service", {}, {}, kind), now, by="staff:1")
    assert typed("list").stdout.endswith("\t领卡\n") and "领卡提醒" not in typed("list").stdout
    reminders = typed("list", "--reminders").stdout
    assert reminders.endswith("\t领卡提醒\n") and reminders.count("\n") == 1
