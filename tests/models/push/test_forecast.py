from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session as Records

from config.city import City, load_city
from config.template_book import WORDING_OF
from config.templates import load_templates
from models.database import Database
from models.people import Account, Person
from models.push.campaigns import Campaign
from models.push.deliveries import Delivery
from models.push.forecast import WINDOW, Forecast, forecast
from models.push.reaching import Reach, accounts_of, refusal
from models.push.stages import Stage
from tests.models.making import DAY, NOW, SECOND, new_id

RUNGS = {
    "wechat": ("chat", "template", "subscription", "mass"),
    "mini_wechat": ("subscription",),
    "alipay": ("chat", "template"),
    "mini_alipay": ("subscription",),
    "web": (),
}
SHIPPED = load_city()
CITY = replace(
    SHIPPED,
    wechat=replace(
        SHIPPED.wechat,
        subscriptions={"progress": "sub-1"},
        mini_subscriptions={"progress": "mini-1"},
    ),
    alipay=replace(SHIPPED.alipay, single_templates={"progress": "single-1"}),
)
TEMPLATES = load_templates(CITY)
WORDS = {"zh_CN": "您好", "en": "Hello"}
CREDITS = st.sampled_from([{}, {"sub-1": 0}, {"sub-1": 1}, {"mini-1": 2}, {"other": 3}])
INBOUND = st.sampled_from([None, NOW - SECOND, NOW - DAY, NOW - WINDOW, NOW - 3 * DAY])


@dataclass(frozen=True)
class Known:
    """An account as it is drawn."""

    channel: str
    followed: bool
    inbound: Any
    credits: Mapping[str, int]
    agreed: bool
    stopped: bool
    phone: bool


ACCOUNTS = st.builds(
    Known,
    channel=st.sampled_from([*RUNGS, "gone_channel"]),
    followed=st.sampled_from([True, True, False]),
    inbound=INBOUND,
    credits=CREDITS,
    agreed=st.booleans(),
    stopped=st.sampled_from([False, False, False, True]),
    phone=st.booleans(),
)
PEOPLE = st.lists(st.tuples(st.lists(ACCOUNTS, max_size=3), st.booleans()), max_size=12)
MESSAGES = st.fixed_dictionaries(
    {
        "chat": st.sampled_from([WORDS, {"zh_CN": "尾号{tail}", "en": "{tail}"}]),
        "status": st.just(WORDS),
        "note": st.just(WORDS),
        "wording": st.sampled_from(["", "progress"]),
        "sms": st.sampled_from(["", "service"]),
        "mass": st.booleans(),
    }
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    people=PEOPLE,
    message=MESSAGES,
    purpose=st.sampled_from(["service", "announcement"]),
    cap=st.sampled_from([0, 11, 1000]),
    kind=st.sampled_from(["message", "message", "test"]),
)
def test_a_list_ends_as_person_by_person(
    database: Database, people: Any, message: Any, purpose: str, cap: int, kind: str
) -> None:
    records = database.begin_writing()
    try:
        campaign = make_campaign(records, message, purpose, {"list": len(people)}, cost_cap=cap)
        campaign.kind = kind
        for recipient, (accounts, about) in enumerate(people, start=1):
            add_recipient(records, campaign, recipient, accounts, about=about)
        records.flush()

        found = forecast(records, CITY, TEMPLATES, campaign, NOW, RUNGS)

        phones = {n: about or any(a.phone for a in known) for n, (known, about) in rows(people)}
        worded = {n: about or message["chat"] == WORDS for n, (_, about) in rows(people)}
        assert ends_of(found) == naive(records, campaign, phones, worded)
        assert found.total == len(people)
        assert found.cost_fen == found.roads.get("sms", 0) * CITY.push.sms_fen <= max(cap, 0)
    finally:
        records.rollback()
        records.close()


def test_a_segment_is_forecast_as_its_expansion_would_be(database: Database) -> None:
    with database.writing() as records:
        campaign = make_campaign(
            records, {"chat": WORDS}, "announcement", {"channels": ["wechat"]}, cost_cap=0
        )
        asked = Known("wechat", True, NOW - DAY, {}, agreed=True, stopped=False, phone=False)
        for recipient in range(1, 4):
            add_recipient(records, None, recipient, [asked], about=False)
        add_recipient(records, None, 4, [replace(asked, inbound=None)], about=False)
        add_recipient(records, None, 5, [replace(asked, agreed=False)], about=False)
        add_recipient(records, None, 6, [replace(asked, channel="alipay")], about=False)
        both = [asked, replace(asked, channel="alipay", stopped=True)]
        add_recipient(records, None, 7, both, about=False)
    with database.reading() as records:
        found = forecast(records, CITY, TEMPLATES, campaign, NOW, RUNGS)
    assert dict(found.roads) == {"wechat:chat": 3, "visit": 1}
    assert dict(found.never) == {"stopped": 1}
    assert (found.total, found.cost_fen, found.over_cap) == (5, 0, 0)


