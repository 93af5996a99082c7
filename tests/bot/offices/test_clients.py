"""What each client asks, and what it makes of the answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from bot.offices.connect import Addresses, connect_offices
from bot.ports import Eligibility, OfficeError, Offices
from tests.bot.offices.office_server import Office, saying, serving

NAME, NUMBER = "陈国强", "119999199003070019"
JPEG = b"\xff\xd8\xff\xe0 a portrait"


@contextmanager
def offices_at(office: Office) -> Iterator[Offices]:
    with serving(office):
        yield connect_offices(Addresses(*[office.url] * 4), "a key of a test", None)


def asked(office: Office) -> tuple[str, object]:
    (heard,) = office.heard
    return heard.path, json.loads(heard.body)


@pytest.mark.parametrize("result", ["match", "mismatch", "not_found"])
def test_the_register_says_whether_name_and_number_belong_together(result: str) -> None:
    office = saying(200, json.dumps({"result": result}).encode())
    with offices_at(office) as offices:
        assert offices.identity.matches(NAME, NUMBER, 2) == result
    assert asked(office) == ("/office/v1/check", {"name": NAME, "id_number": NUMBER})


@pytest.mark.parametrize("on_file", [True, False])
def test_the_register_says_whether_the_phone_is_on_file(on_file: bool) -> None:
    office = saying(200, json.dumps({"on_file": on_file}).encode())
    with offices_at(office) as offices:
        assert offices.identity.phone_on_file(NUMBER, "13900001234", 2) is on_file
    assert asked(office) == ("/office/v1/phone", {"id_number": NUMBER, "phone": "13900001234"})


def test_a_portrait_on_file_is_handed_over() -> None:
    office = saying(200, JPEG, "image/jpeg")
    with offices_at(office) as offices:
        assert offices.portraits.portrait(NAME, NUMBER, 2) == JPEG
    assert asked(office) == ("/office/v1/portrait", {"name": NAME, "id_number": NUMBER})


def test_a_person_without_a_portrait_is_no_error() -> None:
    with offices_at(saying(404, b'{"error": "none"}')) as offices:
        assert offices.portraits.portrait(NAME, NUMBER, 2) is None


def test_a_wrong_address_is_not_a_missing_portrait() -> None:
    gone = saying(404, b'{"error": "no such page"}')
    with offices_at(gone) as offices, pytest.raises(OfficeError):
        offices.portraits.portrait(NAME, NUMBER, 2)


def test_the_card_office_says_who_may_apply() -> None:
    facts = {"insured": True, "has_card": False, "open_application": True}
    office = saying(200, json.dumps(facts).encode())
    with offices_at(office) as offices:
        assert offices.card_making.eligibility(NAME, NUMBER, 2) == Eligibility(**facts)
    assert asked(office) == ("/office/v1/eligibility", {"name": NAME, "id_number": NUMBER})


def test_an_sms_leaves_with_its_template_and_its_key() -> None:
    office = saying(200, b'{"id": "1"}')
    with offices_at(office) as offices:
        offices.sms.send("13900001234", "SMS_1", {"code": "482915"}, "notice-1", 2)
    assert asked(office) == (
        "/office/v1/send",
        {
            "phone": "13900001234",
            "template": "SMS_1",
            "params": {"code": "482915"},
            "key": "notice-1",
        },
    )


def test_an_unknown_template_is_not_tried_again() -> None:
    refusing = saying(400, b'{"error": "template"}')
    with offices_at(refusing) as offices, pytest.raises(OfficeError) as caught:
        offices.sms.send("13900001234", "SMS_9", {}, "notice-1", 2)
    assert not caught.value.retry


ASKING: list[tuple[Callable[[Offices], object], bytes, str]] = [
    (lambda o: o.identity.matches(NAME, NUMBER, 2), b'{"result": "maybe"}', "application/json"),
    (lambda o: o.identity.matches(NAME, NUMBER, 2), b'{"result": ["match"]}', "application/json"),
    (lambda o: o.identity.phone_on_file(NUMBER, "1", 2), b'{"on_file": 1}', "application/json"),
    (lambda o: o.card_making.eligibility(NAME, NUMBER, 2), b'{"insured": true}', "text/plain"),
    (lambda o: o.portraits.portrait(NAME, NUMBER, 2), b'{"error": "busy"}', "application/json"),
    (lambda o: o.portraits.portrait(NAME, NUMBER, 2), b"<html>", "image/jpeg"),
    (lambda o: o.sms.send("1", "t", {}, "k", 2), b"{}", "application/json"),
]


@pytest.mark.parametrize(("ask", "body", "media_type"), ASKING)
def test_an_answer_of_another_shape_is_never_believed(
    ask: Callable[[Offices], object], body: bytes, media_type: str
) -> None:
    office = saying(200, body, media_type)
    with offices_at(office) as offices, pytest.raises(OfficeError) as caught:
        ask(offices)
    assert caught.value.reason == "malformed"
