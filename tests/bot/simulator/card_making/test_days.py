"""From a line that was taken to the card at the branch, day by day."""

from __future__ import annotations

from werkzeug.http import http_date

from tests.bot.simulator.card_making.city import City, person
from tests.bot.simulator.card_making.conftest import Making
from tests.bot.simulator.conftest import Clock


def said(lines: list[list[str]]) -> list[tuple[str, str]]:
    return [(line[1], line[2]) for line in lines]


def handed_over(city: City, making: Making, **change: str) -> None:
    """Through the province and to the bank."""
    city.send("province", person(1, **change))
    making.days(1)
    city.replies("province")
    city.send("bank", person(1, **change))


def test_a_card_goes_its_way_and_every_station_tells(city: City, making: Making) -> None:
    city.send("province", person())
    assert said(city.replies("province")) == [("PROVINCE", "TAKEN")]
    making.days(1)
    assert said(city.replies("province")) == [("PROVINCE", "OK")]
    making.days(3)
    assert city.replies("province") == []  # the bank has not been asked yet
    city.send("bank", person())
    making.days(1)
    account = city.replies("bank")
    assert said(account) == [("BANK", "OK")]
    assert len(account[0][5]) == 4
    making.days(5)
    lines = city.replies("province")
    assert said(lines) == [("FACTORY", "OK"), ("CENTRE", "OK"), ("BRANCH", "ARRIVED")]
    assert lines[-1][0] == f"{1:032x}"
    assert lines[-1][5:8] == [account[0][5], lines[0][6], "ABC-01"]
    assert (making.card()["cards"], making.card()["accounts"]) == (1, 1)


def test_a_card_by_mail_is_sent_and_delivered(city: City, making: Making) -> None:
    handed_over(city, making, delivery="2")
    making.days(6)
    lines = city.replies("province")
    assert said(lines)[-1] == ("MAIL", "SENT")
    assert lines[-1][8].startswith("EA")
    making.days(2)
    assert said(city.replies("province")) == [("MAIL", "DELIVERED")]


def test_a_line_sent_in_a_second_batch_makes_a_second_card(city: City, making: Making) -> None:
    """What the service must never do is seen here."""
    for _ in range(2):
        handed_over(city, making)
        making.days(9)
    assert making.card()["cards"] == 2


def test_a_failure_that_was_asked_for_comes_and_the_line_sent_again_goes_on(
    city: City, making: Making
) -> None:
    handed_over(city, making)
    making.set(f"cards/{1:032x}/failure", step="factory", times=2, code="F7", text="卡面有划痕")
    making.days(4)
    for _ in range(2):
        lines = city.replies("province")
        assert said(lines) == [("FACTORY", "FAIL")]
        assert lines[0][3:5] == ["F7", "卡面有划痕"]
        making.days(2)
        assert city.replies("province") == []  # nothing goes on by itself
        city.send("province", person(), kind="REP")
        making.days(3)
    assert said(city.replies("province")) == [("FACTORY", "OK")]
    assert (making.card()["cards"], making.card()["accounts"]) == (1, 1)


def test_another_bank_opens_the_account_that_the_first_refused(city: City, making: Making) -> None:
    city.send("province", person())
    making.set(f"cards/{1:032x}/failure", step="bank")
    making.days(1)
    city.send("bank", person())
    making.days(1)
    assert said(city.replies("bank")) == [("BANK", "FAIL")]
    city.send("bank", person(bank="CCB", outlet="CCB-01"))
    making.days(1)
    lines = city.replies("bank")
    assert said(lines) == [("BANK", "OK")]
    assert lines[0][7] == "CCB-01"


def test_mail_comes_back_and_is_sent_again(city: City, making: Making) -> None:
    handed_over(city, making, delivery="2")
    making.set(f"cards/{1:032x}/failure", step="mail")
    making.days(8)
    assert said(city.replies("province"))[-2:] == [("MAIL", "SENT"), ("MAIL", "RETURNED")]


def test_a_person_of_the_register_has_the_failures_that_stand_there(
    city: City, making: Making
) -> None:
    handed_over(city, making, id_number="119999196906250121")
    making.days(4)
    assert said(city.replies("province")) == [("FACTORY", "FAIL")]


def test_the_bank_knows_nobody_whom_the_province_does_not_know(city: City) -> None:
    city.send("bank", person())
    lines = city.replies("bank")
    assert said(lines) == [("BANK", "FAIL")]
    assert lines[0][3] == "B09"


def test_a_share_of_all_fails_and_speeds_can_be_set(city: City, making: Making) -> None:
    making.set("cards/shares", province=0.5)
    making.set("cards/speeds", province=0)
    city.send("province", *[person(number) for number in range(1, 41)])
    results = [result for _, result in said(city.replies("province")) if result != "TAKEN"]
    assert len(results) == 40
    assert 5 < results.count("FAIL") < 35


def test_what_happened_at_a_counter_can_be_told(city: City, making: Making) -> None:
    handed_over(city, making)
    making.days(6)
    city.replies("province")
    making.set(f"cards/{1:032x}/told", "post", stage="BRANCH", result="COLLECTED")
    making.set(f"cards/{1:032x}/told", "post", stage="BANK", result="ACTIVATED")
    assert said(city.replies("province")) == [("BRANCH", "COLLECTED")]
    assert said(city.replies("bank"))[-1] == ("BANK", "ACTIVATED")


def test_answers_tell_the_time_there(city: City, clock: Clock) -> None:
    """Else who calls takes the days that were added for a clock that goes wrong."""
    clock.forward(days=3)
    date = city.send("province", person()).headers["Date"]
    assert date == http_date(clock.now), date
