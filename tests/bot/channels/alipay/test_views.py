"""The application gateway over HTTP: who is let in, what is answered, what becomes of a message."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from redis import Redis
from sqlalchemy import select

from bot.channels.alipay.ant import WITHDRAWN
from bot.channels.alipay.signing import KeyFault
from bot.website.operations import ALIPAY_REFUSED, ALIPAY_SECOND_RULE, ALIPAY_UNREAD
from models.people import Account, find_account
from models.platform_ids import PlatformId
from models.tickets import Ticket
from tests.bot.channels.alipay.gateway import Gateway
from tests.bot.channels.alipay.sender import (
    APP_ID,
    CHECK,
    LIFE,
    OPEN_ID,
    Sender,
    body_of,
    private_pem,
    public_line,
    rsa_holds,
    signed,
)

MINI_ID = "2021000000000002"
PEOPLE = (f"2088{n:012d}" for n in range(100, 1000))


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Gateway]:
    folder: Path = tmp_path_factory.mktemp("alipay")
    made = Gateway(folder, redis_url)
    yield made
    made.close()


@pytest.fixture
def person(gateway: Gateway) -> Sender:
    """Somebody who has never written before."""
    return Sender(gateway.clock, next(PEOPLE))


def refused(reason: str) -> float:
    return float(ALIPAY_REFUSED.labels(reason)._value.get())


# --- activation -----------------------------------------------------------------------------------


@pytest.mark.parametrize("charset", ["GBK", "UTF-8"])
def test_the_console_activates_the_gateway(gateway: Gateway, charset: str) -> None:
    sender = Sender(gateway.clock, charset=charset)
    answer = gateway.post(sender.life(sender.event("verifygw"), CHECK))
    inner = f"<success>true</success><biz_content>{public_line('ours')}</biz_content>".encode()
    assert answer.status_code == 200
    assert answer.content_type == f"text/xml;charset={charset}"
    head = f'<?xml version="1.0" encoding="{charset}"?><alipay><response>'.encode()
    assert answer.data.startswith(head + inner + b"</response><sign>")
    signature = re.search(rb"<sign>(.*)</sign>", answer.data)
    assert signature
    assert rsa_holds("ours", inner, signature[1].decode())


def test_a_wrongly_signed_activation_hears_so_under_our_signature(gateway: Gateway) -> None:
    sender = gateway.sender
    fields = sender.fields(sender.event("verifygw"), CHECK)
    answer = gateway.post(body_of(signed(fields, with_type=True, whose="strangers")))
    told = b"<success>false</success><error_code>VERIFY_FAILED</error_code><biz_content>"
    assert answer.status_code == 200
    assert told in answer.data
    assert b"<sign_type>RSA2</sign_type></alipay>" in answer.data


def test_an_activation_for_another_application_is_refused(gateway: Gateway) -> None:
    sender = gateway.sender
    answer = gateway.post(sender.life(sender.event("verifygw", AppId="2021000000000002"), CHECK))
    assert b"VERIFY_FAILED" in answer.data


# --- who is let in --------------------------------------------------------------------------------


def test_only_alipay_is_let_in(gateway: Gateway, person: Sender) -> None:
    fields = person.fields(person.text("进度"))
    before = refused("signature")
    for body in (
        body_of(signed(fields, with_type=True, whose="strangers")),
        body_of({**signed(fields, with_type=True), "biz_content": b"<XML/>"}),
    ):
        answer = gateway.post(body)
        assert (answer.status_code, answer.data) == (403, b"")
    assert refused("signature") == before + 2
    assert gateway.mail(person.user) == []


@pytest.mark.parametrize("body", [b"", b"&&&", b"%%%=%%%", b"\xff\xfe=1", b"service=x&service=x"])
def test_garbage_is_a_bad_signature(gateway: Gateway, body: bytes) -> None:
    assert gateway.post(body).status_code == 403


def test_the_query_is_no_part_of_what_is_signed(gateway: Gateway, person: Sender) -> None:
    right = signed(person.fields(person.event("enter")), with_type=True)
    half = {name: right[name] for name in ("biz_content", "charset", "service")}
    query = {name: right[name].decode() for name in ("sign", "sign_type")}
    assert gateway.post(body_of(half), query_string=query).status_code == 403
    answer = gateway.post(body_of(right), query_string={"route": "alipay", "sign": "x"})
    assert b"<![CDATA[ack]]>" in answer.data


def test_a_body_of_any_content_type_is_read_as_it_came(gateway: Gateway, person: Sender) -> None:
    body = person.life(person.event("enter"))
    for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data"):
        answer = gateway.client.post("/alipay/", data=body, content_type=kind)
        assert b"<![CDATA[ack]]>" in answer.data, kind


def test_what_is_too_large_is_refused_unread(gateway: Gateway) -> None:
    assert gateway.post(b"biz_content=" + b"x" * 300_000).status_code == 413


def test_there_is_nothing_to_see(gateway: Gateway) -> None:
    assert gateway.client.get("/alipay").status_code == 405


# --- what people send -----------------------------------------------------------------------------


def test_a_follower_and_a_word_are_answered_by_messages_alone(
    gateway: Gateway, person: Sender
) -> None:
    assert gateway.acknowledged(person.life(person.event("follow")), person.user)
    (hello,) = gateway.mail(person.user)
    assert "2 查进度" in hello or "查进度" in hello
    assert gateway.acknowledged(person.life(person.text("进度")), person.user)
    (asked,) = gateway.mail(person.user)
    assert "受理号" in asked
    assert "<a " not in asked


@pytest.mark.parametrize("charset", ["GBK", "UTF-8"])
def test_a_message_delivered_again_is_answered_once(
    gateway: Gateway, person: Sender, charset: str
) -> None:
    person.charset = charset
    body = person.life(person.text("你好，镕堃"))
    for _ in range(3):
        assert gateway.acknowledged(body, person.user)
    assert len(gateway.mail(person.user)) == 1
    assert gateway.acknowledged(body, person.user)
    assert gateway.mail(person.user) == []


def test_a_message_delivered_several_times_at_once_is_answered_once(
    gateway: Gateway, person: Sender
) -> None:
    bodies = [person.life(person.text("你好")) for _ in range(3)]
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda body: gateway.post(body).data, bodies * 4))
    assert all(b"<![CDATA[ack]]>" in answer for answer in answers)
    assert sum(len(text.split("\n\n")) for text in gateway.mail(person.user)) == len(bodies)


def test_an_event_delivered_again_is_answered_once(gateway: Gateway, person: Sender) -> None:
    body = person.life(person.event("click", "progress"))
    for _ in range(3):
        assert gateway.acknowledged(body, person.user)
    assert len(gateway.mail(person.user)) == 1


def test_an_old_message_is_acknowledged_and_not_taken(gateway: Gateway, person: Sender) -> None:
    before = refused("stale")
    old = str(int((gateway.clock().timestamp() - 24 * 3600) * 1000))
    assert gateway.acknowledged(person.life(person.text("进度", CreateTime=old)), person.user)
    assert gateway.mail(person.user) == []
    assert refused("stale") == before + 1


def test_what_is_signed_and_cannot_be_read_is_acknowledged(
    gateway: Gateway, person: Sender
) -> None:
    for xml in ("", "<XML", '<!DOCTYPE a [<!ENTITY b "c">]><XML/>', person.xml(AppId="other")):
        answer = gateway.post(person.life(xml))
        assert (answer.status_code, answer.data) == (200, b"success"), xml


def test_what_says_nothing_to_us_is_acknowledged_and_counted(
    gateway: Gateway, person: Sender
) -> None:
    count = ALIPAY_UNREAD.labels("other")._value
    before = count.get()
    assert gateway.acknowledged(person.life(person.event("payment_of_2027")), person.user)
    assert gateway.acknowledged(person.life(person.xml(MsgType="hologram")), person.user)
    assert count.get() == before + 2
    (told,) = gateway.mail(person.user)
    assert "9 人工" in told, "a message of a person is answered, whatever it is"


def test_the_other_rule_holds_and_is_counted(gateway: Gateway, person: Sender) -> None:
    count = ALIPAY_SECOND_RULE.labels("life")._value
    before = count.get()
    fields = person.fields(person.event("enter"))
    assert gateway.acknowledged(body_of(signed(fields, with_type=False)), person.user)
    assert count.get() == before + 1


def test_sha1_is_not_enough(gateway: Gateway, person: Sender) -> None:
    assert gateway.post(person.life(person.text("进度"), LIFE, "RSA")).status_code == 403


def test_a_message_is_acknowledged_within_a_second_while_another_is_being_handled(
    gateway: Gateway, person: Sender, redis: Redis
) -> None:
    """The person's lease is somebody else's for longer than the platform would wait."""
    tag = f"{{alipay:{APP_ID}:{person.user}}}"
    now = int(redis.time()[0])
    redis.hset(tag, mapping={"owner": "somebody", "until": (now + 30) * 1000})
    started = time.monotonic()
    assert gateway.acknowledged(person.life(person.text("进度")), person.user)
    assert time.monotonic() - started < 1.5


# --- who it is ------------------------------------------------------------------------------------


def test_a_person_stays_the_same_when_alipay_changes_their_id(
    gateway: Gateway, person: Sender
) -> None:
    old, own = person.user, f"{OPEN_ID}{person.user}"
    assert gateway.acknowledged(person.life(person.text("进度")), old)
    assert gateway.acknowledged(person.life(person.event("enter", open_id=own)), old)
    new = person.text("0", FromAlipayUserId="", FromUserId="", open_id=own)
    assert gateway.acknowledged(person.life(new), own)
    assert len(gateway.mail(old)) >= 1
    with gateway.parts.database.reading() as records:
        rows = records.scalars(select(PlatformId).where(PlatformId.value.in_([old, own]))).all()
        assert {row.account_key for row in rows} == {f"alipay:{APP_ID}:{old}"}
    to, _ = gateway.parts.remembering.texts[-1]
    assert (to.kind, to.value) == ("user_id", old)


# --- From-Ant messages ----------------------------------------------------------------------------


def test_a_withdrawn_authorisation_is_a_duty_taken_once(gateway: Gateway, person: Sender) -> None:
    assert gateway.acknowledged(person.life(person.text("你好")), person.user)
    body = person.ant(WITHDRAWN, f'{{"user_id":"{person.user}","scopes":["auth_user"]}}')
    for _ in range(3):
        answer = gateway.post(body)
        assert (answer.status_code, answer.data) == (200, b"success")
    with gateway.parts.database.reading() as records:
        account = find_account(records, f"alipay:{APP_ID}:{person.user}")
        assert account is not None
        mine = Ticket.account_key == account.key
        (ticket,) = records.scalars(select(Ticket).where(mine)).all()
        assert ticket.kind == "deletion"
    assert gateway.mail(person.user) == [], "what waited is gone, and nothing is said"


def test_a_withdrawal_that_names_nobody_or_cannot_be_read_is_asked_for_again(
    gateway: Gateway,
) -> None:
    sender = gateway.sender
    for content in ("{}", "no json", '{"user_id":""}'):
        answer = gateway.post(sender.ant(WITHDRAWN, content))
        assert (answer.status_code, answer.data) == (200, b"fail"), content


def test_other_messages_of_the_open_platform_are_taken(gateway: Gateway) -> None:
    sender = gateway.sender
    for method in ("alipay.open.mini.version.audit.passed", "alipay.new.thing"):
        assert gateway.post(sender.ant(method, "{}")).data == b"success"
    legacy = sender.ant("", "{}", notify_type="open_app_auth_notify")
    assert gateway.post(legacy).data == b"success"


def test_a_withdrawal_of_last_week_is_not_taken_again(gateway: Gateway, person: Sender) -> None:
    old = str(int((gateway.clock().timestamp() - 7 * 24 * 3600) * 1000))
    body = person.ant(WITHDRAWN, f'{{"user_id":"{person.user}"}}', utc_timestamp=old)
    assert gateway.post(body).data == b"success"
    with gateway.parts.database.reading() as records:
        assert records.scalar(select(Account).where(Account.user == person.user)) is None


def test_a_withdrawal_of_somebody_who_never_wrote_is_no_work(
    gateway: Gateway, person: Sender
) -> None:
    body = person.ant(WITHDRAWN, f'{{"user_id":"{person.user}"}}')
    assert gateway.post(body).data == b"success"
    with gateway.parts.database.reading() as records:
        assert records.scalar(select(Account).where(Account.user == person.user)) is None


def test_one_for_another_application_is_not_ours(gateway: Gateway, person: Sender) -> None:
    body = person.ant(WITHDRAWN, f'{{"user_id":"{person.user}"}}', app_id="2021000000000002")
    assert gateway.post(body).data == b"success"
    with gateway.parts.database.reading() as records:
        assert records.scalar(select(Account).where(Account.user == person.user)) is None


@pytest.fixture
def two(tmp_path: Path, redis_url: str) -> Iterator[Gateway]:
    """With a mini program that is an application of its own, with keys of its own."""
    made = Gateway(
        tmp_path,
        redis_url,
        alipay_mini_app_id=MINI_ID,
        alipay_mini_private_key=private_pem("ours"),
        alipay_mini_public_key=public_line("strangers"),
        alipay_mini_aes_key=base64.b64encode(bytes(16)).decode(),
    )
    yield made
    made.close()


def test_a_mini_program_of_its_own_speaks_under_its_own_key(two: Gateway) -> None:
    mini = Sender(two.clock, app_id=MINI_ID)
    activation = mini.fields(mini.event("verifygw"), CHECK)
    assert (
        b"<success>true"
        in two.post(body_of(signed(activation, with_type=True, whose="strangers"))).data
    )
    said = mini.fields(mini.text("进度"))
    two.post(body_of(signed(said, with_type=True, whose="strangers")))
    assert two.mail(mini.user) == [], "nobody chats with a mini program here"

    fields = mini.ant_fields("alipay.open.mini.version.audit.passed", "{}")
    assert two.post(body_of(signed(fields, with_type=False, whose="strangers"))).data == b"success"
    assert two.post(body_of(signed(fields, with_type=False))).status_code == 403
    life = two.sender.ant_fields(WITHDRAWN, "{}")
    assert two.post(body_of(signed(life, with_type=False, whose="strangers"))).status_code == 403


def test_a_sealed_withdrawal_is_opened(two: Gateway) -> None:
    sender = Sender(two.clock, app_id=MINI_ID)
    lock = Cipher(algorithms.AES(bytes(16)), modes.CBC(bytes(16))).encryptor()
    plain = f'{{"user_id":"{sender.user}"}}'.encode()
    padded = plain + bytes([16 - len(plain) % 16]) * (16 - len(plain) % 16)
    sealed = base64.b64encode(lock.update(padded) + lock.finalize()).decode()
    for content, answer in ((sealed, b"success"), (sealed[:-8], b"fail"), ("AAAA", b"fail")):
        fields = sender.ant_fields(WITHDRAWN, content)
        said = two.post(body_of(signed(fields, with_type=False, whose="strangers")))
        assert said.data == answer, content


# --- what else may be ----------------------------------------------------------------------------


def test_without_redis_a_duty_is_asked_for_again_and_a_message_acknowledged(
    tmp_path: Path,
) -> None:
    away = Gateway(tmp_path, f"unix://{tmp_path}/no.sock")
    for event in ("enter", "unfollow"):
        assert away.acknowledged(away.sender.life(away.sender.event(event)))
    assert away.acknowledged(away.sender.life(away.sender.text("进度")))
    body = away.sender.ant(WITHDRAWN, f'{{"user_id":"{away.sender.user}"}}')
    assert away.post(body).data == b"fail"
    apology = away.parts.texts.say("zh_CN", "apology")
    ends = time.monotonic() + 5
    while not away.parts.remembering.texts and time.monotonic() < ends:
        time.sleep(0.02)
    assert [text for _, text in away.parts.remembering.texts] == [apology]
    away.close()


def test_our_own_public_key_in_the_place_of_alipays_stops_the_start(
    tmp_path: Path, redis_url: str
) -> None:
    with pytest.raises(KeyFault, match="our own public key"):
        Gateway(tmp_path, redis_url, alipay_public_key=public_line("ours"))
    with pytest.raises(KeyFault, match="not an RSA private key"):
        Gateway(tmp_path, redis_url, alipay_private_key="no key")
