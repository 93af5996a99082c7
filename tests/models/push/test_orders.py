"""An order is carried out once, also when it comes twice at the same moment."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from config.city import load_city
from config.templates import load_templates
from models.database import Database
from models.push.campaigns import Campaign
from models.push.orders import KeyReused, Order, place_order
from models.push.templates import keep_template
from tests.models.making import NOW

CITY = load_city()
TEMPLATES = load_templates(CITY)
PLAIN = {"chat": {"zh_CN": "周末照常办理。", "en": "Open at weekends."}}
ORDER = Order("周末", "weekend", purpose="announcement", segment={"channels": ["wechat"]})
KEY = "0123456789abcdef"


def kept(database: Database) -> None:
    with database.writing() as records:
        keep_template(records, "weekend", PLAIN, NOW, by="staff:1")


def placed(database: Database, order: Order, by: str = "system:bank", key: str = KEY) -> int:
    with database.writing() as records:
        campaign, _ = place_order(records, CITY, TEMPLATES, order, NOW, by=by, key=key)
        return campaign.id


def test_the_same_key_of_the_same_system_is_the_same_campaign(database: Database) -> None:
    kept(database)
    number = placed(database, ORDER)
    assert placed(database, ORDER) == number
    with pytest.raises(KeyReused):
        placed(database, replace(ORDER, cost_cap=1))
    assert (
        len({number, placed(database, ORDER, "system:other"), placed(database, ORDER, key="")}) == 3
    )


def test_an_order_takes_the_version_it_names_or_the_latest(database: Database) -> None:
    kept(database)
    later = {"chat": {"zh_CN": "周末不办理。", "en": "Closed at weekends."}}
    with database.writing() as records:
        keep_template(records, "weekend", later, NOW, by="staff:1")
    first, last = placed(database, replace(ORDER, version=1)), placed(database, ORDER, key="")
    with database.reading() as records:
        said = [records.get_one(Campaign, each).message["chat"] for each in (first, last)]
    assert said == [PLAIN["chat"], later["chat"]]


def test_two_at_once_make_one_campaign(postgres_database: Database) -> None:
    kept(postgres_database)
    numbers: list[int] = []
    with postgres_database.writing() as records:
        first, _ = place_order(records, CITY, TEMPLATES, ORDER, NOW, by="system:bank", key=KEY)
        other = threading.Thread(target=lambda: numbers.append(placed(postgres_database, ORDER)))
        other.start()
    other.join()
    assert numbers == [first.id]
    with postgres_database.reading() as records:
        assert records.scalar(select(func.count()).select_from(Campaign)) == 1
