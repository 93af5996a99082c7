"""领卡码 on the site: for who is known or has just proven it, with a QR code, while it holds."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from models.application_states import State
from models.passes import live_passes
from tests.bot.site import Site
from tests.bot.website.visit import Visit, codes, handed_in, put


@pytest.fixture
def site(fresh_site: Site) -> Site:
    """Each test has records of its own."""
    return fresh_site


def proven(site: Site, number: str) -> Visit:
    visit = Visit(site)
    visit.get("/progress")
    visit.send("/progress/ask", number=number)
    visit.send("/progress/code", code=codes(site)[-1])
    return visit


def passes(site: Site, application_id: str) -> int:
    with site.parts.database.reading() as records:
        return len(live_passes(records, application_id, site.clock()))


def test_after_the_proof_the_code_is_shown_with_its_picture_until_it_ends(site: Site) -> None:
    application = handed_in(site)
    put(site, application, state=State.READY_FOR_PICKUP)
    visit = proven(site, application.number)
    assert "到了网点，取领卡码" in visit.text
    visit.send("/progress/pass", application=application.id)
    assert re.search(r"领卡码：\d{3} \d{3}", visit.text)
    assert "<svg" in visit.page and "style=" not in visit.page
    assert "前有效" in visit.text
    assert passes(site, application.id) == 1
    site.clock.shift(timedelta(minutes=site.parts.city.collection.pass_minutes))
    assert "<svg" not in visit.get("/progress")


def test_somebody_elses_card_gives_no_code_whatever_is_asked(site: Site) -> None:
    application = handed_in(site)
    put(site, application, state=State.READY_FOR_PICKUP)
    visit = Visit(site)
    visit.get("/progress")
    visit.send("/progress/pass", application=application.id)
    assert "没有找到这张卡" in visit.text
    assert passes(site, application.id) == 0


def test_before_it_is_ready_there_is_no_button_and_no_code(site: Site) -> None:
    application = handed_in(site)
    put(site, application, state=State.PRODUCED)
    visit = proven(site, application.number)
    assert "取领卡码" not in visit.text
    visit.send("/progress/pass", application=application.id)
    assert "还没有到网点" in visit.text
    assert passes(site, application.id) == 0
