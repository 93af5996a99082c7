"""What waits for a visit: told or ended once, with the counters."""

from __future__ import annotations

from models.database import Database
from models.people import account_of
from models.push.aftermath import skip_visit, tell_at_visit, waiting_for_visit, waits_for_visit
from models.push.counts import progress
from tests.models.making import ACCOUNT, NOW
from tests.models.push.person import counted, got, make_campaign


def test_what_waits_comes_with_ones_own_matters_first_and_the_latest_before(
    database: Database,
) -> None:
    with database.writing() as records:
        account_of(records, "wechat:wx1:stranger", NOW)
        assert not waits_for_visit(records, ACCOUNT)
        made = []
        for purpose in ("service", "announcement", "service", "announcement"):
            made.append(make_campaign(records, purpose=purpose))
            recipient = got(records, made[-1], state="visit")
        got(records, make_campaign(records))
        assert waits_for_visit(records, ACCOUNT)
        assert not waits_for_visit(records, "wechat:wx1:stranger")
        found = waiting_for_visit(records, recipient)
        assert [campaign for _, campaign in found] == [made[n] for n in (2, 0, 3, 1)]


def test_each_is_counted_as_it_ends_and_the_progress_stays_whole(database: Database) -> None:
    with database.writing() as records:
        told, skipped = (make_campaign(records, total=1) for _ in range(2))
        for campaign in (told, skipped):
            recipient = got(records, campaign, state="visit")
        (last, _), (first, _) = waiting_for_visit(records, recipient)
        tell_at_visit(records, first, NOW)
        skip_visit(records, last, "expired")
        assert not waits_for_visit(records, ACCOUNT)
        assert (first.sent_at, last.sent_at) == (NOW, None)
        assert [progress(records, c)["open"] for c in (told, skipped)] == [0, 0]
    assert counted(database, told.id) == {("sent", "visit", ""): 1}
    assert counted(database, skipped.id) == {("skipped", "visit", "expired"): 1}
