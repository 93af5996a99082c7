"""What may be sent to a person: counted with what they do, by the city's allowances."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from redis.exceptions import ConnectionError as RedisAway

from bot.channels.metered import Metered
from bot.dialogue.messages import Kind, Update
from bot.sessions import Ledger, Opening, Sessions
from bot.turn.openings import opening
from config.city import WeChat
from tests.bot.turn.counting import redis_calls
from tests.bot.turn.rig import CITY, KEYS, NOON, Rig, account, said
from tests.bot.turn.test_late_replies import late_by_four

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def did(rig: Rig, kind: Kind, number: int = 1, channel: str = "wechat") -> None:
    """The person does something; the answer of the toy is of no interest here."""
    update = Update(f"id{number}", account(channel=channel), kind, NOON, text="1")
    rig.turns().take(update)


def taken(rig: Rig, times: int, channel: str = "wechat") -> list[str]:
    return [rig.ledger.take(account(channel=channel)) for _ in range(times)]


def later(rig: Rig, by: timedelta) -> None:
    object.__setattr__(rig.sources, "clock", lambda: NOON + by)


def test_a_message_allows_five_for_48_hours(rig: Rig) -> None:
    did(rig, Kind.TEXT)
    assert taken(rig, 6) == ["ok"] * 5 + ["used_up"]
    did(rig, Kind.TEXT, 2)
    later(rig, 48 * HOUR - MINUTE)
    assert taken(rig, 1) == ["ok"]
    later(rig, 48 * HOUR)
    assert taken(rig, 1) == ["closed"]


@pytest.mark.parametrize("kind", [Kind.CLICK, Kind.SUBSCRIBE, Kind.SCAN])
def test_a_click_a_subscription_and_a_scan_allow_three_for_a_minute(rig: Rig, kind: Kind) -> None:
    did(rig, kind)
    assert taken(rig, 4) == ["ok"] * 3 + ["used_up"]
    later(rig, MINUTE)
    assert taken(rig, 1) == ["closed"]


def test_a_tapped_option_counts_as_the_menu_does(rig: Rig) -> None:
    """By the platform's notice of June 2021; it arrives as a text."""
    tapped = Update("id1", account(), Kind.TEXT, NOON, text="1", key="m1:1")
    rig.turns().take(tapped)
    assert taken(rig, 4) == ["ok"] * 3 + ["used_up"]
    later(rig, MINUTE)
    assert taken(rig, 1) == ["closed"]


def test_the_larger_counts_and_the_two_do_not_add_up(rig: Rig) -> None:
    did(rig, Kind.TEXT)
    did(rig, Kind.CLICK, 2)
    assert taken(rig, 6) == ["ok"] * 5 + ["used_up"]
    did(rig, Kind.CLICK, 3)
    assert taken(rig, 4) == ["ok"] * 3 + ["used_up"]


def test_a_mini_program_has_its_own_allowance(rig: Rig) -> None:
    rig.channels["wechat_mini"] = replace(
        rig.channels["wechat"], name="wechat_mini", answers_at_once=False
    )
    did(rig, Kind.ENTER, channel="wechat_mini")
    assert taken(rig, 3, "wechat_mini") == ["ok", "ok", "used_up"]


def test_a_repeat_of_the_platform_opens_nothing_anew(rig: Rig) -> None:
    did(rig, Kind.TEXT)
    taken(rig, 5)
    did(rig, Kind.TEXT)
    assert taken(rig, 1) == ["used_up"]


@pytest.mark.parametrize(
    "kind",
    [kind for kind in Kind if kind.value in ("delivery", "credits", "unsubscribe", "result")],
)
def test_what_the_person_does_not_do_in_the_chat_opens_nothing(kind: Kind) -> None:
    update = Update("id1", account(), kind, NOON)
    assert opening(CITY, update, NOON) is None


def test_every_kind_of_message_opens_the_window_of_a_message() -> None:
    for kind in ("text", "image", "voice", "location", "link", "video", "other"):
        found = opening(CITY, Update("id1", account(), Kind(kind), NOON), NOON)
        assert found == Opening("message", 5, (NOON + 48 * HOUR).timestamp())


def test_a_city_with_other_quotas_sets_its_own(rig: Rig) -> None:
    written = {"message": {"messages": 20, "seconds": 60}}
    rig.city = replace(CITY, wechat=WeChat(allowance=written))  # type: ignore[arg-type]
    did(rig, Kind.TEXT)
    assert taken(rig, 21) == ["ok"] * 20 + ["used_up"]


def test_where_nothing_is_counted_one_tries(rig: Rig) -> None:
    rig.city = replace(CITY, wechat=WeChat())
    did(rig, Kind.TEXT)
    assert taken(rig, 9) == ["ok"] * 9


def test_when_redis_lost_the_ledger_one_tries(rig: Rig) -> None:
    did(rig, Kind.TEXT)
    taken(rig, 5)
    rig.client.flushall()
    assert taken(rig, 1) == ["ok"]


def test_the_platforms_word_counts_more_than_ours(rig: Rig) -> None:
    did(rig, Kind.TEXT)
    rig.ledger.close(account())
    assert taken(rig, 1) == ["closed"]
    did(rig, Kind.TEXT, 2)
    assert taken(rig, 1) == ["ok"]


def test_the_platforms_word_counts_where_we_had_counted_nothing(rig: Rig) -> None:
    did(rig, Kind.UNSUBSCRIBE)
    rig.ledger.close(account())
    assert taken(rig, 1) == ["closed"]


def test_what_did_not_go_out_is_given_back(rig: Rig) -> None:
    did(rig, Kind.TEXT)
    taken(rig, 5)
    rig.ledger.give_back(account())
    assert taken(rig, 2) == ["ok", "used_up"]


def test_without_redis_one_tries() -> None:
    class Away:
        def register_script(self, script: str) -> object:
            def call(**_: object) -> object:
                raise RedisAway

            return call

    ledger = Ledger(Away(), lambda: NOON)  # type: ignore[arg-type]
    assert ledger.take(account()) == "ok"
    ledger.close(account())
    ledger.give_back(account())


def test_the_ledger_costs_a_turn_no_call_of_its_own(rig: Rig) -> None:
    rig.turns().take(said(1))
    assert len(redis_calls(rig, said(2))) == 2
    assert rig.ledger.take(account()) == "ok"
    assert rig.client.hget("{wechat:wx1:alice}", "allow.message").startswith(b"4:")


def test_a_message_that_finds_a_full_queue_opens_the_window_all_the_same(rig: Rig) -> None:
    full = Sessions(rig.client, KEYS, cap=1)
    for number in (1, 2):
        update = said(number)
        what = Opening("message", number, NOON.timestamp() + 60)
        full.begin(update, full.sealed(update), f"o{number}", lease_ms=2000, opening=what)
    assert taken(rig, 3) == ["ok", "ok", "used_up"]


def test_a_drain_makes_no_call_that_must_fail_and_the_mail_waits_for_the_visit(rig: Rig) -> None:
    late_by_four(rig)
    inner = rig.channels["wechat"]
    inner.on_send = lambda: calls.append(1)
    calls: list[int] = []
    rig.channels["wechat"] = Metered(inner, rig.ledger)  # type: ignore[assignment]
    rig.ledger.close(account())
    assert rig.turns().drain(account(), "drain:1").refused == "window"
    assert (calls, len(rig.mail())) == ([], 4)
    reply = rig.turns().take(said(9))
    assert reply is not None
    assert reply.text == "<r1> <r2> <r3> <r9>"
    rig.turns().drain(account(), "drain:2")
    assert (len(calls), rig.mail()) == (1, [])
