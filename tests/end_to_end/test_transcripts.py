"""Every dialogue in tests/transcripts is what the bot says today, to the letter."""

from __future__ import annotations

from pathlib import Path

import pytest
import redis

from tests.end_to_end.transcript import load, play, readable, written
from tests.end_to_end.walks import picture_read_before
from tests.rig import Clock, running

FOLDER = Path(__file__).parents[1] / "transcripts"
GOLDEN = FOLDER / "card.txt"
WITH_A_READABLE_CARD = 12  # messages of the person, from the one after 办卡
TYPED = 17


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_the_dialogue_goes_as_written(
    path: Path, redis: redis.Redis, redis_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    transcript = load(path)
    header = transcript.header
    picture_read_before(*(f"{header['person']}_{side}" for side in transcript.sides()))
    with running(
        tmp_path,
        redis_url,
        clock=Clock(transcript.clock),
        codes=lambda: header["sms_code"],
        serials=lambda: header["serial"],
        user=header["user"],
        linger=0.05,
    ) as bot:
        answers = play(transcript, bot)
    if request.config.getoption("--refresh-transcripts"):
        path.write_text(written(transcript, answers), "utf-8")
        return
    for (said, expected), answered in zip(transcript.exchanges(), answers, strict=True):
        assert (said, answered) == (said, expected)


def test_a_readable_card_needs_no_more_messages_than_promised() -> None:
    golden = load(GOLDEN)
    assert golden.counted() == 11 <= WITH_A_READABLE_CARD
    said = [said for said, _ in golden.exchanges()]
    begun = said.index("我想办张社保卡")
    extra = ["1390000123", "办卡要钱吗", "上一步", "2"]  # a slip, a question, a change of mind
    assert len(said[begun + 1 : said.index("确认") + 1]) - len(extra) == golden.counted()


def test_typing_everything_needs_no_more_messages_than_promised() -> None:
    assert load(FOLDER / "card_typed.txt").counted() == 14 <= TYPED


def test_refreshing_what_has_not_changed_changes_nothing() -> None:
    golden = load(GOLDEN)
    answers = [answers for _, answers in golden.exchanges()]
    assert written(golden, answers) == GOLDEN.read_text("utf-8")


def test_a_link_is_shown_by_its_label() -> None:
    assert readable('见<a href="http://127.0.0.1/privacy">《告知》</a>。') == "见《告知》（链接）。"
