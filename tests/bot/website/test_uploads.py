"""Photos sent by a form: checked by their first bytes, kept for an hour, opened for their own."""

from __future__ import annotations

import io
from datetime import timedelta
from uuid import uuid4

import pytest
from PIL import Image
from sqlalchemy import select

from bot.dialogue.messages import AccountKey, Media
from bot.ports import SendError
from models.documents import Document, expire_documents
from models.jobs import Job
from tests.bot.site import Site
from tests.bot.website.guest import Guest
from tests.rig import PICTURES

FACE = (PICTURES / "chen_guoqiang_front.jpg").read_bytes()
LIMIT = 20_000_000


@pytest.fixture
def applying(guest: Guest) -> Guest:
    """Somebody who is asked for a photo."""
    guest.send(word="同意")
    return guest


def uploads(guest: Guest) -> list[Document]:
    """What is kept of this guest's."""
    mine = select(Document).where(Document.account_key == str(guest.account()))
    with guest.site.parts.database.reading() as records:
        return list(records.scalars(mine).all())


def kept(guest: Guest) -> Media:
    """A photo of this guest's, without the question that it answers."""
    return guest.site.parts.uploads.keep(guest.account(), uuid4().hex, FACE)


def as_gif() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (400, 500)).save(out, "GIF")
    return out.getvalue()


def test_a_photo_is_kept_sealed_for_an_hour(site: Site, applying: Guest) -> None:
    mine, channel = kept(applying), site.parts.channels["web"]
    [row] = uploads(applying)
    assert (row.kind, row.media_type) == ("upload", "image/jpeg")
    assert FACE not in site.parts.objects.get(row.object_name)
    assert channel.fetch(mine, LIMIT, 1.0) == FACE
    assert len(channel.fetch(mine, 1000, 1.0)) == 1001
    site.clock.shift(timedelta(hours=1))
    with pytest.raises(SendError, match="permanent"):
        channel.fetch(mine, LIMIT, 1.0)
    expire_documents(site.parts.database, site.parts.objects, site.clock())
    assert uploads(applying) == []


def test_somebody_elses_photo_is_nobodys_to_open(site: Site, applying: Guest) -> None:
    mine, other = kept(applying), AccountKey("web", "site", "other")
    assert site.parts.uploads.media_of(other, mine.id) is None
    for url in (str(other), "", "web:site"):
        with pytest.raises(SendError, match="permanent"):
            site.parts.channels["web"].fetch(Media(mine.id, url=url), LIMIT, 1.0)
    with pytest.raises(KeyError):
        site.parts.uploads.keep(other, mine.id, FACE)


def test_a_photo_reaches_the_work_that_reads_it_once_however_often_it_is_sent(
    site: Site, applying: Guest
) -> None:
    once = applying.once()
    for _ in range(2):
        applying.post(once=once, photo=FACE)
    assert len(uploads(applying)) == 1
    assert applying.get("/apply").count("您： ［照片］") == 1
    asked = select(Job).where(Job.account_key == str(applying.account()))
    with site.parts.database.reading() as records:
        [job] = records.scalars(asked).all()
        media = Media(*job.open_payload(site.parts.keys)["media"])
    assert site.parts.channels["web"].fetch(media, LIMIT, 1.0) == FACE


@pytest.mark.parametrize(
    ("photo", "told"),
    [
        (b"%PDF-1.7 no picture", "problem.photo.type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "problem.photo.type"),
        (as_gif(), "problem.photo.animated"),
    ],
)
def test_what_is_no_photo_gets_a_clear_answer_and_the_question_stays(
    site: Site, applying: Guest, photo: bytes, told: str
) -> None:
    shown = applying.send(photo=photo)
    assert site.parts.texts.say("zh_CN", told) in shown
    assert uploads(applying) == []
    assert 'value="窗口"' in applying.page
    assert "没太明白" not in shown


def test_a_photo_that_is_too_large_is_refused_before_it_is_kept(
    site: Site, applying: Guest
) -> None:
    most = site.parts.city.photo.max_bytes
    for size, status in ((most + 1_000_000, 413), (most + 1, 303)):
        # The test client leaves its own temporary file open when it writes so much itself.
        body = _field("once") + applying.once().encode() + b"\r\n"
        body += _field("photo", "p.jpg") + FACE + bytes(size - len(FACE)) + b"\r\n--b--\r\n"
        answer = applying.client.post(
            "/apply", data=body, content_type="multipart/form-data; boundary=b"
        )
        assert answer.status_code == status
        assert "太大" in (answer.text if status == 413 else applying.get("/apply"))
    assert uploads(applying) == []
    assert "第2步" in applying.get("/apply")


def _field(name: str, file: str = "") -> bytes:
    """How one field of a form begins."""
    named = f'form-data; name="{name}"' + (f'; filename="{file}"' if file else "")
    return f"--b\r\nContent-Disposition: {named}\r\n\r\n".encode()
