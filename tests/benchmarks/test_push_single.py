"""The bench of single notices moves applications on as the site does, and judges what it found."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from benchmarks.push.single import _spread, faults_of, figures
from benchmarks.push.steps import SINGLE, Site
from models.database import Database
from models.notices import Notice
from models.push.campaigns import Campaign


def test_an_application_that_is_moved_on_has_its_notice(
    database: Database, redis_url: str, tmp_path: Path
) -> None:
    site = Site(database, tmp_path, redis_url, port=1, rate=1000)
    site.fill(people=3, singles=2)
    assert site.singles == [f"{SINGLE}{n:020d}" for n in range(2)]
    assert round(site.bulk_per_second) == 818
    site.move_on(site.singles[1])
    assert (site.sent(), site.has_sent(1), site.is_calling()) == (0, False, False)
    site.stop()
    with database.reading() as records:
        (notice,) = records.scalars(select(Notice))
        assert notice.account_key.endswith(site.singles[1])
        assert (notice.state, notice.due_at) == ("queued", notice.created_at)
        assert records.scalars(select(Campaign.stage)).all() == ["stopped"]
    site.close()


def test_what_is_promised_is_judged() -> None:
    fine = {
        "notices": 100,
        "seconds": figures([0.1] * 95 + [0.5] * 4 + [2.0]),
        "fullest_second": 1000,
        "could_not_write": 0,
    }
    assert fine["seconds"] == {"median": 0.1, "p95": 0.1, "worst": 2.0}
    assert list(faults_of(fine, 1000)) == []
    late = {
        "notices": 99,
        "seconds": figures([2.5, 2.5, 3.0]),
        "fullest_second": 1001,
        "could_not_write": 1,
    }
    assert list(faults_of(late, 1000)) == [
        "median 2.50 s",
        "worst 3.00 s",
        "1001 in a second, not 1000",
        "1 times a step could not be written",
        "99 notices while the campaign was under way, not 100",
    ]


def test_notices_are_spread_over_what_is_sent() -> None:
    moments = list(_spread(10, 1000))
    assert moments == sorted(moments)
    assert all(97 * n <= moment < 97 * (n + 1) for n, moment in enumerate(moments))