def test_the_time_is_that_of_the_slowest_account_or_the_campaigns_own_rate(
    database: Database,
) -> None:
    city = replace(CITY, wechat=replace(CITY.wechat, sends_per_second=10))
    with database.writing() as records:
        campaign = make_campaign(records, {"chat": WORDS}, "service", {"list": 20})
        wrote = Known("wechat", True, NOW, {}, agreed=False, stopped=False, phone=False)
        for recipient in range(1, 19):
            add_recipient(records, campaign, recipient, [wrote], about=False)
        for recipient in range(19, 21):
            other = replace(wrote, channel="alipay")
            add_recipient(records, campaign, recipient, [other], about=False)
        assert forecast(records, city, TEMPLATES, campaign, NOW, RUNGS).seconds == 2.0
        campaign.rate = 5
        assert forecast(records, city, TEMPLATES, campaign, NOW, RUNGS).seconds == 4.0


def test_beyond_the_cap_on_cost_they_are_told_at_the_next_visit(database: Database) -> None:
    with database.writing() as records:
        message = {"chat": WORDS, "status": WORDS, "note": WORDS, "sms": "service"}
        campaign = make_campaign(records, message, "service", {"list": 5}, cost_cap=14)
        never = Known("wechat", False, None, {}, agreed=False, stopped=False, phone=True)
        for recipient in range(1, 6):
            add_recipient(records, campaign, recipient, [never], about=False)
        records.flush()
        found = forecast(records, CITY, TEMPLATES, campaign, NOW, RUNGS)
    assert dict(found.roads) == {"sms": 2, "visit": 3}
    assert (found.over_cap, found.cost_fen) == (3, 2 * CITY.push.sms_fen)


def rows(people: Any) -> Any:
    return enumerate(people, start=1)


def ends_of(found: Forecast) -> Counter[str]:
    return Counter({**found.roads, **{f"-{why}": n for why, n in found.never.items()}})


def naive(
    records: Records,
    campaign: Campaign,
    phones: Mapping[int, bool],
    worded: Mapping[int, bool],
) -> Counter[str]:
    """The same, one person after the other."""
    reached = accounts_of(records, list(phones))
    ends: Counter[str] = Counter()
    room = campaign.cost_cap // CITY.push.sms_fen
    for recipient, phone in phones.items():
        accounts = reached.get(recipient, [])
        purpose = "service" if campaign.kind == "test" else campaign.purpose
        why = refusal(accounts, purpose) or ("" if worded[recipient] else "unworded")
        message = {**campaign.message}
        message["mass"] = message["mass"] and campaign.kind != "test"  # never for one person
        roads = [] if why else list(roads_of(accounts, message, CITY))
        if not why and not roads and campaign.message["sms"] and phone:
            roads = ["sms"] if ends["sms"] < room else []
        ends[f"-{why}" if why else (roads or ["visit"])[0]] += 1
    return +ends


def roads_of(accounts: list[Reach], message: Mapping[str, Any], city: City) -> Iterator[str]:
    for account in accounts:
        for rung in RUNGS.get(account.channel, ()):
            wording = WORDING_OF.get((account.channel, rung))
            approved = city.approved(wording).get(message["wording"]) if wording else None
            held = {
                "chat": account.last_inbound_at is not None
                and NOW - account.last_inbound_at < timedelta(hours=48),
                "template": approved is not None,
                "subscription": account.credits.get(approved or "", 0) > 0,
                "mass": message["mass"],
            }
            if account.followed and held[rung]:
                yield f"{account.channel}:{rung}"


def make_campaign(
    records: Records, message: Any, purpose: str, audience: Any, **other: Any
) -> Campaign:
    campaign = Campaign(
        name="invented",
        kind="message",
        purpose=purpose,
        stage=Stage.DRAFT.value,
        message=message,
        audience=audience,
        expires_at=NOW + 7 * DAY,
        from_hour=8,
        until_hour=20,
        written_by="staff:1",
        written_at=NOW,
        **other,
    )
    records.add(campaign)
    records.flush()
    return campaign


def add_recipient(
    records: Records,
    campaign: Campaign | None,
    recipient: int,
    accounts: list[Known],
    *,
    about: bool,
) -> None:
    """Somebody with these accounts; in the campaign's list where there is one."""
    for account in accounts:
        records.add(_account(records, recipient, account))
    if campaign is not None:
        number = f"YZ{recipient:010d}" if about else None
        records.add(
            Delivery(campaign_id=campaign.id, recipient=recipient, number=number, state="new")
        )


def _account(records: Records, recipient: int, known: Known) -> Account:
    person_id = None
    if known.phone:
        person_id = new_id()
        records.add(
            Person(
                id=person_id,
                name=b"",
                id_number=b"",
                id_index=person_id,
                id_kind="resident",
                phone_index=person_id,
                phone_proven=2,
                created_at=NOW,
            )
        )
        records.flush()
    return Account(
        id=new_id(),
        channel=known.channel,
        app="app",
        user=new_id(),
        user_kind="openid",
        person_id=person_id,
        locale="zh_CN",
        last_inbound_at=known.inbound,
        followed=known.followed,
        subscription_credits=dict(known.credits),
        created_at=NOW,
        recipient=recipient,
        announcements_since=NOW if known.agreed else None,
        stopped_at=NOW if known.stopped else None,
    )
