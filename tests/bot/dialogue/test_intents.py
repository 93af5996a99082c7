"""Free text is understood: typos, pinyin, dialect, traditional characters, other languages."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from bot.dialogue.intents import Understanding
from bot.dialogue.router import SURE
from bot.understanding import load_understanding
from config.intents import load_intents

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def understanding() -> Understanding:
    return load_understanding()


def lines_of(name: str) -> list[tuple[str, str]]:
    lines = (HERE / name).read_text("utf-8").splitlines()
    return [(intent, text) for intent, text in (line.split("\t") for line in lines)]


@pytest.mark.parametrize(
    ("name", "least"), [("utterances_seen.tsv", 0.95), ("utterances_unseen.tsv", 0.85)]
)
def test_most_of_what_people_say_is_understood(
    understanding: Understanding, name: str, least: float, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = lines_of(name)
    right = [intent == understanding.understand(text)[0].intent for intent, text in lines]
    share = sum(right) / len(lines)
    with capsys.disabled():
        sys.stdout.write(f"\n{name}: {sum(right)} of {len(lines)} understood, {share:.1%}\n")
    assert share >= least


def test_no_line_kept_unseen_is_an_example(understanding: Understanding) -> None:
    unseen = {text for _, text in lines_of("utterances_unseen.tsv")}
    shown = {text for _, text in (*load_intents().examples, *lines_of("utterances_seen.tsv"))}
    assert not unseen & shown


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("身份证丢了", "other"),
        ("社保卡丢了", "lost_card"),
        ("银行选错", "modify"),
        ("密码锁了", "cancel_lost"),
        ("初始密码", "activate"),
        ("考了证有没有补贴", "training"),
        ("失业补助", "unemployment_benefit"),
        ("自己能申请工伤吗", "work_injury"),
        ("举报单位", "employer_complaint"),
        ("取消挂失", "cancel_lost"),
        ("取消申请", "cancel_application"),
        ("找到工作了要登记吗", "employment_reg"),
        ("卡找到了", "cancel_lost"),
        ("补一张要几多钱", "faq_fee"),
        ("公司没给我交社保", "employer_complaint"),
        ("公司给我交社保了吗", "records_payment"),
    ],
)
def test_pairs_that_are_easily_confused_are_told_apart(
    understanding: Understanding, text: str, intent: str
) -> None:
    assert understanding.understand(text)[0].intent == intent


@pytest.mark.parametrize(
    "text", ["社宝卡丢了", "社保卡丟了", "shebaoka diu le", "SHE BAO KA DIU LE"]
)
def test_one_thing_said_in_many_writings_is_one_intent(
    understanding: Understanding, text: str
) -> None:
    guess = understanding.understand(text)[0]
    assert guess.intent == "lost_card"
    assert guess.score >= SURE


@pytest.mark.parametrize(
    "text", ["", " ", "。。。", "😊😊", "12345", "\u202e\x00", "x" * 5000, "卡" * 5000]
)
def test_any_text_gets_a_guess(understanding: Understanding, text: str) -> None:
    guesses = understanding.understand(text)
    assert guesses[0].score <= 1
    assert "other" in [guess.intent for guess in guesses]


def test_what_means_nothing_to_us_is_other_and_never_sure(understanding: Understanding) -> None:
    guess = understanding.understand("呼伦贝尔的云")[0]
    assert guess.intent == "other"
    assert guess.score < SURE


def test_guesses_come_surest_first_and_name_an_intent_once(understanding: Understanding) -> None:
    guesses = understanding.understand("社保卡丢了补一张要多少钱")
    assert [g.score for g in guesses] == sorted((g.score for g in guesses), reverse=True)
    assert len({g.intent for g in guesses}) == len(guesses)


@pytest.mark.parametrize(
    ("text", "asks"),
    [("办卡要钱吗", True), ("照片要什么底色", True), ("丢了?", True), ("华云技能培训学校", False)],
)
def test_a_question_is_told_from_an_answer(
    understanding: Understanding, text: str, asks: bool
) -> None:
    assert understanding.asks(text) is asks


def test_a_text_is_understood_in_five_milliseconds(understanding: Understanding) -> None:
    texts = [text for _, text in lines_of("utterances_unseen.tsv")]
    started = time.process_time()
    for text in texts:
        understanding.understand(text)
    assert (time.process_time() - started) / len(texts) < 0.005


def test_a_long_text_takes_no_longer_than_the_part_that_is_read(
    understanding: Understanding,
) -> None:
    started = time.process_time()
    understanding.understand("我想办卡" * 100_000)
    assert time.process_time() - started < 0.1


def test_a_pattern_that_names_an_unknown_idea_is_refused() -> None:
    with pytest.raises(ValueError, match="no words for MOON"):
        Understanding({"CARD": ["卡"]}, {"apply": {"CARD !MOON": 50}})


def test_a_pattern_without_an_idea_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one idea"):
        Understanding({"CARD": ["卡"]}, {"apply": {"!CARD": 50}})
