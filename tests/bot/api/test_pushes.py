"""Campaigns of other systems: asked for once, seen by their own alone, approved by people."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.api.problems import TYPES
from config.city import SHIPPED
from models.audit import audit_of
from models.people import bind, find_account
from models.push.audience import Segment
from models.push.campaigns import Campaign, approve, go
from models.push.choices import stop_pushes, want_announcements
from models.push.ending import End, end
from models.push.expansion import expand
from models.push.stages import Stage
from models.push.systems import make_key, revoke_key
from models.push.templates import keep_template, retire
from tests.bot.site import Site
from tests.models.making import make_application, make_person

Answer = Any
"""A response, whose JSON is whatever was answered."""

IDS = ("119999199003070019", "119999201806150020", "11999919850101001X")
TEMPLATE = {"chat": {"zh_CN": "您的卡到了（{tail}）。", "en": "Your card is here ({tail})."}}
PLAIN = {"chat": {"zh_CN": "周末照常办理。", "en": "Open at weekends."}}


class System:
    """One system that calls the API with its key."""

    def __init__(self, site: Site, name: str) -> None:
        self.site, self._client = site, site.app.test_client()
        with site.parts.database.writing() as records:
            self.key = make_key(records, name, site.clock())

    def get(self, path: str) -> Answer:
        return self._client.get(f"/api/v1{path}", headers=self._headers)

    def post(self, path: str, body: Any = None, key: str = "") -> Answer:
        headers = {**self._headers, **({"Idempotency-Key": key} if key else {})}
        return self._client.post(f"/api/v1{path}", json=body, headers=headers)

    def begin(self, key: str = "0123456789abcdef", **other: Any) -> int:
        answer = self.post("/pushes", ordered(**other), key=key)
        assert answer.status_code == 201, answer.text
        number: int = answer.json["number"]
        return number

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}", "Accept-Language": "en"}


def ordered(**other: Any) -> dict[str, Any]:
    """An order as it is sent, with whatever differs."""
    return {"name": "领卡提醒", "template": "pickup", "purpose": "service", **other}


@pytest.fixture
def site(tmp_path: Path, redis_url: str) -> Iterator[Site]:
    site = Site(tmp_path, redis_url)
    with site.parts.database.writing() as records:
        keep_template(records, "pickup", TEMPLATE, site.clock(), by="staff:1")
        keep_template(records, "weekend", PLAIN, site.clock(), by="staff:1")
    yield site
    site.close()


@pytest.fixture
def system(site: Site) -> System:
    return System(site, "bank")


def applicant(site: Site, number: int) -> str:
    """Somebody who applied from an account of their own."""
    with site.parts.database.writing() as records:
        person = make_person(records, id_number=IDS[number])
        bind(records, f"wechat:wx1:o{number}", person.id, site.clock())
        return make_application(records, person, account=f"wechat:wx1:o{number}").number


def problem(answer: Answer) -> tuple[int, str]:
    assert answer.content_type == "application/problem+json"
    return answer.status_code, answer.json["type"].removeprefix(TYPES)


def campaign_of(site: Site, number: int) -> Campaign:
    with site.parts.database.reading() as records:
        return records.get_one(Campaign, number)


def test_without_a_key_that_holds_nothing_is_told(site: Site, system: System) -> None:
    client = site.app.test_client()
    assert problem(client.get("/api/v1/pushes")) == (401, "no-key")
    assert system.get("/pushes").json == {"pushes": []}
    with site.parts.database.writing() as records:
        assert revoke_key(records, "bank", site.clock())
    assert problem(system.get("/pushes")) == (401, "no-key")
    assert problem(system.post("/pushes", ordered(), key="0123456789abcdef")) == (401, "no-key")


def test_an_order_is_a_draft_once_however_often_it_is_sent(site: Site, system: System) -> None:
    number = system.begin()
    assert system.begin() == number
    assert [row["number"] for row in system.get("/pushes").json["pushes"]] == [number]
    other = system.post("/pushes", ordered(name="另一个"), key="0123456789abcdef")
    assert problem(other) == (422, "key-reused")
    assert system.begin("another-key-of-mine") != number
    assert problem(system.post("/pushes", ordered())) == (422, "malformed")
    draft = campaign_of(site, number)
    assert (draft.stage, draft.written_by, draft.message["chat"]) == (
        "draft", "system:bank", TEMPLATE["chat"],
    )  # fmt: skip
    with site.parts.database.reading() as records:
        (noted,) = audit_of(records, f"push:{number}")
        assert (noted.act, noted.actor) == ("push.begin", "system:bank")


@pytest.mark.parametrize(
    ("other", "fault"),
    [
        ({"template": "nothing"}, "template: not kept, or not any more"),
        ({"version": 9}, "template: not kept, or not any more"),
        ({"segment": {"districts": ["000000"]}}, "segment.districts: unknown"),
        ({"expires_at": "2026-11-22T00:00:00Z"}, "expires_at: over before it begins"),
        (
            {"purpose": "announcement", "segment": {}},
            "template: params: tail is known of an application alone",
        ),
    ],
)
def test_what_no_campaign_can_be_made_of_is_refused_in_words(
    system: System, other: dict[str, Any], fault: str
) -> None:
    answer = system.post("/pushes", ordered(**other), key="0123456789abcdef")
    assert problem(answer) == (422, "unfit")
    assert answer.json["faults"] == [fault]
    assert system.get("/pushes").json == {"pushes": []}
    assert system.begin()  # under the same key: nothing was kept of it


def test_a_retired_template_and_words_of_its_own_are_refused(site: Site, system: System) -> None:
    answer = system.post("/pushes", ordered(message=PLAIN), key="0123456789abcdef")
    assert problem(answer) == (422, "malformed")
    with site.parts.database.writing() as records:
        retire(records, "pickup", site.clock())
    assert problem(system.post("/pushes", ordered(), key="0123456789abcdef")) == (422, "unfit")


def test_a_list_is_added_to_until_it_is_proposed(site: Site, system: System) -> None:
    one, two, three = (applicant(site, n) for n in range(3))
    with site.parts.database.writing() as records:
        stop_pushes(records, "wechat:wx1:o2", site.clock())
    number = system.begin()
    assert problem(system.post(f"/pushes/{number}/propose")) == (422, "unfit")
    rows = [one, "nonsense", one.lower(), three, "YZ261123999999"]
    added = system.post(f"/pushes/{number}/numbers", {"numbers": rows}).json
    assert (added["added"], added["held"], added["total"]) == (1, 0, 1)
    assert [(left["row"], left["why"]) for left in added["left"]] == [
        (2, "malformed"), (3, "twice"), (4, "stopped"), (5, "unknown"),
    ]  # fmt: skip
    again = system.post(f"/pushes/{number}/numbers", {"numbers": [one, two]}).json
    assert (again["added"], again["held"], again["total"]) == (1, 1, 2)
    foreseen = system.post(f"/pushes/{number}/forecast").json
    assert (foreseen["total"], foreseen["never"]) == (2, {})
    assert sum(foreseen["roads"].values()) == 2
    assert campaign_of(site, number).audience == {"list": 2, "numbered": True}

    proposed = system.post(f"/pushes/{number}/propose").json
    assert (proposed["stage"], proposed["total"]) == ("approved", 2)  # below alone_below
    late = system.post(f"/pushes/{number}/numbers", {"numbers": [two]})
    assert problem(late) == (409, "not-now")
    assert late.json["stage"] == "approved"
    with site.parts.database.reading() as records:
        acts = [event.act for event in audit_of(records, f"push:{number}")]
    assert acts == ["push.begin", "push.list", "push.list", "push.propose"]


def test_too_many_numbers_at_once_are_refused(system: System) -> None:
    number = system.begin()
    many = system.post(f"/pushes/{number}/numbers", {"numbers": ["YZ1"] * 1001})
    assert problem(many) == (422, "malformed")


def test_a_system_does_not_approve_above_the_citys_size(site: Site, system: System) -> None:
    alone = site.parts.city.push.alone_below
    found = campaign_for_many(site, system, alone)
    assert found["stage"] == "proposed"
    path = f"/pushes/{found['number']}"
    assert problem(system.post(f"{path}/approve")) == (404, "not-found")
    assert problem(system.post(f"{path}/resume", {"reason": "go"})) == (409, "not-now")
    with site.parts.database.writing() as records:
        campaign = records.get_one(Campaign, found["number"])
        approve(records, campaign.id, campaign.revision, site.clock(), by="staff:2")
    assert system.get(path).json["stage"] == "approved"


def campaign_for_many(site: Site, system: System, people: int) -> Any:
    """A proposed one for so many visitors who want announcements."""
    with site.parts.database.writing() as records:
        for n in range(people):
            want_announcements(records, f"wechat:wx1:visitor{n}", site.clock())
    number = system.begin(template="weekend", purpose="announcement", segment={})
    return system.post(f"/pushes/{number}/propose").json


def test_a_system_goes_on_only_with_what_it_paused(site: Site, system: System) -> None:
    number = campaign_for_many(site, system, 2)["number"]
    path, why = f"/pushes/{number}", {"reason": "网点停电"}
    running(site, number)
    assert system.post(f"{path}/pause", why).json["stage"] == "paused"
    assert system.post(f"{path}/pause", why).json["reason"] == "网点停电"
    assert system.post(f"{path}/resume", why).json["stage"] == "running"
    with site.parts.database.writing() as records:
        campaign = records.get_one(Campaign, number)
        go(records, campaign, Stage.PAUSED, "bound", site.clock(), by="bound", reason="failed")
    assert problem(system.post(f"{path}/resume", why)) == (409, "person-decides")
    assert problem(system.post(f"{path}/stop", {"reason": "  "})) == (422, "malformed")
    assert system.post(f"{path}/stop", why).json["stage"] == "stopped"
    assert system.post(f"{path}/stop", why).json["stage"] == "stopped"
    assert problem(system.post(f"{path}/pause", why)) == (409, "not-now")


def running(site: Site, number: int) -> None:
    with site.parts.database.writing() as records:
        campaign = records.get_one(Campaign, number)
        today = site.clock().date()
        expand(records, campaign, Segment.read(campaign.audience), site.clock(), today)
        go(records, campaign, Stage.RUNNING, "clock", site.clock(), by="clock")


def test_what_became_of_it_is_told_by_reason_and_by_application(site: Site, system: System) -> None:
    numbers = [applicant(site, n) for n in range(3)]
    number = system.begin()
    system.post(f"/pushes/{number}/numbers", {"numbers": numbers})
    with site.parts.database.writing() as records:
        recipients = []
        for n in range(3):
            account = find_account(records, f"wechat:wx1:o{n}")
            assert account
            recipients.append(account.recipient)
        ends = [
            End(recipients[0], "sent", "wechat:template", sent_as="1"),
            End(recipients[1], "failed", "wechat:template", "permanent 43004"),
        ]
        end(records, number, ends, site.clock())
    shown = system.get(f"/pushes/{number}").json
    assert shown["progress"] == {
        "sent": 1, "visit": 0, "unknown": 0, "failed": 1, "skipped": 0, "open": 1,
    }  # fmt: skip
    outcome = {"road": "wechat:template", "n": 1}
    assert {**outcome, "what": "failed", "reason": "permanent 43004"} in shown["outcomes"]
    told: dict[str, str] = {}
    page: dict[str, Any] = {}
    after = ""
    while page.get("next", "start"):
        page = system.get(f"/pushes/{number}/deliveries?limit=2{after}").json
        told |= {row["number"]: row["state"] for row in page["deliveries"]}
        after = f"&after={page['next']}"
    assert told == dict(zip(numbers, ("sent", "failed", "new"), strict=True))
    with site.parts.database.reading() as records:
        acts = [event.act for event in audit_of(records, f"push:{number}")]
    assert acts == ["push.begin", "push.list", "push.export"]


def test_a_system_sees_and_steers_its_own_alone(site: Site, system: System) -> None:
    number, other = system.begin(), System(site, "other")
    assert other.get("/pushes").json == {"pushes": []}
    calls = [
        other.get(f"/pushes/{number}"),
        other.get(f"/pushes/{number}/deliveries"),
        other.post(f"/pushes/{number}/numbers", {"numbers": ["YZ1"]}),
        *(other.post(f"/pushes/{number}/{act}") for act in ("forecast", "propose")),
        *(
            other.post(f"/pushes/{number}/{act}", {"reason": "x"})
            for act in ("pause", "resume", "stop")
        ),
    ]
    assert {problem(answer) for answer in calls} == {(404, "not-found")}
    assert campaign_of(site, number).stage == "draft"
    assert other.begin() != number  # the same key, of another system
    assert system.get("/pushes?before=1").json == {"pushes": []}


def test_whoever_calls_too_often_waits(tmp_path: Path, redis_url: str) -> None:
    rate = "\npush = { times = 1, seconds = 600 }"
    text, changed = re.subn(r"\npush = \{ times .*? \}", rate, SHIPPED.read_text("utf-8"))
    assert changed == 1
    (tmp_path / "city.toml").write_text(text, "utf-8")
    site = Site(tmp_path, redis_url, city=tmp_path / "city.toml")
    eager = System(site, "eager")
    assert eager.get("/pushes").status_code == 200
    answer = eager.get("/pushes")
    assert problem(answer) == (429, "too-many")
    assert int(answer.headers["Retry-After"]) > 0
    site.close()
