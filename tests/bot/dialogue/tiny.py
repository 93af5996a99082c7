"""A form of six questions, its texts in two languages, and a turn that is nothing but data."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.dialogue.checks import ReadBack
from bot.dialogue.form import Filling, Form, Step
from bot.dialogue.messages import AccountKey, Kind, Media, Outcome, Place, Reply, Update
from bot.dialogue.readings import Fault, Leave, Reading
from bot.dialogue.several import Value
from bot.dialogue.state import Draft, Session
from bot.dialogue.steps import Choice, Consent, Date, Text
from bot.dialogue.words import Words
from config.locales.days import with_days

NOW = datetime(2026, 11, 23, 2, 4, tzinfo=UTC)
ACCOUNT = AccountKey("wechat", "wx1", "oTiny")
WORDS = Words({"yes": ["好", "同意"], "no": ["不同意"], "confirm": ["确认"]})

TEXTS: dict[str, str] = {
    "footer": "0 返回 · 9 人工",
    "form.header": "第{n}步/共{of}步 {title}",
    "form.resumed": "接着办。",
    "form.back": "回到{title}，原来选的是{old}：",
    "form.back_text": "回到{title}，原来是{old}。",
    "form.kept": "保留。",
    "form.nothing_to_keep": "没有可保留的。",
    "form.not_understood": "没太明白。",
    "form.third_failure": "回复9找人。",
    "form.which_of": "您说的可能是：{options}",
    "form.aside": "{answer}\n接着刚才的问题，",
    "form.help": "这样用。",
    "form.edit_how": "要改哪样？",
    "form.cancel": "确定不办了吗？",
    "form.cancel_yes": "不办了，删掉",
    "form.cancel_no": "接着办",
    "form.cancelled": "取消了。",
    "form.expired": "过期了，重新开始。",
    "form.over": "过期了。",
    "form.carried_over": "有变动。",
    "form.agreed": "已同意",
    "form.all_right": "都对",
    "form.all_right_words": "对 没错",
    "form.something_wrong": "有不对的",
    "form.something_wrong_words": "不对 错了",
    "form.unread": "（没读出来）",
    "form.line": "{label}：{value}",
    "form.joined": "，",
    "form.date": "{day:Y年m月d日}",
    "form.long_term": "长期",
    "problem.age": "年龄是数字，收到{said}。",
    "problem.name": "名字里没有数字。",
    "problem.over": "这一天过了。",
    "not_understood": "没太明白。",
    "old_choice": "那是前面的选项。",
    "unread.voice": "语音没有文字。",
    "unread.image": "不用图片。",
    "unread.location": "不用位置。",
    "unread.other": "看不懂。",
    "pet.intro": "我们开始。",
    "pet.section.start": "同意",
    "pet.section.you": "您",
    "pet.section.end": "核对",
    "pet.agree.ask": "同意吗？",
    "pet.who.ask": "姓名和年龄？",
    "pet.who.label": "您",
    "pet.who.words": "姓名 名字",
    "pet.who.need.name": "还要姓名。",
    "pet.who.need.age": "还要年龄。",
    "pet.kind.ask": "养什么？",
    "pet.kind.label": "宠物",
    "pet.kind.words": "动物",
    "pet.kind.option.dog": "小狗",
    "pet.kind.option_words.dog": "狗 汪星人 dog",
    "pet.kind.option.cat": "小猫",
    "pet.kind.option_words.cat": "猫 cat",
    "pet.kind.option.none": "没有养",
    "pet.kind.option_words.none": "没有",
    "pet.vet.ask": "哪家医院？",
    "pet.vet.label": "医院",
    "pet.vet.words": "兽医",
    "pet.since.ask": "哪天起？",
    "pet.since.label": "日期",
    "pet.since.words": "日子",
    "pet.check.ask": "请核对：",
    "pet.check.after": "回复确认。",
}


class Texts:
    """A `Wording` over tables like `TEXTS`."""

    def __init__(self, **tables: Mapping[str, str]) -> None:
        self.tables = tables or {"zh_CN": TEXTS, "en": TEXTS}

    def say(self, locale: str, key: str, **values: object) -> str:
        return self.tables[locale][key].format_map(with_days(values))

    def has(self, key: str) -> bool:
        return key in self.tables["zh_CN"]

    def placeholders(self, locale: str, key: str) -> frozenset[str]:
        parsed = string.Formatter().parse(self.tables[locale][key])
        return frozenset(name for _, name, _, _ in parsed if name)


def update(text: str = "", kind: Kind = Kind.TEXT, **more: Any) -> Update:
    """One message of the person."""
    return Update("u1", ACCOUNT, kind, NOW, text=text, **more)


@dataclass
class Talk:
    """A turn as the engine sees it: who says what, and the texts."""

    update: Update = field(default_factory=update)
    session: Session = field(default_factory=Session)
    now: datetime = NOW
    texts: Mapping[str, str] = field(default_factory=lambda: TEXTS)

    def say(self, key: str, **values: object) -> str:
        return self.texts[key].format_map(with_days(values))

    def hears(self, text: str = "", kind: Kind = Kind.TEXT, **more: Any) -> Talk:
        self.update = update(text, kind, **more)
        return self


def read_name(turn: Any, draft: Draft, said: str) -> str:
    if any(ch.isdigit() for ch in said):
        raise Fault("name")
    return said


def read_age(turn: Any, draft: Draft, said: str) -> int:
    if not said.isdigit():
        raise Fault("age", said=said)
    return int(said)


def any_text(turn: Any, draft: Draft, said: str) -> str:
    return said


def has_pet(turn: Any, draft: Draft) -> bool:
    return draft.answers.get("kind") != "none"


def refused(turn: Any, draft: Draft) -> Reading:
    return Leave(Reply("到窗口办。"))


def submitted(turn: Any, draft: Draft) -> Outcome:
    turn.session.drafts.pop("pet", None)
    turn.session.talk = ""
    return Reply("收到：" + "、".join(str(draft.answers[k]) for k in sorted(draft.answers)))


def pet_steps() -> list[Step]:
    """The questions: consent, two values at once, a choice, what depends on it, a day, a look."""
    return [
        Consent(
            name="agree", section="start", line="", yes=lambda turn: WORDS,
            given=lambda turn, draft: None, refused=refused,
        ),
        Text(name="who", section="you", reads=(Value("name", read_name), Value("age", read_age))),
        Choice(name="kind", section="you", options=("dog", "cat", "none")),
        Text(
            name="vet", section="you", reads=(Value("vet", any_text),), when=has_pet,
            depends=("kind",),
        ),
        Date(name="since", section="you", long_term=True),
        ReadBack(
            name="check", section="end", line="", whole=lambda: PET, yes=lambda turn: WORDS
        ),
    ]  # fmt: skip


def pet_form(steps: list[Step] | None = None, **more: Any) -> Form:
    """The form, or one like it."""
    given: dict[str, Any] = {
        "name": "pet",
        "version": 1,
        "sections": ["start", "you", "end"],
        "steps": steps if steps is not None else pet_steps(),
        "submit": submitted,
        **more,
    }
    return Form(**given)


PET = pet_form()


def begun(form: Form | None = None) -> tuple[Talk, Filling]:
    """A draft just started, its first question asked."""
    form = form or PET
    talk = Talk()
    draft = Draft("d1", form.name, form.version, NOW.isoformat())
    talk.session.drafts[form.name], talk.session.talk = draft, form.name
    filling = Filling(form, talk, draft)
    filling.start()
    return talk, filling


def answered(filling: Filling, *texts: str) -> str:
    """The last reply, in plain words, after these texts were said one by one."""
    told: Outcome = None
    for text in texts:
        filling.turn.update = update(text)
        told = filling.take(filling.read())
    assert isinstance(told, Reply), told
    return told.plain()


def at_the_end(form: Form | None = None) -> tuple[Talk, Filling]:
    """Everything answered but the read-back, which is open."""
    talk, filling = begun(form)
    answered(filling, "同意", "赵小云 36", "1", "城东动物医院", "2024-5-1")
    return talk, filling


PHOTO = {"kind": Kind.IMAGE, "media": Media("m1")}
PLACE = {"kind": Kind.LOCATION, "place": Place(32.0, 123.0, "和平路")}
