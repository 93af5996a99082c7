"""Whether Alipay calls: by the rule of the message's kind, over the raw bytes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.channels.alipay.faults import BadSignature
from bot.channels.alipay.form import read_form
from bot.channels.alipay.verification import Family, Verifier, family_of
from tests.bot.channels.alipay.sender import Fields, Sender, body_of, key_of, signed

SENDER = Sender()
SAID = "进度 1+1=2 & 100% 镕堃"
MESSAGES: dict[Family, Fields] = {
    Family.LIFE: SENDER.fields(SENDER.text(SAID)),
    Family.ANT: SENDER.ant_fields("alipay.open.auth.userauth.cancelled", '{"user_id":"2088"}'),
    Family.NOTIFY: SENDER.ant_fields("", "{}", notify_type="open_app_auth_notify"),
}
WITH_TYPE = {Family.LIFE: True, Family.ANT: False, Family.NOTIFY: False}


def verifier(**more: object) -> Verifier:
    return Verifier(key_of("alipays").public_key(), **more)  # type: ignore[arg-type]


def passes(body: bytes, checked_by: Verifier | None = None) -> bool:
    try:
        form = read_form(body)
        (checked_by or verifier(second_rule=False)).check(form, family_of(form))
    except BadSignature:
        return False
    return True


@pytest.mark.parametrize("family", Family)
def test_each_kind_of_message_holds_by_its_own_rule_alone(family: Family) -> None:
    fields, with_type = MESSAGES[family], WITH_TYPE[family]
    assert passes(body_of(signed(fields, with_type=with_type)))
    assert not passes(body_of(signed(fields, with_type=not with_type)))


@pytest.mark.parametrize("family", Family)
def test_the_other_rule_is_tried_second_and_told_of(family: Family) -> None:
    heard: list[Family] = []
    tolerant = verifier(on_second=heard.append)
    assert passes(body_of(signed(MESSAGES[family], with_type=WITH_TYPE[family])), tolerant)
    assert heard == []
    assert passes(body_of(signed(MESSAGES[family], with_type=not WITH_TYPE[family])), tolerant)
    assert heard == [family]


@pytest.mark.parametrize("charset", ["GBK", "UTF-8"])
def test_the_bytes_of_any_charset_are_checked_as_they_came(charset: str) -> None:
    sender = Sender(charset=charset)
    assert passes(sender.life(sender.text(SAID)))


def test_a_signature_over_what_another_charset_would_say_does_not_hold() -> None:
    right = signed(MESSAGES[Family.LIFE], with_type=True)
    text = right["biz_content"].decode("gb18030").encode()
    assert not passes(body_of({**right, "biz_content": text}))


def test_a_sender_that_does_not_escape_the_plus_of_a_signature_is_understood() -> None:
    for _ in range(50):
        body = SENDER.life(SENDER.text(SAID))
        if b"%2B" in body.partition(b"sign=")[2]:
            break
    head, _, signature = body.partition(b"&sign=")
    assert passes(head + b"&sign=" + signature.replace(b"%2B", b"+"))


def test_a_body_decoded_twice_on_its_way_does_not_hold() -> None:
    fields = SENDER.fields(SENDER.text("100%25"))
    right = signed(fields, with_type=True)
    assert passes(body_of(right))
    decoded = right["biz_content"].replace(b"%25", b"%")
    assert not passes(body_of({**right, "biz_content": decoded}))


def _tampered(fields: Fields) -> Iterator[tuple[str, Fields]]:
    for name, value in fields.items():
        yield f"{name} longer", {**fields, name: value + b"x"}
        yield f"{name} gone", {n: v for n, v in fields.items() if n != name}
        yield f"{name} empty", {**fields, name: b""}
        flipped = bytes([value[0] ^ 1]) + value[1:]
        yield f"{name} flipped", {**fields, name: flipped}
    yield "one more", {**fields, "more": b"1"}
    yield "app_id more", {**fields, "app_id": b"2021000000000009"}


@pytest.mark.parametrize("family", Family)
def test_no_field_can_be_changed_added_or_taken_away(family: Family) -> None:
    right = signed(MESSAGES[family], with_type=WITH_TYPE[family])
    tolerant = verifier(sign_types=("RSA2", "RSA"))
    assert passes(body_of(right), tolerant)
    for what, bent in _tampered(right):
        if bent != right:
            assert not passes(body_of(bent), tolerant), what


def test_an_empty_field_is_no_part_of_what_is_signed() -> None:
    right = signed(MESSAGES[Family.LIFE], with_type=True)
    assert passes(body_of({**right, "agreement": b""}))


def test_the_order_of_fields_means_nothing() -> None:
    right = signed(MESSAGES[Family.LIFE], with_type=True)
    assert passes(body_of(list(reversed(right.items()))))


def test_sha1_is_taken_only_where_it_is_allowed() -> None:
    body = SENDER.life(SENDER.text(SAID), sign_type="RSA")
    assert not passes(body)
    assert passes(body, verifier(sign_types=("RSA", "RSA2")))


def test_an_application_of_the_old_kind_may_refuse_the_new_one() -> None:
    assert not passes(SENDER.life(SENDER.text(SAID)), verifier(sign_types=("RSA",)))


@pytest.mark.parametrize("sign_type", ["", "rsa2", "RSA3", "none", "MD5", "RSA2 "])
def test_what_the_caller_names_chooses_no_other_hash(sign_type: str) -> None:
    fields = {**MESSAGES[Family.LIFE], "sign_type": b"RSA2"}
    right = signed(fields, with_type=True)
    assert not passes(body_of({**right, "sign_type": sign_type.encode()}))


@pytest.mark.parametrize(
    "sign", [b"", b"=", b"a", b"AAAA", b"\xff\xfe", b"%%", "签名".encode(), b"x" * 5000]
)
def test_a_missing_or_senseless_signature_is_a_bad_one(sign: bytes) -> None:
    fields = MESSAGES[Family.LIFE]
    assert not passes(body_of({**fields, "sign": sign}))
    assert not passes(body_of(fields))


def test_another_key_than_alipays_signs_nothing() -> None:
    assert not passes(body_of(signed(MESSAGES[Family.LIFE], with_type=True, whose="strangers")))
    assert not passes(body_of(signed(MESSAGES[Family.LIFE], with_type=True, whose="ours")))


def test_what_no_service_sends_is_refused() -> None:
    with pytest.raises(BadSignature):
        family_of(read_form(b"a=1&sign=x&service="))
