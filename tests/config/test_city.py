"""The shipped city profile, and finding banks, branches and districts in what people write."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from config.city import City, distance_words, load_city

HEPING_ROAD_18 = (32.0500, 123.1200)


@pytest.fixture(scope="module")
def city() -> City:
    return load_city()


def test_the_nearest_branches_of_all_banks_come_with_their_distance(city: City) -> None:
    found = city.nearest(*HEPING_ROAD_18)
    assert [(branch.name, distance_words(metres, "zh_CN")) for branch, metres in found] == [
        ("建设银行城东支行", "600米"),
        ("农业银行和平路支行", "800米"),
        ("邮储银行东门支行", "1.1公里"),
    ]


def test_the_nearest_branches_of_one_bank_are_of_that_bank(city: City) -> None:
    assert {branch.bank for branch, _ in city.nearest(*HEPING_ROAD_18, n=2, bank="ICBC")} == {
        "ICBC"
    }


@pytest.mark.parametrize(
    ("metres", "chinese", "english"),
    [
        (3, "50米", "50 m"),
        (612, "600米", "600 m"),
        (980, "1.0公里", "1.0 km"),
        (1080, "1.1公里", "1.1 km"),
        (12400, "12公里", "12 km"),
    ],
)
def test_distances_are_told_as_people_say_them(metres: int, chinese: str, english: str) -> None:
    assert (distance_words(metres, "zh_CN"), distance_words(metres, "en")) == (chinese, english)


def test_every_district_offers_branches_of_three_banks(city: City) -> None:
    for district in city.districts:
        assert len({branch.bank for branch in city.branches_in(district.code)}) >= 3


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        ("建行", ["CCB"]),
        ("中国建设银行", ["CCB"]),
        ("建設銀行", ["CCB"]),
        ("建航", ["CCB"]),
        ("jian hang", ["CCB"]),
        ("工行吧", ["ICBC"]),
        ("邮局", ["PSBC"]),
        ("信用社", ["RCB"]),
        ("农商行", ["RCB"]),
        ("农业银行", ["ABC"]),
        ("the ABC bank", ["ABC"]),
        ("Bank of China", ["BOC"]),
        ("Agricultural Bank of China", ["ABC"]),
        ("招商银行", []),
        ("你好", []),
        ("", []),
    ],
)
def test_a_bank_is_found_by_name_alias_typo_and_pinyin(
    city: City, said: str, codes: list[str]
) -> None:
    assert [bank.code for bank in city.find_bank(said)] == codes


@pytest.mark.parametrize("said", ["农行", "农"])
def test_a_name_that_two_banks_share_gives_both(city: City, said: str) -> None:
    assert [bank.code for bank in city.find_bank(said)] == ["ABC", "RCB"]


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("建设银行城东支行", ["建设银行城东支行"]),
        ("选建行城东", ["建设银行城东支行"]),
        ("和平路", ["农业银行和平路支行"]),
        ("hepinglu", ["农业银行和平路支行"]),
        ("城东支行", ["建设银行城东支行", "云州农商行城东支行"]),
        ("CCB Chengdong Branch", ["建设银行城东支行"]),
        ("建行", []),
        ("1", []),
    ],
)
def test_a_branch_is_found_by_name_or_by_bank_and_place(
    city: City, said: str, names: list[str]
) -> None:
    assert [branch.name for branch in city.find_branch(said)] == names


def test_the_district_is_read_from_an_address(city: City) -> None:
    district = city.district_in("云州市城东区和平路18号")
    assert district is not None and district.name == "城东区"
    assert city.district_in("和平路18号") is None


def test_the_first_district_named_counts(city: City) -> None:
    district = city.district_in("从北山区搬到城东区")
    assert district is not None and district.name == "北山区"


def test_a_place_outside_the_city_has_no_district(city: City) -> None:
    inside = city.district_at(*HEPING_ROAD_18)
    assert inside is not None and inside.name == "城东区"
    assert city.district_at(31.0, 121.0) is None


@pytest.mark.parametrize(
    ("when", "there"),
    [
        ("2026-11-23T10:00", True),
        ("2026-11-23T08:59", False),
        ("2026-11-23T17:00", False),
        ("2026-11-22T10:00", False),  # Sunday
        ("2026-10-10T10:00", True),  # a worked Saturday
        ("2026-10-01T10:00", False),  # National Day
    ],
)
def test_a_person_is_there_in_working_hours_only(city: City, when: str, there: bool) -> None:
    now = datetime.fromisoformat(when).replace(tzinfo=city.tz)
    assert city.human_is_there(now.astimezone(ZoneInfo("UTC"))) is there


def test_codes_lead_to_their_bank_branch_and_district(city: City) -> None:
    branch = city.branch("CCB-01")
    assert city.bank(branch.bank).short == "建设银行"
    assert city.district(branch.district).name == "城东区"
    with pytest.raises(KeyError):
        city.branch("none")


def test_a_district_has_its_own_counter_and_the_city_one_for_all(city: City) -> None:
    assert city.counter_in("119902").district == "119902"
    assert city.counter_in(None) == city.counters[0]


def test_an_sms_comes_in_the_persons_language_where_it_is_registered(city: City) -> None:
    assert city.sms_template("code", "en").id != city.sms_template("code", "zh_CN").id
    chinese_alone = replace(city, sms={"ready": city.sms["ready"]})
    assert chinese_alone.sms_template("ready", "en") == city.sms["ready"]
