"""What lies in another district, or at another branch, is not there: as if it did not exist."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from models.application_states import State
from models.applications import ApplicationEvent
from models.audit import AuditEvent
from models.push.campaigns import CampaignEvent
from tests.bot.console.calls import CALLS, OF_EVERYBODY, Call, Prepared
from tests.bot.console.staffed import Desk, Staffed

NOT_THERE = "f" * 32


@pytest.fixture(scope="module")
def prepared(console: Staffed) -> Prepared:
    return Prepared(console)


def asked(name: str, call: Call, desk: Desk) -> TestResponse:
    if name.startswith("GET"):
        return desk.get(call.path, query_string=dict(call.form))
    return desk.post(call.path, **call.form)


def written(console: Staffed) -> tuple[Any, ...]:
    """What the records say has happened so far."""
    with console.parts.database.reading() as records:
        return tuple(
            records.scalars(select(table.id).order_by(table.id.desc()).limit(1)).first()
            for table in (AuditEvent, ApplicationEvent, CampaignEvent)
        )


def test_every_route_with_an_id_is_known(console: Staffed) -> None:
    rules = console.app.extensions["console"].url_map.iter_rules()
    routes = {
        f"{method} {rule.endpoint}"
        for rule in rules
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.arguments and rule.endpoint not in OF_EVERYBODY
    }
    assert routes <= {name.partition(" (")[0] for name in CALLS}


@pytest.mark.parametrize("name", CALLS)
def test_only_whose_it_is_gets_an_answer(console: Staffed, prepared: Prepared, name: str) -> None:
    call = CALLS[name](prepared)
    before = written(console)
    refused = asked(name, call, call.others)
    assert refused.status_code == 404
    assert _told(refused) == _told(asked(name, _unknown(call), call.others))
    assert written(console) == before  # neither done nor noted
    assert asked(name, call, call.mine).status_code in (200, 303)


def _unknown(call: Call) -> Call:
    """The same with an id that nothing has, in the address or the form."""
    path = re.sub(r"[0-9a-f]{32}", NOT_THERE, call.path)
    path = re.sub(r"^/push/\d+", "/push/999999", path)
    ids = {name: NOT_THERE if len(str(value)) == 32 else value for name, value in call.form.items()}
    assert (path, ids) != (call.path, dict(call.form))
    return Call(path, call.mine, call.others, ids)


def _told(answer: TestResponse) -> str:
    """The page without the token against forgery."""
    text = answer.text
    token = text.partition('name="csrf-token" content="')[2].partition('"')[0]
    return text.replace(token, "") if token else text


def test_an_id_in_a_form_or_a_query_is_looked_at_as_well(
    console: Staffed, prepared: Prepared
) -> None:
    coming = prepared.ready(State.PRODUCED)
    assert prepared.other_clerk.post("/branch/arrived", card=coming).status_code == 404
    assert prepared.other_clerk.get(f"/branch/list/coming?after={coming}").status_code == 404
    assert prepared.clerk.post("/branch/arrived", card=coming).status_code == 303
