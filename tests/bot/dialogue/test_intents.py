"""Free text is understood: typos, pinyin, dialect, traditional characters, other languages."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bot.dialogue.intents import Understanding
from bot.dialogue.router import CERTAIN, IDLE, SURE
from bot.understanding import load_understanding
from config.intents import load_intents

HERE = Path(__file__).parent

COMMANDS = """
greeting 你好 您好 在吗 早上好 hi hello 嗨 早
consult_human 人工 转人工 客服
help 菜单 帮助 help
apply 办卡
progress 进度 查进度 申请进度
lost_card 挂失 挂失社保卡
cancel_lost 解挂 解锁
activate 激活
replace_card 补卡 换卡 补办
resume 继续 接着填
cancel_application 取消申请 撤销申请
modify 修改 修改地址
pickup 领卡
language English 英语 繁体
work_injury 工伤
unemployment_benefit 失业金
training 培训
records_payment 查社保
records_pension 养老金
records_medical 医保余额
employment_reg 就业登记
unemployment_reg 失业登记
employer_complaint 投诉公司
privacy 隐私
"""

ANSWERS = """
城东区人民路1号 翠湖花园小区5栋 翠湖花园小区5栋2单元301 河西区解放南路256号 五星村二组15号
养老院对面 中心小学旁边 火车站旁边的医院 解放路邮局对面 职工之家楼下 就业路12号 桥头镇政府对面
某某职业培训学校 人民医院 第二人民医院住院部 社保服务公司 平安保险公司 工伤康复医院 老年大学
利民劳务派遣有限公司 就业服务中心 县医疗保障局 工商银行 建设银行 中国银行城东支行 顺丰快递
王小明 李银行 古丽娜扎尔·阿不都 已退休 退休 失业 没有工作 无业 在职 学生 个体户 自由职业 开滴滴
厨师 电焊工 月嫂 司机 教师 退休工人 换一张 重拍 13900001234 2031年5月 长期有效 随便 都可以
汉族 维吾尔族 母亲 本科 女 是 不是 同意
"""

QUESTIONS = """
faq_fee 办卡要钱吗 收费吗 办卡免费吗 补卡多少钱 银行要收年费吗
faq_duration 多久能拿到 要多久 要几天 几天能办好
faq_photo 照片要什么底色 照片可以手机拍吗 照片能自拍吗
faq_documents 要带什么证件 要带身份证吗 孩子要带户口本吗
pickup 可以邮寄吗 能寄到家吗 能代领吗 去哪里领卡 几点下班
activate 怎么激活 初始密码是多少
lost_card 卡丢了怎么办 怎么挂失
cancel_lost 密码忘了怎么办
replace_card 我想换三代卡 卡坏了怎么换
progress 我的卡办到哪了
cancel_application 怎么取消申请
modify 怎么改手机号
privacy 你们会泄露我的信息吗 信息安全吗
consult_human 我要找人工
language 换成英文 可以换成英文吗
records_payment 我交了几年社保
records_pension 什么时候退休
records_medical 医保余额怎么查
unemployment_benefit 失业金怎么领 失业金能领几个月
work_injury 工伤怎么赔 工伤怎么认定
employer_complaint 公司不交社保怎么办 怎么投诉公司
"""


def each_of(table: str) -> list[tuple[str, str]]:
    lines = [line.split() for line in table.strip().splitlines()]
    return [(intent, text) for intent, *texts in lines for text in texts]


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


@pytest.mark.parametrize("at_least", [IDLE, SURE, CERTAIN])
def test_what_may_be_left_out_changes_no_guess_that_is_sure_enough(
    understanding: Understanding, at_least: float
) -> None:
    texts = [text for table in (COMMANDS, ANSWERS, QUESTIONS) for text in table.split()]
    left_out = 0
    for text in texts:
        whole, short = understanding.understand(text), understanding.understand(text, at_least)
        if whole[0].score >= at_least:
            assert short[0] == whole[0]
        left_out += not short
    assert left_out > 0 or at_least == IDLE


def test_what_means_nothing_to_us_is_other_and_never_sure(understanding: Understanding) -> None:
    guess = understanding.understand("呼伦贝尔的云")[0]
    assert guess.intent == "other"
    assert guess.score < SURE


@pytest.mark.parametrize(("intent", "text"), each_of(COMMANDS))
def test_a_short_clear_command_is_clearly_understood(
    understanding: Understanding, intent: str, text: str
) -> None:
    guess = understanding.understand(text)[0]
    assert guess.intent == intent
    assert guess.score > 0.8


@pytest.mark.parametrize("text", ANSWERS.split())
def test_what_answers_a_form_does_not_interrupt_it(understanding: Understanding, text: str) -> None:
    guess = understanding.understand(text)[0]
    assert guess.intent == "other" or guess.score < SURE


@pytest.mark.parametrize(("intent", "text"), each_of(QUESTIONS))
def test_a_question_about_something_else_interrupts_a_form(
    understanding: Understanding, intent: str, text: str
) -> None:
    guess = understanding.understand(text)[0]
    assert guess.intent == intent
    assert guess.score >= CERTAIN


def test_first_letters_ends_and_numbers_can_be_written_in_a_word() -> None:
    words = {"CARD": ["社保卡"], "DAYS": ["#天"], "LAST": ["公司$"], "FIRST": ["^在"]}
    known = Understanding(words, {"a": {"CARD": 90}, "b": {"DAYS": 90}, "c": {"LAST": 90}})
    tops = {text: known.understand(text)[0] for text in ("sbk", "等了三天", "某公司", "公司好")}
    assert [guess.intent for guess in tops.values()] == ["a", "b", "c", "other"]


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


def test_of_a_long_text_only_the_beginning_is_read(understanding: Understanding) -> None:
    long = "我想办卡" * 100_000
    assert understanding.understand(long) == understanding.understand(long + "转人工")


def test_a_pattern_that_names_an_unknown_idea_is_refused() -> None:
    with pytest.raises(ValueError, match="no words for MOON"):
        Understanding({"CARD": ["卡"]}, {"apply": {"CARD !MOON": 50}})


def test_a_pattern_without_an_idea_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one idea"):
        Understanding({"CARD": ["卡"]}, {"apply": {"!CARD": 50}})
