"""Photos of the ID card: real reading, two in flight, bad ones, the same side twice."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from models.documents import Document
from models.drafts import DraftRow
from tests.end_to_end.player import Player
from tests.end_to_end.service import Service
from tests.end_to_end.walks import BACK, FRONT, picture, picture_read_before, walk, with_photos
from tests.rig import wait_for

READ = "读好了，请对照身份证看一遍"
LINES = (
    "姓名：陈国强",
    "男，1990年3月7日出生，汉族",
    "证件号：119***********0019",
    "住址：江岭省石桥县柳湾乡五组",
    "有效期到：2038年5月12日",
)


@pytest.fixture
def player(service: Service) -> Player:
    """Somebody who is asked for the photos."""
    picture_read_before(FRONT, BACK)
    player = service.player()
    walk(player, with_photos(), until="id")
    return player


def photos_of(service: Service, player: Player) -> list[Document]:
    (draft,) = service.rows(DraftRow, DraftRow.account_key == service.key(player))
    found: list[Document] = service.rows(
        Document, Document.draft_id == draft.id, Document.kind == "id_photo"
    )
    return found


def asked_in_the_end(player: Player, words: str, seconds: float = 10.0) -> None:
    """The open question has these words, once everything in flight has come to an end."""
    ends = time.monotonic() + seconds
    while words not in (said := player.voice()) and time.monotonic() < ends:
        time.sleep(0.2)
    assert words in said


def said_of(player: Player, name: str, words: str) -> str:
    """What is said of a photo at once and, when it has been read in full, by API."""
    before = len(player.api.sent.get(player.openid, []))
    said = player.photo(picture(name))
    if words not in said:
        late = player.api.wait_for_message(player.openid, before, 20.0)
        said = "\n".join(message["text"]["content"] for message in late)
    assert words in said
    return said


@pytest.mark.parametrize("variant", ["tilted", "dark", "half"])
def test_the_real_reader_reads_a_photo_as_people_take_them(service: Service, variant: str) -> None:
    front, back = f"{FRONT}_{variant}", f"{BACK}_{variant}"
    picture_read_before(front, back)  # by the real reader; the clock of this test stays small
    player = service.player()
    said = walk(player, with_photos(front=front, back=back), until="id_read")
    assert READ in said
    assert [line for line in LINES if line not in said] == []


@pytest.mark.parametrize("order", [(FRONT, BACK), (BACK, FRONT)], ids=["front first", "back first"])
def test_two_photos_in_flight_are_each_taken_once(
    service: Service, player: Player, order: Sequence[str]
) -> None:
    first, second = (player.picture(picture(name)) for name in order)
    sent = [first, second, first, second, first, second]  # each is delivered three times
    with ThreadPoolExecutor(len(sent)) as pool:
        flying = []
        for message in sent:
            flying.append(pool.submit(player.deliver, message))
            time.sleep(0.02)
        heard = [flight.result() for flight in flying]
    asked_in_the_end(player, "2 有不对的")
    told = {said for said in heard if said}
    assert sum(READ in said for said in told) == 1
    assert len(told) == 2  # the one that acknowledges, and the outcome of both
    assert len(photos_of(service, player)) == 2


@pytest.mark.parametrize("order", [(FRONT, BACK), (BACK, FRONT)], ids=["front first", "back first"])
def test_photos_one_by_one_may_come_in_any_order(player: Player, order: Sequence[str]) -> None:
    first = player.photo(picture(order[0]))
    assert "请再发" in first
    assert READ in player.photo(picture(order[1]))


def test_a_photo_delivered_late_again_gets_its_own_answer_again(
    service: Service, player: Player
) -> None:
    front = player.picture(picture(FRONT))
    first = player.deliver(front)
    assert READ in player.photo(picture(BACK))
    assert player.deliver(front) == first
    assert len(photos_of(service, player)) == 2
    assert "2 有不对的" in player.voice()


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        (f"{FRONT}_blurred", "拿稳手机"),
        (f"{BACK}_blurred", "拿稳手机"),
        (f"{FRONT}_cut_off", "四个角"),
        ("landscape", "不像身份证"),
    ],
)
def test_a_bad_photo_gets_advice_and_the_next_one_is_taken(
    service: Service, player: Player, name: str, advice: str
) -> None:
    picture_read_before(name)
    said = said_of(player, name, advice)
    assert "手输" in said
    assert "请发身份证人像面" in player.voice()
    player.photo(picture(FRONT))
    assert READ in player.photo(picture(BACK))
    service.bot.clock.shift(timedelta(minutes=2))  # the bad one goes with the next housekeeping
    wait_for(lambda: len(photos_of(service, player)) == 2 or None)


def test_a_bad_second_photo_leaves_the_first_one_read(player: Player) -> None:
    picture_read_before(f"{BACK}_blurred")
    player.photo(picture(FRONT))
    said_of(player, f"{BACK}_blurred", "拿稳手机")
    assert "请再发国徽面" in player.voice()
    assert READ in player.photo(picture(BACK))


def test_the_same_side_twice_is_said_so(service: Service, player: Player) -> None:
    player.photo(picture(FRONT))
    said = player.photo(picture(FRONT))
    assert "两张是同一面" in said
    assert "国徽面" in said
    assert READ in player.photo(picture(BACK))
    service.bot.clock.shift(timedelta(minutes=2))
    wait_for(lambda: len(photos_of(service, player)) == 2 or None)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "再发一次"),
        (b"GIF89a", "照片"),
        (b"\xff\xd8\xff\xe0 cut", "照片"),
        (b"%PDF-1.7", "照片"),
    ],
    ids=["nothing", "animation", "cut", "document"],
)
def test_what_is_no_photo_is_said_so_and_nothing_is_kept(
    service: Service, player: Player, body: bytes, said: str
) -> None:
    assert said in player.photo(body)
    assert photos_of(service, player) == []
    assert "请发身份证人像面" in player.voice()


def test_typing_instead_after_one_photo_keeps_that_photo(service: Service, player: Player) -> None:
    player.photo(picture(FRONT))
    assert "请发姓名和身份证号" in player.say("手输")
    assert len(photos_of(service, player)) == 1
