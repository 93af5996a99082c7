"""What a campaign meets: errors drawn by their shares, results in bursts, and what was counted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from bot.simulator.mix import BadMix, Mix
from bot.simulator.receipts import Coming, Receipts
from bot.simulator.send_log import SendLog
from bot.simulator.store import NOBODY, Store
from tests.bot.simulator.account import Account
from tests.bot.simulator.conftest import Phone
from tests.bot.simulator.patience import eventually
from tests.bot.simulator.test_filled_sends import TEMPLATE, filled
from tests.bot.simulator.webhook import Webhook

SHARES = {"-1": 0.2, "45011": 0.2, "http_500": 0.1}


def put(url: str, faults: Any) -> int:
    return requests.put(f"{url}/simulator/api/faults", json=faults, timeout=5).status_code


def sends(phone: Phone, **params: str) -> dict[str, Any]:
    told: dict[str, Any] = requests.get(f"{phone.api}/sends", params=params, timeout=5).json()
    return told


@pytest.fixture
def known(account: Account, phone: Phone) -> Account:
    """The account, which the person follows."""
    phone.event("subscribe")
    return account


# --- errors by their shares --------------------------------------------------------------------


def test_a_mix_has_its_shares_and_is_the_same_with_the_same_seed() -> None:
    def drawn() -> list[str | int | None]:
        mix = Mix.parse(SHARES, 7, ("http_500",))
        assert mix
        return [mix.draw() for _ in range(4000)]

    errors = drawn()
    assert errors == drawn()
    shares = {error: errors.count(error) / 4000 for error in (-1, 45011, "http_500", None)}
    assert shares == pytest.approx({-1: 0.2, 45011: 0.2, "http_500": 0.1, None: 0.5}, abs=0.03)


@pytest.mark.parametrize(
    ("shares", "seed"),
    [({}, None), ([], None), ({"explode": 0.1}, None), ({"-1": 1.5}, None), ({"-1": True}, None),
     ({"-1": 0.6, "45011": 0.6}, None), ({"-1": 0.1}, "x"), (None, 5)],
)  # fmt: skip
def test_shares_that_cannot_be_are_refused(shares: Any, seed: Any) -> None:
    with pytest.raises(BadMix):
        Mix.parse(shares, seed, ("http_500",))


def test_calls_meet_the_errors_of_a_mix_and_what_went_well_is_counted(
    known: Account, phone: Phone
) -> None:
    mix = {"delay_ms": 0, "mix": {"-1": 0.3, "43004": 0.3}, "seed": 5, "calls": [TEMPLATE]}
    assert put(known.url, {"wechat": mix}) == 200
    told = requests.get(f"{known.url}/simulator/api/faults", timeout=5).json()
    assert told == {"wechat": {**mix, "times": None}}
    codes = [known.post(TEMPLATE, filled(phone))["errcode"] for _ in range(30)]
    assert set(codes) == {0, -1, 43004}
    counted = sends(phone)
    assert (counted["calls"], counted["accepted"]) == (30, codes.count(0))


@pytest.mark.parametrize(
    "faults",
    [
        {"wechat": {"mix": {"-1": 0.1}, "error": 45009}},
        {"wechat": {"mix": {"explode": 0.1}}},
        {"wechat": {"seed": 5}},
        {"wechat": {"receipts": {"batch": -1}}},
        {"wechat": {"receipts": {"twice": 2}}},
        {"wechat": {"receipts": {"shuffle": 1}}},
        {"wechat": {"receipts": {"early": 1}}},
        {"sms": {"receipts": {"batch": 1}}},
    ],
)
def test_what_nobody_can_set_changes_nothing(known: Account, faults: Any) -> None:
    assert put(known.url, faults) == 400
    assert requests.get(f"{known.url}/simulator/api/faults", timeout=5).json() == {}


# --- what was sent -----------------------------------------------------------------------------


def test_sends_are_counted_by_person_and_repeats_by_key(known: Account, phone: Phone) -> None:
    other = Phone(phone.simulator, "o_test_user_2")
    other.event("subscribe")
    for key in ("p1-1", "p1-1", "p1-2", "p1-2", "p1-2"):
        known.post(TEMPLATE, filled(phone, client_msg_id=key))
    known.post(TEMPLATE, filled(other))
    known.post(TEMPLATE, filled(other, template_id="T-OTHER"))
    told = sends(phone, people="1")
    assert told["most_in_a_second"] in range(1, 8)
    del told["most_in_a_second"]
    assert told == {
        "calls": 7,
        "accepted": 3,
        "duplicates": {"p1-1": 1, "p1-2": 2},
        "people": 2,
        "per_person": {"1": 1, "2": 1},
        "by_person": {phone.openid: 2, other.openid: 1},
    }
    assert requests.delete(f"{phone.api}/sends", timeout=5).status_code == 204
    assert sends(phone)["calls"] == 0
    assert "by_person" not in sends(phone)


def test_a_crowd_follows_without_a_push(known: Account, phone: Phone, webhook: Webhook) -> None:
    before = len(webhook.pushes)
    crowd = [f"o_crowd_{n}" for n in range(500)]
    answer = requests.post(f"{phone.api}/followers", json={"openids": crowd}, timeout=5)
    assert answer.status_code == 204
    one = Phone(phone.simulator, crowd[-1])
    assert known.post(TEMPLATE, filled(one))["errcode"] == 0
    assert [push._data["Event"] for push in webhook.pushes[before:]].count("subscribe") == 0
    for wrong in ({"openids": "o_crowd_1"}, {"openids": ["not one"]}, {}):
        assert requests.post(f"{phone.api}/followers", json=wrong, timeout=5).status_code == 400


def test_the_most_in_any_second_is_remembered() -> None:
    now = [0.0]
    log = SendLog(lambda: now[0])
    for at in (0.0, 0.4, 0.9, 0.95, 1.3, 1.5, 5.0):
        now[0] = at
        log.arrived()
    assert log.told()["most_in_a_second"] == 4  # 0.9 to 1.5


# --- how results come --------------------------------------------------------------------------


class Post:
    """Runs what is to be done later when the test says so."""

    def __init__(self) -> None:
        self.came: list[str] = []
        self.work: list[Callable[[], None]] = []
        self.before: list[str] = []

    def do(self, work: Callable[[], None]) -> None:
        self.work.append(work)

    def report(self, openid: str, fields: dict[str, Any]) -> None:
        self.came.append(openid)

    def push(self) -> list[str]:
        work, self.work = self.work, []
        for each in work:
            each()
        return self.came


def told(post: Post, coming: Coming, people: int = 20) -> list[str]:
    """Results of so many people, as they were told of by the end of the last call."""
    receipts = Receipts(lambda: coming, post.report, post)  # type: ignore[arg-type]
    for number in range(people):
        receipts.tell(f"o{number}", {})
    post.before = list(post.came)
    pushed = list(post.push())
    receipts.stop()
    return pushed


def test_results_come_one_by_one_in_their_order() -> None:
    assert told(Post(), Coming()) == [f"o{n}" for n in range(20)]


def test_results_come_in_bursts_of_a_size() -> None:
    assert len(told(Post(), Coming(batch=8))) == 16


def test_results_come_in_any_order() -> None:
    came = told(Post(), Coming(batch=20, shuffle=True, seed=3))
    assert came != sorted(came, key=lambda openid: int(openid[1:]))
    assert sorted(set(came)) == sorted(f"o{n}" for n in range(20))


@pytest.mark.parametrize("batch", [0, 20])
def test_a_share_of_results_comes_twice(batch: int) -> None:
    came = told(Post(), Coming(batch=batch, twice=0.5, seed=3))
    assert 20 < len(came) < 40
    assert len(set(came)) == 20


def test_a_share_of_results_comes_before_the_answer() -> None:
    post = Post()
    came = told(post, Coming(before=0.5, seed=3))
    assert 0 < len(post.before) < 20
    assert sorted(came) == sorted(f"o{n}" for n in range(20))


def test_results_that_are_late_come_all_at_once(
    known: Account, phone: Phone, webhook: Webhook
) -> None:
    def came() -> list[Any]:
        return [p for p in webhook.pushes if p._data.get("Event") == "TEMPLATESENDJOBFINISH"]

    assert put(known.url, {"wechat": {"receipts": {"late_ms": 400, "shuffle": True}}}) == 200
    shown = requests.get(f"{known.url}/simulator/api/faults", timeout=5).json()["wechat"]
    assert (shown["receipts"]["late_ms"], "error" in shown) == (400, False)
    began = time.monotonic()
    for _ in range(3):
        known.post(TEMPLATE, filled(phone))
    assert len(eventually(lambda: came() if len(came()) == 3 else [])) == 3
    assert time.monotonic() - began >= 0.4


def test_a_result_that_comes_before_the_answer_is_heard_before_it(
    known: Account, phone: Phone, webhook: Webhook
) -> None:
    faults = [{"calls": [TEMPLATE], "delay_ms": 1}, {"receipts": {"before": 1.0}}]
    assert put(known.url, {"wechat": faults}) == 200
    shown = requests.get(f"{known.url}/simulator/api/faults", timeout=5).json()["wechat"]
    assert shown["receipts"]["before"] == 1.0
    msgid = known.post(TEMPLATE, filled(phone))["msgid"]
    assert webhook.pushes[-1]._data["MsgID"] == str(msgid)


# --- the bell of the phones --------------------------------------------------------------------


def test_a_phone_is_woken_by_what_it_shows_and_by_nothing_else(tmp_path: Any) -> None:
    store = Store(tmp_path / "store.db")
    write = "INSERT OR REPLACE INTO facts VALUES('x', '1')"
    seen = store.wait(-1, 0, "o1")
    store.write(write, seen_by="o2")
    store.write(write, seen_by=NOBODY)
    assert store.wait(seen, 0, "o1") == seen
    woken: list[int] = []
    waiter = threading.Thread(target=lambda: woken.append(store.wait(seen, 10, "o1")))
    waiter.start()
    store.write(write, seen_by="o1")
    waiter.join()
    assert woken[0] > seen
    store.write(write)
    assert store.wait(woken[0], 0, "o1") > woken[0]
    assert store.wait(-1, 0) == store.changes
    store.close()


def test_what_is_written_together_is_kept_together_or_not_at_all(tmp_path: Any) -> None:
    store = Store(tmp_path / "store.db")

    def both() -> None:
        with store.together():
            store.write("INSERT INTO facts VALUES('a', '1')")
            with store.together():
                store.write("INSERT INTO facts VALUES('b', '1')")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        both()
    assert store.rows("SELECT name FROM facts") == []
    store.close()
