"""From 你好 to the acceptance number by an independent player, and the record it leaves in SQL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from models.application_states import State
from models.applications import Application, events_of
from models.consents import Consent
from models.documents import Document
from models.drafts import DraftRow
from models.notices import Notice
from models.people import Person
from tests.end_to_end.player import Player
from tests.end_to_end.service import Service, serving
from tests.end_to_end.walks import (
    BACK,
    FRONT,
    Said,
    picture,
    picture_read_before,
    texts,
    typed,
    walk,
    with_photos,
)

KEYS = (
    "for_whom", "name", "sex", "birth_date", "id_type", "id_number", "ethnicity", "id_address",
    "valid_until", "phone", "lives_at", "district", "status", "employer", "occupation",
    "household", "bank", "branch", "delivery", "portrait",
)  # fmt: skip
MOST_WITH_PHOTOS, MOST_TYPED = 12, 17  # messages, from the one after 办卡 to the acceptance number

CHEN = {
    "for_whom": "self", "name": "陈国强", "sex": "male", "birth_date": "1990-03-07",
    "id_type": "RESIDENT_ID", "id_number": "119999199003070019", "ethnicity": "01",
    "id_address": "江岭省石桥县柳湾乡五组", "valid_until": "2038-05-12", "phone": "13900001234",
    "lives_at": "城东区和平路18号", "district": "119901", "status": "employed",
    "employer": "华云建筑劳务公司", "occupation": "030", "household": "52", "bank": "CCB",
    "branch": "CCB-01", "delivery": "pickup",
}  # fmt: skip
ZHAO = {
    "for_whom": "self", "name": "赵小云", "sex": "female", "birth_date": "1992-08-19",
    "id_type": "RESIDENT_ID", "id_number": "119999199208190022", "ethnicity": "01",
    "id_address": "云州市城东区人民路12号3单元502室", "valid_until": "2039-09-01",
    "phone": "13900002201", "lives_at": "12 Renmin Road, Chengdong District",
    "district": "119901", "status": "student", "employer": "", "occupation": "120",
    "household": "51", "bank": "ICBC", "branch": "", "delivery": "post",
}  # fmt: skip
WANG = {
    "for_whom": "self", "name": "王䶮", "sex": "male", "birth_date": "1978-09-11",
    "id_type": "RESIDENT_ID", "id_number": "11999919780911005X", "ethnicity": "01",
    "id_address": "", "valid_until": "long_term", "phone": "13900002203",
    "lives_at": "城东区人民路1号", "district": "119901", "status": "self_employed",
    "employer": "", "occupation": "110", "household": "51", "bank": "ABC", "branch": "ABC-01",
    "delivery": "pickup",
}  # fmt: skip

IN_ENGLISH = [
    *texts("menu", "English", "apply for a card"),
    *texts("notice", "I agree"),
    Said("id", lambda player: player.photo(picture("zhao_xiaoyun_back"))),
    Said("id_front", lambda player: player.photo(picture("zhao_xiaoyun_front"))),
    *texts("id_read", "all correct"),
    *texts("phone", "139 0000 2201"),
    *texts("code", "482915"),
    *texts("lives_at", "12 Renmin Road, Chengdong District"),
    *texts("work", "student"),
    *texts("branch", "by post", "ICBC"),
    *texts("portrait", "use this one"),
    *texts("check", "confirm"),
]
UNREADABLE = [
    *texts("menu", "办卡"),
    *texts("notice", "同意"),
    Said("id", lambda player: player.photo(picture("chen_guoqiang_front_blurred"))),
    *texts("id", "手输"),
    *texts("name_number", "王䶮 11999919780911005x"),
    *texts("ethnicity", "汉族"),
    *texts("valid_until", "长期有效"),
    *texts("phone", "13900002203"),
    *texts("code", "482915"),
    *texts("lives_at", "我住在云州市城东区人民路1号"),
    *texts("work", "在家种地"),
    *texts("branch", "农业银行和平路支行"),
    *texts("portrait", "用这张"),
    *texts("check", "确认"),
]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Service]:
    with serving(tmp_path_factory.mktemp("plain"), redis_url, "plain") as running:
        yield running


def applied(service: Service, player: Player, said: list[Said]) -> Application:
    """Walk the form after a greeting; the one application that is in SQL then."""
    greeted = player.say("你好")
    assert "1 办卡" in greeted
    player.answers = 0
    last = walk(player, said)
    (application,) = service.applications(player)
    assert application.number in last
    return application


def has_left(
    service: Service, player: Player, application: Application, told: Any, codes: int = 1
) -> None:
    """Every answer under its key, the portrait, and each record that belongs to the application."""
    answers = service.answers(application)
    assert {key: answers[key] for key in KEYS if key != "portrait"} == told
    assert set(KEYS) < set(answers)
    documents = {d.id: d.kind for d in service.rows(Document)}
    assert answers["portrait"]["source"] == "on_file"
    assert documents[answers["portrait"]["document"]] == "portrait_on_file"
    account = service.key(player)
    assert application.account_key == account
    assert application.state == State.SUBMITTED
    assert application.holder_proven
    assert not application.contested
    assert application.applicant_id == application.holder_id
    (holder,) = service.rows(Person, Person.id == application.holder_id)
    assert holder.open_id_number(service.bot.keys) == told["id_number"]
    assert holder.open_phone(service.bot.keys) == told["phone"]
    kept = service.rows(Document, Document.application_id == application.id)
    assert all(document.expires_at is None for document in kept)
    assert set(answers["id_photos"].values()) <= {d.id for d in kept if d.kind == "id_photo"}
    (draft,) = service.rows(DraftRow, DraftRow.account_key == account)
    assert draft.ended_how == "submitted"
    matters = service.rows(Notice, Notice.account_key == account, Notice.kind == "sms")
    assert len(matters) == codes + 1  # that it was handed in, too
    with service.records() as records:
        moves = [(e.from_state, e.to_state) for e in events_of(records, application.id)]
    assert moves == [(State.DRAFT, State.SUBMITTED)]


def consents(service: Service, application: Application) -> dict[str, Any]:
    rows = service.rows(Consent, Consent.application_id == application.id)
    return {row.kind: row for row in rows}


def test_a_walk_in_safe_mode_leaves_the_whole_record(service: Service) -> None:
    picture_read_before(FRONT, BACK)
    player = service.player()
    application = applied(service, player, with_photos())
    has_left(service, player, application, CHEN)
    assert player.answers - 1 <= MOST_WITH_PHOTOS
    given = consents(service, application)
    assert set(given) == {"general", "sensitive", "handing_over"}
    assert given["handing_over"].detail == {"bank": "CCB"}
    photos = service.answers(application)["id_photos"]
    assert set(photos) == {"front", "back"}


def test_a_walk_in_plain_mode_leaves_the_whole_record(plain: Service) -> None:
    picture_read_before(FRONT, BACK)
    player = plain.player()
    has_left(plain, player, applied(plain, player, with_photos()), CHEN)


def test_a_walk_in_english_leaves_the_whole_record(service: Service) -> None:
    picture_read_before("zhao_xiaoyun_front", "zhao_xiaoyun_back")
    player = service.player()
    application = applied(service, player, IN_ENGLISH)
    has_left(service, player, application, ZHAO)
    assert {consent.locale for consent in consents(service, application).values()} == {"en"}


def test_a_walk_without_a_readable_card_leaves_the_whole_record(service: Service) -> None:
    player = service.player()
    application = applied(service, player, UNREADABLE)
    has_left(service, player, application, WANG)
    assert player.answers - 1 <= MOST_TYPED


def test_the_portrait_comes_as_a_picture_before_its_question(service: Service) -> None:
    player = service.player()
    asked = walk(player, typed("周明远", "119999195801030099", "13900002206"), until="portrait")
    assert "这是您的公安登记照" in asked
    (sent,) = service.api.sent[player.openid]
    assert sent["msgtype"] == "image"


@pytest.mark.parametrize(
    ("name", "number", "phone", "kind", "birth"),
    [
        ("JANE SMITH", "911840198001010013", "13900002210", "FOREIGN_PR", "1980-01-01"),
        ("何嘉文", "820000199101010018", "13900002209", "HKMO_RESIDENCE_PERMIT", "1991-01-01"),
        ("田𠮷", "119999198305300073", "13900002204", "RESIDENT_ID", "1983-05-30"),
        ("买买提•吐尔逊", "119999198504220033", "13900002202", "RESIDENT_ID", "1985-04-22"),
    ],
)
def test_every_kind_of_name_and_number_comes_through(
    service: Service, name: str, number: str, phone: str, kind: str, birth: str
) -> None:
    player = service.player()
    said = typed(name, number, phone)
    if kind != "RESIDENT_ID":
        said = [message for message in said if message.step != "ethnicity"]
    if name.startswith("买买提"):  # no portrait on file
        said = [message for message in said if message.step not in ("portrait", "check")]
        own = picture("portrait_chen_guoqiang")
        said += [Said("portrait", lambda player: player.photo(own))]
        said += [*texts("portrait", "1"), *texts("check", "确认")]
    walk(player, said)
    (application,) = service.applications(player)
    answers = service.answers(application)
    wanted = (name.replace("•", "·"), number, kind, birth)
    assert wanted == tuple(answers[k] for k in ("name", "id_number", "id_type", "birth_date"))
    assert answers["portrait"]["source"] == ("own" if "买买提" in name else "on_file")
