"""What does not fit in the wordings of the notices: holes, lengths, placeholders."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING

from config.field_limits import alipay_fault_of, fault_of, kind_of
from config.template_book import ALIPAY_RUNGS, LOCALES, RUNGS, Worded, WordingRung

if TYPE_CHECKING:
    from config.city import City
    from config.templates import Templates

MOST_APPROVED = 25
"""Templates that a service account may have. Source: developers.weixin.qq.com, 模板消息."""

MOST_CHARACTERS = {"zh_CN": 300, "en": 700}
"""Of a text in the chat, as of a prompt."""


_MOST_NEEDS = {
    "zh_CN": "差三样东西：银行要换一家或更新资料，身份证要用有效的，身份证有效期要核对",
    "en": "lacks three things: another bank, or new details at this one; an ID card that is valid; "
    "the ID card's last day, checked",
}
"""What a returned application lacks, at its longest that anybody has seen."""


def faults_of(templates: Templates) -> list[str]:
    """Every fault, by the file's own names; an empty list when all fits."""
    return [
        *(f"left: no {locale}" for locale in LOCALES if locale not in templates.book.left),
        *chain.from_iterable(_of_notice(templates, name) for name in templates.names()),
        *chain.from_iterable(_of_rung(templates, rung) for rung in RUNGS),
        *_states_told_twice(templates),
    ]


def longest_params(city: City, locale: str) -> dict[str, str]:
    """The longest value of every parameter that a notice may have."""
    english = locale == "en"

    def longest(name: str) -> str:
        own = f"{name}_en" if english else name
        return max((str(getattr(branch, own)) for branch in city.branches), key=len)

    return {
        "number": f"{city.acceptance_prefix}261123{'0' * 8}",
        "date": "28 September 2027" if english else "明年10月28日",
        "days": str(max(city.days.correction, city.days.draft)),
        "branch": longest("name"),
        "address": longest("address"),
        "hours": longest("hours"),
        "parcel": "E" * 40,
        "needs": _MOST_NEEDS[locale],
        "phone": max((branch.phone for branch in city.branches), key=len),
    }


def _of_notice(templates: Templates, name: str) -> Iterator[str]:
    notice = templates.book.notice[name]
    holes = list(_holes(templates, name, notice))
    yield from holes
    if holes:
        return
    for locale in LOCALES:
        longest = longest_params(templates.city, locale)
        params = {param: longest[param] for param in notice.params}
        # Of a single day, and of none, {left} is worded otherwise.
        for days in (params["days"], "1", "0") if "days" in params else ("",):
            filled = {**params, "days": days} if days else params
            yield from _of_chat(templates, name, locale, filled)
            yield from _of_sms(templates, name, locale, filled)
            for rung in RUNGS:
                yield from _of_fields(templates, rung, name, locale, filled)


def _holes(templates: Templates, name: str, notice: Worded) -> Iterator[str]:
    for what in ("chat", "status", "note"):
        texts: Mapping[str, str] = getattr(notice, what)
        yield from (f"notice.{name}.{what}: no {loc}" for loc in LOCALES if loc not in texts)
        yield from (f"notice.{name}.{what}: nobody knows {x}" for x in texts if x not in LOCALES)
    for rung in RUNGS:
        if notice.wording not in templates.wanted(rung):
            yield f"notice.{name}: there is no {rung}.{notice.wording}"
    for sms in (notice.sms, f"{notice.sms}_en"):
        if sms not in templates.city.sms:
            yield f"notice.{name}: the city's profile has no sms.{sms}"
    known = longest_params(templates.city, LOCALES[0])
    yield from (f"notice.{name}: nobody fills in {p}" for p in notice.params if p not in known)


def _of_chat(
    templates: Templates, name: str, locale: str, params: Mapping[str, str]
) -> Iterator[str]:
    where = f"notice.{name}.chat.{locale}"
    try:
        text = templates.chat(name, locale, params)
    except (KeyError, ValueError, IndexError) as fault:
        yield f"{where}: nobody fills in {fault}"
        return
    if len(text) > MOST_CHARACTERS[locale]:
        yield f"{where}: {len(text)} characters, {MOST_CHARACTERS[locale]} at most"


def _of_sms(
    templates: Templates, name: str, locale: str, params: Mapping[str, str]
) -> Iterator[str]:
    sms = templates.book.notice[name].sms
    try:
        registered = templates.city.sms_template(sms, locale)
        filled = templates.sms(name, locale, params)
        wanted = {f for _, f, _, _ in string.Formatter().parse(registered.text) if f}
    except (KeyError, ValueError, IndexError) as fault:
        yield f"notice.{name}: nobody fills in {fault} of the city's sms.{sms} ({locale})"
        return
    yield from (
        f"notice.{name}: nobody fills in {param} of the city's sms.{sms} ({locale})"
        for param in sorted(wanted - filled.params.keys())
    )


def _of_fields(
    templates: Templates, rung: WordingRung, name: str, locale: str, params: Mapping[str, str]
) -> Iterator[str]:
    where = f"notice.{name} as {rung} in {locale}"
    try:
        values = templates.filled(rung, name, locale, params)
    except (KeyError, ValueError, IndexError) as fault:
        yield f"{where}: nobody fills in {fault}"
        return
    judge = alipay_fault_of if rung in ALIPAY_RUNGS else fault_of
    for key, value in values.items():
        if fault_text := judge(key, value):
            yield f"{where}: {key} is {value!r}: {fault_text}"


def _of_rung(templates: Templates, rung: WordingRung) -> Iterator[str]:
    wordings = templates.wanted(rung)
    used = {notice.wording for notice in templates.book.notice.values()}
    yield from (f"{rung}.{name}: no notice uses it" for name in wordings if name not in used)
    if len(wordings) > MOST_APPROVED:
        yield f"{rung}: {len(wordings)} wordings, {MOST_APPROVED} at most"
    for name, wording in wordings.items():
        keys = [slot.key for slot in wording.fields]
        yield from (
            f"{rung}.{name}: {key} is there twice" for key in set(keys) if keys.count(key) > 1
        )
        yield from (
            f"{rung}.{name}: {key} is for a person's name; the acceptance number says whose it is"
            for key in keys
            if kind_of(key) == "name"
        )
    yield from (
        f"the city's profile gives an id to {rung}.{name}, which is no wording"
        for name in templates.city.approved(rung)
        if name not in wordings
    )


def _states_told_twice(templates: Templates) -> Iterator[str]:
    told = [state for notice in templates.book.notice.values() for state in notice.states]
    yield from (f"{state}: two notices tell of it" for state in set(told) if told.count(state) > 1)
