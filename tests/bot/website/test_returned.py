"""What came back on the site: told on the page for progress, corrected in the chat of the page."""

from __future__ import annotations

import pytest

from models.applications import Application
from tests.bot.site import Site
from tests.bot.website.visit import Visit, codes
from tests.handlers.returning import came_back


@pytest.fixture
def site(fresh_site: Site) -> Site:
    return fresh_site


@pytest.fixture
def application(site: Site) -> Application:
    parts, now = site.parts, site.clock().astimezone(site.parts.city.tz)
    return came_back(
        parts.database, parts.city, parts.texts, "wechat:wx1:oElsewhere", now, keys=parts.keys
    )


def proven(site: Site, application: Application) -> Visit:
    visit = Visit(site)
    visit.get("/progress")
    visit.send("/progress/ask", number=application.number)
    visit.send("/progress/code", code=codes(site)[-1])
    return visit


def test_the_page_says_what_is_wrong_and_until_when(site: Site, application: Application) -> None:
    visit = proven(site, application)
    assert "差一样东西：照片要重拍。" in visit.text
    assert "照片背景偏灰，制卡要纯白背景" in visit.text
    assert "现在补正" not in visit.text  # not before the browser is known to be the person's


def test_one_press_leads_to_what_is_to_be_done(site: Site, application: Application) -> None:
    visit = proven(site, application)
    visit.send("/progress/remember")
    assert "现在补正" in visit.text
    visit.send("/apply", word="补正")
    assert "差一样东西：照片要重拍。" in visit.text
    assert "现在重拍" in visit.text
    assert "改用公安登记照" in visit.text
    visit.send("/apply", text="1")
    assert "请发新照片" in visit.text
