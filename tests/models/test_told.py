"""What staff see of what a person was told: notices and pushes in one line, masked."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from models.database import Database
from models.ladders import add_notice
from models.people import bind
from models.push.deliveries import Delivery
from models.told import told_to
from tests.models.making import ACCOUNT, KEYS, NOW, make_application, make_person, new_id
from tests.models.push.person import got, make_campaign

MINE = "alipay:app:mine"


def test_pushes_stand_among_the_notices_by_their_moment_and_road(database: Database) -> None:
    with database.writing() as records:
        person = make_person(records)
        for key in (ACCOUNT, MINE):
            bind(records, key, person.id, NOW)
        application = make_application(records, person)
        add_notice(
            records, KEYS, account=ACCOUNT, name="activated", params={"number": application.number},
            locale="zh_CN", now=NOW, notice_id=new_id(),
        )  # fmt: skip
        later = NOW + timedelta(hours=1)
        campaign = make_campaign(records, name="网点停办")
        campaign_id, number = campaign.id, application.number
        got(records, campaign, at=later, road="alipay:chat", number=application.number)
        its = update(Delivery).where(Delivery.campaign_id == campaign.id)
        left = "wechat:chat window 45015; wechat:template no_room"
        records.execute(its.values(left=left, receipt="delivered"))
        records.expire_all()
        got(records, make_campaign(records), "wechat:wx1:oStranger")
        notice, push = told_to(records, KEYS, application)
    assert (notice.wording, notice.account) == ("activated", ACCOUNT)
    assert (push.account, push.road, push.state, push.delivery) == (
        MINE, "alipay:chat", "sent", "delivered",
    )  # fmt: skip
    assert push.wording == f"push {campaign_id} 网点停办"
    assert push.params == {"number": f"***{number[-4:]}"}
    assert (push.at, push.sent_at) == (later, later)
    assert push.left == [
        ["wechat:chat", "window 45015", ""], ["wechat:template", "no_room", ""],
    ]  # fmt: skip
