"""Fields from lines: only what is surely there."""

from __future__ import annotations

import pytest

from bot.offices.card_fields import back_fields, front_fields, side_of
from bot.offices.card_lines import Line

NUMBER = "119999199003070019"


def at(left: float, middle: float, text: str) -> Line:
    return Line(text, left, left + 20 * len(text), middle, 20)


def front(**other: str) -> list[Line]:
    said = {
        "name": "陈国强",
        "people": "民族汉",
        "birth": "1990年3月7日",
        "address": "江岭省石桥县柳湾乡五组",
        "number": NUMBER,
        **other,
    }
    return [
        at(0, 20, "姓名"),
        at(60, 20, said["name"]),
        at(0, 60, "性别男"),
        at(100, 60, said["people"]),
        at(0, 100, "出生"),
        at(60, 100, said["birth"]),
        at(0, 140, "住址"),
        at(60, 140, said["address"]),
        at(0, 260, "公民身份号码"),
        at(140, 260, said["number"]),
    ]


def test_a_front_gives_six_fields() -> None:
    assert side_of(front()) == "front"
    assert front_fields(front()) == {
        "name": "陈国强",
        "sex": "male",
        "ethnicity": "汉",
        "birth_date": "1990-03-07",
        "id_address": "江岭省石桥县柳湾乡五组",
        "id_number": NUMBER,
    }


def test_labels_read_into_one_line_with_their_values_are_told_apart() -> None:
    lines = [
        at(0, 20, "姓名王䶮"),
        at(0, 60, "性别女民族维吾尔"),
        at(0, 140, "住址云州市青石路5号"),
    ]
    assert front_fields(lines) == {
        "name": "王䶮",
        "sex": "female",
        "ethnicity": "维吾尔",
        "id_address": "云州市青石路5号",
    }


def test_an_address_goes_on_below_and_ends_before_the_number() -> None:
    lines = [*front(), at(60, 170, "二号楼三单元"), at(62, 200, "501室"), at(300, 200, "样例")]
    assert front_fields(lines)["id_address"] == "江岭省石桥县柳湾乡五组二号楼三单元501室"


def test_a_number_in_pieces_is_put_together() -> None:
    lines = [*front(number="119999"), at(300, 260, "19900307"), at(480, 260, "0019")]
    assert front_fields(lines)["id_number"] == NUMBER


def test_letters_read_for_digits_are_understood() -> None:
    assert front_fields(front(number="1I99991990O3O70019"))["id_number"] == NUMBER


@pytest.mark.parametrize(
    "number", ["119999199003070018", "11999919900307001", "119999199013070019"]
)
def test_a_number_that_its_check_digit_does_not_vouch_for_is_left_out(number: str) -> None:
    assert "id_number" not in front_fields(front(number=number))


def test_the_number_decides_over_a_misread_birth() -> None:
    assert front_fields(front(birth="1998年8月7日"))["birth_date"] == "1990-03-07"


def test_without_a_number_the_printed_birth_is_taken_if_it_is_a_day() -> None:
    assert front_fields(front(number="x"))["birth_date"] == "1990-03-07"
    assert "birth_date" not in front_fields(front(number="x", birth="1990年13月7日"))


def test_a_people_that_does_not_exist_is_left_out() -> None:
    assert "ethnicity" not in front_fields(front(people="民族飞"))


@pytest.mark.parametrize("people", ["民族漢", "民族汉族", "民族汉样例"])
def test_a_people_is_named_as_the_table_names_it(people: str) -> None:
    assert front_fields(front(people=people))["ethnicity"] == "汉"


@pytest.mark.parametrize("name", ["样例", "陈3强", "性别男", "··"])
def test_a_name_that_can_be_none_is_left_out(name: str) -> None:
    assert "name" not in front_fields(front(name=name))


def back(validity: str) -> list[Line]:
    return [
        at(100, 60, "居民身份证"),
        at(0, 200, "签发机关"),
        at(100, 200, "石桥县公安局"),
        at(0, 240, "有效期限"),
        at(100, 240, validity),
    ]


@pytest.mark.parametrize(
    ("validity", "until"),
    [
        ("2018.05.12-2038.05.12", "2038-05-12"),
        ("2018.05.12一2038.05.12", "2038-05-12"),
        ("20180512-20380512", "2038-05-12"),
        ("2O18.05.12-2038.05.l2", "2038-05-12"),
        ("2018.05.12-长期", "long_term"),
    ],
)
def test_a_back_gives_validity_and_issuer(validity: str, until: str) -> None:
    assert side_of(back(validity)) == "back"
    assert back_fields(back(validity)) == {"valid_until": until, "issuer": "石桥县公安局"}


@pytest.mark.parametrize(
    "validity", ["2018.05.12-", "2038.05.12-2018.05.12", "2018.05.12-2038.15.12", ""]
)
def test_a_validity_that_makes_no_sense_is_left_out(validity: str) -> None:
    assert "valid_until" not in back_fields(back(validity))


def test_too_few_words_are_no_side() -> None:
    assert side_of([]) == "unknown"
    assert side_of([at(0, 0, "姓名")]) == "unknown"
    assert side_of([at(0, 0, "菜单"), at(0, 40, "红烧肉")]) == "unknown"
