"""What the tests of the person's side begin with: a campaign, and what somebody got of it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Records

from models.applications import Application
from models.database import Database
from models.people import account_of
from models.push.campaigns import Campaign
from models.push.counts import Key, add_counts, counts_of
from models.push.deliveries import Delivery
from models.push.messages import Message, Option
from models.push.reminders import name_of
from tests.models.making import ACCOUNT, NOW

OPTIONS = (
    Option({"zh_CN": "去人民路支行", "en": "Renmin Road branch"}),
    Option({"zh_CN": "再想想", "en": "Not sure yet"}),
)
TEXT = {"zh_CN": "和平路支行月底关门。", "en": "The Heping Road branch closes this month."}
ASKS = Message(chat=TEXT, options=OPTIONS)
LISTENS = Message(chat={"zh_CN": "您对领卡满意吗？", "en": "Were you satisfied?"}, answers=True)
SAYS = Message(chat={"zh_CN": "周六照常开门。", "en": "Open this Saturday."})


def make_campaign(records: Records, message: Message = SAYS, **other: Any) -> Campaign:
    """One that is running, with whatever differs."""
    usual: dict[str, Any] = {
        "name": "通知",
        "kind": "message",
        "purpose": "service",
        "stage": "running",
        "message": message.written(),
        "audience": {},
        "expires_at": NOW + timedelta(days=60),
        "from_hour": 0,
        "until_hour": 0,
        "written_by": "staff:1",
        "written_at": NOW,
    }
    campaign = Campaign(**{**usual, **other})
    records.add(campaign)
    records.flush()
    return campaign


def got(
    records: Records,
    campaign: Campaign,
    account: str = ACCOUNT,
    *,
    at: datetime = NOW,
    state: str = "sent",
    road: str = "wechat:chat",
    number: str | None = None,
) -> int:
    """The account's person got it, or waits for it, as its sending leaves them; their recipient."""
    recipient = account_of(records, account, NOW).recipient
    row = Delivery(
        campaign_id=campaign.id,
        recipient=recipient,
        number=number,
        state=state,
        road="visit" if state == "visit" else road,
        sent_at=at if state == "sent" else None,
        called_at=at if state == "unknown" else None,
    )
    records.add(row)
    records.flush()
    add_counts(records, campaign.id, Counter({(state, row.road, ""): 1}))
    return recipient


def reminded(records: Records, application: Application) -> list[tuple[str, str]]:
    """Every reminder of an application that is a delivery: which notice, and on which day."""
    its = (
        select(Campaign)
        .join(Delivery, Delivery.campaign_id == Campaign.id)
        .where(Delivery.number == application.number)
        .order_by(Campaign.id)
    )
    found = records.scalars(its).all()
    return [(name_of(each), each.name.split()[1]) for each in found]


def counted(database: Database, campaign_id: int) -> Counter[Key]:
    """What is counted of it, zeros left out."""
    with database.reading() as records:
        return +counts_of(records, campaign_id)
