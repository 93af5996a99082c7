"""The home page: both ways, figures from the profile, and codes where the city has accounts."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.website.qr import qr_svg
from config.city import SHIPPED
from tests.bot.site import Site
from tests.bot.website.guest import Guest

CODE = "https://qr.example/yunzhou"


@pytest.fixture
def with_codes(tmp_path: Path, redis_url: str) -> Site:
    profile = tmp_path / "city.toml"
    text = SHIPPED.read_text("utf-8").replace('wechat_code = ""', f'wechat_code = "{CODE}"')
    profile.write_text(text.replace("making = 15 ", "making = 17 "), "utf-8")
    return Site(tmp_path, redis_url, city=profile)


def test_both_ways_are_one_press_away(site: Site) -> None:
    guest = Guest(site)
    assert "第1步" not in guest.get("/")
    for path in ("/apply", "/progress"):
        assert f'<a class="way{" first" if path == "/apply" else ""}" href="{path}">' in guest.page


def test_figures_and_codes_are_the_citys(with_codes: Site) -> None:
    guest = Guest(with_codes)
    assert "17个工作日" in guest.get("/")
    assert 'src="/qr/wechat.svg"' in guest.page
    assert "/qr/alipay.svg" not in guest.page
    with with_codes.client.get("/qr/wechat.svg") as code:
        assert (code.mimetype, code.data) == ("image/svg+xml", qr_svg(CODE))
    for name in ("alipay", "other"):
        assert with_codes.client.get(f"/qr/{name}.svg").status_code == 404
    with_codes.close()


def test_a_code_is_black_on_white_with_a_quiet_zone_and_no_script() -> None:
    drawn = qr_svg(CODE).decode()
    assert 'viewBox="0 0 ' in drawn
    assert "#fff" in drawn and "#000" in drawn
    assert "<script" not in drawn and "style=" not in drawn


def test_an_address_that_is_none_has_a_page_and_a_way_home(site: Site) -> None:
    guest = Guest(site)
    assert "没有这一页" in guest.get("/nowhere")
    assert (guest.status, 'href="/"' in guest.page) == (404, True)


def test_what_a_page_looks_like_is_kept_apart_for_each_visitor(site: Site) -> None:
    home = site.client.get("/").headers
    assert home["Cache-Control"] == "private, no-cache"
    assert set(home["Vary"].split(", ")) == {"Cookie", "Accept-Language"}
    with site.client.get("/static/site.css") as sheet:
        assert "Vary" not in sheet.headers
