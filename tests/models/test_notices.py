"""The outbox: in order for each person, marked before a call, folded, and linked to once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session as Records

from models.database import Database
from models.notices import (
    LINK_LIFE,
    PICTURE_LEASE,
    Notice,
    add_chat,
    add_picture,
    add_sms,
    claim_notices,
    find_notice,
    fold,
    forget_notices,
    hold_back,
    make_link,
    mark_refused,
    mark_sending,
    mark_sent,
    mark_unknown,
    park,
    parked_notices,
    postpone_notice,
    settle_unknown,
    use_link,
)
from tests.models.making import ACCOUNT, DAY, KEYS, MINUTE, NOW, PHONE, SECOND, new_id

OTHER = "wechat:wx1:other"
LEASE = 30.0
LEASE_END = NOW + timedelta(seconds=LEASE)
ME = "worker 1"


def _sms(records: Records, account: str = ACCOUNT) -> str:
    return add_sms(
        records,
        KEYS,
        account=account,
        phone=PHONE,
        template="code",
        params={"code": "482915"},
        now=NOW,
        notice_id=new_id(),
    )


def _chat(records: Records, account: str = ACCOUNT, **other: Any) -> str:
    return add_chat(
        records,
        KEYS,
        account=account,
        payload={"text": "做好了"},
        now=NOW,
        notice_id=new_id(),
        **other,
    )


def _picture(records: Records) -> str:
    return add_picture(
        records,
        KEYS,
        account=ACCOUNT,
        document_id="doc",
        payload={"watermark": "样例"},
        now=NOW,
        notice_id=new_id(),
    )


def _claim(database: Database, now: datetime = NOW, limit: int = 10) -> list[Notice]:
    with database.writing() as records:
        return claim_notices(records, now, LEASE, limit, ME)


def _state(database: Database, notice_id: str) -> str:
    with database.reading() as records:
        notice = find_notice(records, notice_id)
        assert notice is not None
        return notice.state


def test_a_claimed_sms_brings_phone_template_and_params(database: Database) -> None:
    with database.writing() as records:
        notice_id = _sms(records)
    (notice,) = _claim(database)
    assert notice.id == notice_id
    assert notice.open_payload(KEYS) == {
        "phone": PHONE,
        "template": "code",
        "params": {"code": "482915"},
    }
    assert PHONE.encode() not in notice.payload


@pytest.mark.parametrize("may_go", [True, False])
def test_a_notice_held_back_is_never_sent(database: Database, may_go: bool) -> None:
    with database.writing() as records:
        notice_id = _sms(records)
        hold_back(records, notice_id, unless=may_go)
    assert [notice.id for notice in _claim(database)] == ([notice_id] if may_go else [])


def test_one_persons_notices_leave_in_order(database: Database) -> None:
    with database.writing() as records:
        first, second, third = (_chat(records) for _ in range(3))
    for expected in (first, second, third):
        (notice,) = _claim(database)
        assert notice.id == expected
        assert _claim(database) == []
        with database.writing() as records:
            assert mark_sent(records, expected, NOW)
    assert _claim(database) == []


def test_a_persons_notices_wait_for_the_one_put_off(database: Database) -> None:
    with database.writing() as records:
        first, _second = _chat(records), _chat(records)
    _claim(database)
    with database.writing() as records:
        assert postpone_notice(records, first, NOW + MINUTE, "transient")
    assert _claim(database) == []
    assert [notice.id for notice in _claim(database, NOW + MINUTE)] == [first]


def test_people_do_not_wait_for_each_other_nor_one_road_for_the_other(
    database: Database,
) -> None:
    with database.writing() as records:
        expected = [_chat(records), _chat(records, OTHER), _sms(records)]
        _chat(records)
    assert [notice.id for notice in _claim(database)] == expected


def test_many_workers_keep_each_persons_order_and_take_nothing_twice(
    database: Database,
) -> None:
    people = [f"wechat:wx1:{number}" for number in range(4)]
    with database.writing() as records:
        written = [(person, _chat(records, person)) for _ in range(8) for person in people]
    sent: list[tuple[str, str]] = []

    def work(_: int) -> None:
        for _round in range(60):
            for notice in _claim(database, limit=2):
                sent.append((notice.account_key, notice.id))
                with database.writing() as records:
                    mark_sent(records, notice.id, NOW)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(4)))
    for person in people:
        assert [s for s in sent if s[0] == person] == [w for w in written if w[0] == person]


def test_a_claim_whose_lease_ran_out_is_taken_again(database: Database) -> None:
    with database.writing() as records:
        notice_id = _sms(records)
    _claim(database)
    assert _claim(database, LEASE_END - SECOND) == []
    (again,) = _claim(database, LEASE_END)
    assert (again.id, again.attempts) == (notice_id, 2)


def test_only_who_holds_the_claim_may_begin_to_send(database: Database) -> None:
    with database.writing() as records:
        notice_id = _chat(records)
        assert not mark_sending(records, notice_id, ME, LEASE_END)
    _claim(database)
    with database.writing() as records:
        assert not mark_sending(records, notice_id, "worker 2", LEASE_END)
        assert mark_sending(records, notice_id, ME, LEASE_END)
        assert not mark_sending(records, notice_id, ME, LEASE_END)


def test_what_was_being_sent_when_its_sender_died_is_unknown_and_never_sent_again(
    database: Database,
) -> None:
    with database.writing() as records:
        notice_id = _chat(records)
    _claim(database)
    with database.writing() as records:
        mark_sending(records, notice_id, ME, LEASE_END)
    assert _claim(database, LEASE_END + DAY) == []
    with database.writing() as records:
        assert settle_unknown(records, LEASE_END - SECOND) == []
        assert [notice.id for notice in settle_unknown(records, LEASE_END)] == [notice_id]
    assert _state(database, notice_id) == "unknown"
    assert _claim(database, LEASE_END + DAY) == []


@pytest.mark.parametrize(
    ("close", "state"),
    [
        (lambda records, notice: mark_sent(records, notice, NOW), "sent"),
        (lambda records, notice: mark_refused(records, notice, "permanent"), "refused"),
        (lambda records, notice: mark_unknown(records, notice, "timeout"), "unknown"),
        (lambda records, notice: park(records, notice, "window"), "parked"),
    ],
)
def test_a_notice_is_closed_once(database: Database, close: Any, state: str) -> None:
    with database.writing() as records:
        notice_id = _chat(records)
    _claim(database)
    with database.writing() as records:
        assert close(records, notice_id)
        assert not close(records, notice_id)
        notice = find_notice(records, notice_id)
        assert notice is not None
        assert (notice.state, notice.owner, notice.lease_until) == (state, None, None)
    assert _claim(database, NOW + DAY) == []


def test_a_closed_notice_lets_the_next_one_go(database: Database) -> None:
    with database.writing() as records:
        first, second = _chat(records), _chat(records)
        assert park(records, first, "window")
    assert [notice.id for notice in _claim(database)] == [second]


def test_undelivered_notices_of_one_matter_give_way_to_the_next(database: Database) -> None:
    with database.writing() as records:
        parked = _chat(records, matter="application:1")
        park(records, parked, "window")
        queued = _chat(records, matter="application:1")
        other_matter = _chat(records, matter="application:2")
        other_person = _chat(records, OTHER, matter="application:1")
        sent = _chat(records, matter="application:1")
        mark_sent(records, sent, NOW)
        assert fold(records, ACCOUNT, "application:1") == 2
    states = [
        _state(database, notice) for notice in (parked, queued, other_matter, other_person, sent)
    ]
    assert states == ["replaced", "replaced", "queued", "queued", "sent"]


def test_what_waits_for_a_visit_is_listed_oldest_first(database: Database) -> None:
    with database.writing() as records:
        waiting = [_chat(records), _chat(records)]
        _chat(records)
        for notice in waiting:
            park(records, notice, "window")
        assert [notice.id for notice in parked_notices(records, ACCOUNT)] == waiting


def test_what_has_ended_is_forgotten_and_what_somebody_waits_for_kept(
    database: Database,
) -> None:
    with database.writing() as records:
        sent, refused, unknown, parked = (_chat(records, f"a:b:{n}") for n in range(4))
        _chat(records)
        mark_sent(records, sent, NOW)
        mark_refused(records, refused, "permanent")
        mark_unknown(records, unknown)
        park(records, parked, "window")
        assert forget_notices(records, NOW) == 0
        assert forget_notices(records, NOW + SECOND) == 2
        assert find_notice(records, unknown) is not None
        assert find_notice(records, parked) is not None
        assert find_notice(records, sent) is None


def test_a_picture_is_its_own_turns_and_never_a_workers(database: Database) -> None:
    with database.writing() as records:
        notice_id = _picture(records)
    assert _state(database, notice_id) == "sending"
    assert _claim(database, NOW + DAY) == []
    with database.writing() as records:
        assert settle_unknown(records, NOW + PICTURE_LEASE - SECOND) == []
        assert len(settle_unknown(records, NOW + PICTURE_LEASE)) == 1


def test_a_link_shows_its_document_once(database: Database) -> None:
    with database.writing() as records:
        token = make_link(records, _picture(records), NOW)
        assert len(token) >= 32
    with database.writing() as records:
        assert use_link(records, "another" + token, NOW) is None
        assert use_link(records, token, NOW + LINK_LIFE - SECOND) == "doc"
        assert use_link(records, token, NOW) is None


def test_a_link_is_over_after_ten_minutes(database: Database) -> None:
    with database.writing() as records:
        token = make_link(records, _picture(records), NOW)
        assert use_link(records, token, NOW + timedelta(minutes=10)) is None


def test_the_database_does_not_hold_the_token(database: Database) -> None:
    with database.writing() as records:
        notice_id = _picture(records)
        token = make_link(records, notice_id, NOW, "a-token")
        notice = find_notice(records, notice_id)
        assert notice is not None
        assert token == "a-token"
        assert token not in str(vars(notice))
        with pytest.raises(KeyError):
            make_link(records, "none", NOW)


def test_a_link_opened_by_many_at_once_shows_once(database: Database) -> None:
    with database.writing() as records:
        token = make_link(records, _picture(records), NOW)

    def look(_: int) -> str | None:
        with database.writing() as records:
            return use_link(records, token, NOW)

    with ThreadPoolExecutor(6) as threads:
        shown = list(threads.map(look, range(6)))
    assert sorted(shown, key=str) == [None] * 5 + ["doc"]
