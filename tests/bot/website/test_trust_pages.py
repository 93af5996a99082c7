"""`/looks`, `/check`, `/privacy`: what lets people trust the service."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.city import load_city
from config.privacy import SHIPPED, PrivacyFault, PrivacyNotices, folder_of
from models.audit import audit
from tests.bot.site import Site
from tests.bot.website.test_progress import shown
from tests.bot.website.visit import Visit, codes, handed_in

OTHER_CITY = Path(__file__).parents[2] / "config" / "other_city.toml"
UNVALUED = """
since = 2026-11-01
zh_CN = [{ title = "存", text = "{draft_days}天" }]
en = [{ title = "K", text = "days" }]
"""
FAKE = "【云州人社】您的社保卡已停用，请点 http://yz-sb.top 输入银行卡密码恢复"


@pytest.fixture
def site(fresh_site: Site) -> Site:
    """Each test has records of its own."""
    return fresh_site


def looked(site: Site, application_id: str) -> None:
    with site.parts.database.writing() as records:
        said = {"role": "officer", "purpose": "review"}
        audit(records, actor="staff:li.na", act="console.view", now=site.clock(), detail=said,
              subject=f"application:{application_id}", reason="李某来电询问")  # fmt: skip


# --- who has seen it ---------------------------------------------------------------------------


def test_looks_are_shown_to_the_bound_person_and_to_nobody_else(site: Site) -> None:
    application = handed_in(site)
    looked(site, application.id)
    visit = shown(site, application.number)
    visit.get("/looks")
    assert "还没有核对过的申请" in visit.text
    visit.get("/progress")
    visit.send("/progress/remember")
    visit.get("/looks")
    text = visit.text
    assert all(part in text for part in ("2026年11月23日", "市人社局审核人员", "审核申请"))
    assert "li.na" not in visit.page
    assert "李某" not in visit.page
    assert visit.answered["Cache-Control"] == "no-store"
    stranger = Visit(site)
    stranger.get("/looks")
    assert "市人社局审核人员" not in stranger.text


def test_nobody_has_looked(site: Site) -> None:
    visit = shown(site, handed_in(site).number)
    visit.send("/progress/remember")
    visit.get("/looks")
    assert "没有工作人员打开过" in visit.text


# --- is it from you ----------------------------------------------------------------------------


def test_anybody_may_hold_a_message_against_our_wordings(site: Site) -> None:
    visit = Visit(site)
    visit.get("/check")
    visit.send("/check", text=FAKE)
    text = visit.text
    assert "不是我们通知的写法" in text
    assert "yz-sb.top" in text
    assert site.parts.settings.public_url in text
    visit.send("/check", text="【云州人社】验证码482915，10分钟内有效。工作人员不会向您要验证码。")
    assert "没有查到发给您" in visit.text


def test_what_was_sent_to_the_phone_that_was_proven_here_is_ours(site: Site) -> None:
    visit = shown(site, handed_in(site).number)
    ours = f"【云州人社】验证码{codes(site)[0]}，10分钟内有效。工作人员不会向您要验证码。"
    with site.parts.database.writing() as records:
        records.connection().exec_driver_sql("UPDATE notices SET state = 'sent'")
    visit.get("/check")
    visit.send("/check", text=ours)
    assert "是我们发的：2026年11月23日" in visit.text
    stranger = Visit(site)
    stranger.get("/check")
    stranger.send("/check", text=ours)
    assert "是我们发的：" not in stranger.text


def test_a_text_is_shown_as_text_and_a_long_one_is_cut(site: Site) -> None:
    visit = Visit(site)
    visit.get("/check")
    visit.send("/check", text="<script>alert(1)</script>" + "长" * 5000)
    assert visit.status == 200
    assert "<script>" not in visit.page
    visit.send("/check", text="  ")
    assert "原样粘贴" in visit.text


# --- the privacy notice ------------------------------------------------------------------------


def test_the_present_notice_comes_first_and_each_older_one_has_an_address(
    folder: Path, redis_url: str
) -> None:
    site = Site(folder, redis_url, city=OTHER_CITY)
    visit = Visit(site)
    visit.get("/privacy")
    assert "版本 2027-02，2027年2月1日起" in visit.text
    assert 'href="/privacy/2026-11"' in visit.page
    visit.get("/privacy/2026-11")
    assert "没提交的草稿存77天" in visit.text
    assert "旧的版本" in visit.text
    assert 'href="/privacy"' in visit.page
    visit.get("/privacy/2026-11?lang=en")
    assert "A draft is kept for 77 days" in visit.text
    for unknown in ("2025-01", "..%2fcity", "__init__"):
        visit.get(f"/privacy/{unknown}")
        assert visit.status == 404
    site.close()


def test_the_only_version_says_so(site: Site) -> None:
    visit = Visit(site)
    visit.get("/privacy")
    assert site.parts.city.notice_version in visit.text
    assert "只有这一版" in visit.text
    assert site.parts.city.notice_version in {path.stem for path in SHIPPED.glob("*.toml")}


@pytest.mark.parametrize(
    ("name", "body", "fault"),
    [
        ("2026-11", UNVALUED, "2026-11: zh_CN needs a value of its own"),
        ("2026-11", 'since = 2026-11-01\n[[zh_CN]]\ntitle = "存"\ntext = "无"\n', "en"),
        ("2027-03", "", "no privacy notice of the present version"),
        ("2026-11", "since = yesterday", "2026-11.toml"),
    ],
)  # fmt: skip
def test_a_notice_that_cannot_be_shown_as_it_was_is_found_at_start(
    tmp_path: Path, name: str, body: str, fault: str
) -> None:
    present = (OTHER_CITY.parent / "privacy" / "2027-02.toml").read_text("utf-8")
    if body:
        (tmp_path / "2027-02.toml").write_text(present, "utf-8")
        (tmp_path / f"{name}.toml").write_text(body, "utf-8")
    with pytest.raises(PrivacyFault, match=fault):
        PrivacyNotices.load(load_city(OTHER_CITY), tmp_path)


def test_a_city_without_notices_of_its_own_has_the_shipped_ones(tmp_path: Path) -> None:
    assert folder_of(tmp_path / "city.toml") == SHIPPED
    assert folder_of(None) == SHIPPED
    assert folder_of(OTHER_CITY) == OTHER_CITY.parent / "privacy"
