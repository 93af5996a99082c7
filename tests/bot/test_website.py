"""The public pages: both languages, hardened, and a picture that is shown once."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy.exc import OperationalError

from models.documents import add_document
from models.notices import add_picture, make_link
from models.people import account_of
from models.sealing import SealError
from tests.bot.site import Site

ACCOUNT = "wechat:wx1:oWebsite"


@pytest.mark.parametrize(
    ("path", "chinese", "english"),
    [
        ("/", "社保卡", "social security card"),
        ("/privacy", "个人信息", "privacy notice"),
        ("/photos", "合格的照片", "good photo"),
    ],
)
def test_every_page_is_complete_in_both_languages(
    site: Site, path: str, chinese: str, english: str
) -> None:
    page = site.client.get(path).text
    assert '<html lang="zh-CN">' in page
    assert chinese in page
    page = site.client.get(f"{path}?lang=en").text
    assert '<html lang="en">' in page
    assert english in page.lower()
    assert not [ch for ch in page.replace("中文", "") if "一" <= ch <= "鿿"]


@pytest.mark.parametrize(
    ("wanted", "locale"),
    [
        ("en-GB,en;q=0.9", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("fr", "zh-CN"),
        ("", "zh-CN"),
    ],
)
def test_the_browsers_language_is_answered(site: Site, wanted: str, locale: str) -> None:
    page = site.client.get("/", headers={"Accept-Language": wanted}).text
    assert f'<html lang="{locale}">' in page
    chosen = site.client.get("/?lang=zh", headers={"Accept-Language": wanted}).text
    assert '<html lang="zh-CN">' in chosen


@pytest.mark.parametrize("path", ["/", "/privacy", "/static/site.css", "/picture/unknown"])
def test_every_page_is_hardened(site: Site, path: str) -> None:
    with site.client.get(path) as page:
        headers = page.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/", "/privacy"])
def test_no_page_holds_what_the_policy_forbids(site: Site, path: str) -> None:
    page = site.client.get(path).text
    for forbidden in ("<script", "<style", "style=", " onclick", "http://", "https://"):
        assert forbidden not in page


def test_no_file_outside_the_folder_is_served(site: Site) -> None:
    with site.client.get("/static/site.css") as sheet:
        assert sheet.status_code == 200
    for path in ("/static/../pages.py", "/static/%2e%2e/pages.py", "/static//etc/passwd"):
        assert site.client.get(path).status_code in (404, 308)


# --- one-use pictures ------------------------------------------------------------------------


def linked(site: Site) -> str:
    """The token of a link to a grey picture."""
    image = io.BytesIO()
    Image.new("RGB", (200, 280), (90, 90, 90)).save(image, "JPEG")
    now, parts = site.clock(), site.parts
    with parts.database.writing() as records:
        account_of(records, ACCOUNT, now)
        add_document(
            records, parts.keys, parts.objects, document_id="d" * 32, kind="portrait_on_file",
            image=image.getvalue(), media_type="image/jpeg", width=200, height=280,
            draft_id=None, expires_at=now + timedelta(days=30), now=now,
        )  # fmt: skip
        notice = add_picture(
            records,
            parts.keys,
            account=ACCOUNT,
            document_id="d" * 32,
            payload={},
            now=now,
            notice_id="n" * 32,
        )
        return make_link(records, notice, now)


def test_a_picture_is_shown_once_with_its_watermark_and_kept_by_nobody(site: Site) -> None:
    token = linked(site)
    shown = site.client.get(f"/picture/{token}")
    assert shown.status_code == 200
    assert shown.mimetype == "image/jpeg"
    assert shown.headers["Cache-Control"] == "no-store"
    picture = Image.open(io.BytesIO(shown.data)).convert("L")
    low, high = picture.getextrema()
    assert isinstance(low, int) and isinstance(high, int)
    assert high - low > 20, "no watermark"
    assert site.client.get(f"/picture/{token}").status_code == 404


def test_looking_whether_the_link_is_there_does_not_use_it_up(site: Site) -> None:
    """Messengers and their scanners ask with HEAD before the person opens a link."""
    token = linked(site)
    assert site.client.head(f"/picture/{token}").status_code < 400
    assert site.client.get(f"/picture/{token}").status_code == 200


def test_a_link_ends_after_ten_minutes(site: Site) -> None:
    token = linked(site)
    site.clock.shift(timedelta(minutes=10))
    assert site.client.get(f"/picture/{token}").status_code == 404


def test_a_link_to_a_picture_that_is_gone_is_not_found(site: Site) -> None:
    token = linked(site)
    for name in list(site.parts.objects.older_than(timedelta(days=-1))):
        site.parts.objects.delete(name)
    assert site.client.get(f"/picture/{token}").status_code == 404


FAULTS = [OperationalError("SELECT", {}, Exception("away")), SealError("damaged"), OSError("disk")]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
def test_a_picture_that_cannot_be_shown_does_not_log_its_token(
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    fault: Exception,
) -> None:
    def fail(*_: object) -> None:
        raise fault

    token = linked(site)
    place = "use_link" if isinstance(fault, OperationalError) else "open_document"
    monkeypatch.setattr(f"bot.website.pages.{place}", fail)
    shown = site.client.get(f"/picture/{token}")
    assert shown.status_code == 503
    assert token not in shown.text
    printed = capsys.readouterr()
    assert token not in printed.out + printed.err + caplog.text
