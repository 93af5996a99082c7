"""What texts may name of the city, as `{names}`, in the words of each language."""

from __future__ import annotations

import calendar
from datetime import date

from config.city import Branch, City

_MINUTE = 60
_CLOSINGS_TOLD = 2  # by name: an answer has no room for more


def city_facts(city: City, locale: str) -> dict[str, str]:
    """Every name that any text may hold, and what stands there in this city."""
    english = locale == "en"
    own = _english(city) if english else _chinese(city)
    return {
        **own,
        **_examples(city, english),
        "resend_wait": _wait(city.days.resend_seconds, english),
        "call_back": _working_days(city.days.call_back, english),
        "human_phone": city.human.phone,
        "counter_phone": city.counters[0].phone,
        "prefix": city.acceptance_prefix,
        "review_days": str(city.days.review),
        "making_days": str(city.days.making),
        "draft_days": str(city.days.draft),
        "code_minutes": str(city.days.code_minutes),
        "photo_days": str(city.days.photos),
        "notice_days": str(city.days.notices),
        "pushes_per_day": str(city.push.per_day),
        "answer_words_days": str(city.push.words_days),
        "guardian_age": str(city.ages.guardian_below),
        "photo_age": str(city.ages.photo_from),
        "pass_minutes": str(city.collection.pass_minutes),
        "agent_days": str(city.collection.agent_days),
        "agent_age": str(city.collection.agent_age),
        "seal_months": str(city.collection.seal_months),
    }


def _chinese(city: City) -> dict[str, str]:
    counter = city.counters[0]
    return {
        "city": city.name,
        "city_short": city.short,
        "wechat_name": city.website.wechat_name or f"{city.name}社保卡",
        "city_office": city.city_office,
        "province_office": city.province_office,
        "human_hours": city.human.hours,
        "counter": counter.name,
        "counter_address": counter.address,
        "counter_hours": counter.hours,
        "first_card": f"首次办卡{fee_words(city.fees.first, english=False)}",
        "post": city.fees.post,
    }


def _english(city: City) -> dict[str, str]:
    counter, first = city.counters[0], city.fees.first
    return {
        "city": city.name_en,
        "city_short": city.name_en,
        "wechat_name": city.website.wechat_name_en or city.name_en,
        "city_office": city.city_office_en,
        "province_office": city.province_office_en,
        "human_hours": city.human.hours_en,
        "counter": counter.name_en,
        "counter_address": counter.address_en,
        "counter_hours": counter.hours_en,
        "first_card": f"Your first card costs {first} yuan" if first else "Your first card is free",
        "post": city.fees.post_en,
    }


def _examples(city: City, english: bool) -> dict[str, str]:
    shown, bank = city.examples, city.bank(city.examples.bank)
    post_bank, branch = city.bank(shown.post_bank), city.lasting(city.branch(shown.branch))
    return {
        "example_address": shown.address_en if english else shown.address,
        "example_bank": bank.said(english),
        "example_bank_name": bank.name_en if english else bank.short,
        "example_post_bank": post_bank.name_en if english else post_bank.short,
        "example_branch": branch.name_en if english else branch.name,
    }


def fee_words(yuan: int, english: bool) -> str:
    """收费20元, or 不收费."""
    if english:
        return f"{yuan} yuan" if yuan else "free"
    return f"收费{yuan}元" if yuan else "不收费"


def closing_words(city: City, english: bool) -> str:
    """Which branches close, when, and which one goes on for each; "" where none does."""
    closing = [(b.closes_on, b) for b in city.branches if b.closes_on is not None]
    closing.sort(key=lambda each: each[0])
    if len(closing) > _CLOSINGS_TOLD:
        if english:
            return f" {len(closing)} branches close; as you choose one, you are told where to go."
        return f"有{len(closing)}个网点停办，选网点时会告诉您改到哪里。"
    return "".join(_closing(day, branch, city.lasting(branch), english) for day, branch in closing)


def _closing(day: date, branch: Branch, after: Branch, english: bool) -> str:
    if english:
        when = f"{day.day} {calendar.month_name[day.month]} {day.year}"
        return f" {branch.name_en} hands out no cards from {when} on; use {after.name_en} instead."
    when = f"{day.year}年{day.month}月{day.day}日"
    return f"{branch.name}{when}起不办了，改到{after.name}。"


def _wait(seconds: int, english: bool) -> str:
    """In minutes where they are whole: 1分钟, 90秒."""
    minutes, rest = divmod(seconds, _MINUTE)
    if english:
        if seconds == _MINUTE:
            return "a minute"
        return f"{seconds} seconds" if rest else f"{minutes} minutes"
    return f"{seconds}秒" if rest else f"{minutes}分钟"


def _working_days(count: int, english: bool) -> str:
    if english:
        return "one working day" if count == 1 else f"{count} working days"
    return f"{count}个工作日"
