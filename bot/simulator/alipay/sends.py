"""Messages of the app to its people: in the chat, and by template into the service box.

Source: opendocs.alipay.com, alipay.open.public.message.custom.send, …message.single.send,
alipay.open.app.mini.templatemessage.send, …messagetemplate.subscribe.query.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from bot.simulator.alipay.account import AlipayAccount
from bot.simulator.alipay.asked import Asked
from bot.simulator.alipay.fields import Biz, part, receiver, text
from bot.simulator.alipay.menus import width
from bot.simulator.alipay.people import Person
from bot.simulator.alipay.refusals import Refusal, business, invalid
from bot.simulator.alipay.settings import AlipayTemplate
from bot.simulator.chats import Said, choices_in

DONE = {"code": "10000", "msg": "Success"}
ACTION_NAME, KEYWORD, DATA, PAGE = 8, 50, 2048, 128
FORM_SECONDS = 7 * 24 * 3600.0


def custom(account: AlipayAccount, asked: Asked) -> Mapping[str, Any]:
    """`custom.send`: a text or cards, within the window of what the person did."""
    biz = asked.biz
    person = receiver(account, biz, "to_user_id", "open_id")
    said = _said(biz)
    if biz.get("chat", "0") not in ("0", "1"):
        raise invalid(detail="chat参数无效")
    if not account.chats.follows(person.name):
        raise business("PUB.USER_NOT_FOLLOW")
    account.windows.take(person.name, biz.get("event_type"))
    account.chats.add(person.name, said)
    account.sent.accepted(person.name)
    return DONE


def _said(biz: Biz) -> Said:
    kind = text(biz, "msg_type")
    if kind == "text":
        content = text(part(biz, "text"), "content")
        return Said("bot", "text", content, "custom", choices_in(content))
    if kind != "image-text":
        raise invalid(detail="msg_type参数无效")
    articles = biz.get("articles")
    if not isinstance(articles, list) or not articles:
        raise invalid(detail="articles参数无效")
    first = articles[0]
    if not all(isinstance(article, Mapping) for article in articles):
        raise invalid(detail="articles参数无效")
    title, url = text(first, "title"), text(first, "url")
    card = {
        "title": title,
        "description": text(first, "desc"),
        "url": url,
        "picture": first.get("image_url", ""),
    }
    return Said("bot", "link", f"{title}\n{url}", "custom", card=card)


def single(account: AlipayAccount, asked: Asked) -> Mapping[str, Any]:
    """`single.send`: a template of the life account, to who follows it."""
    person = receiver(account, asked.biz, "to_user_id", "to_open_id")
    template = part(asked.biz, "template")
    found = account.template(text(template, "template_id"), "single")
    if found is None:
        raise business("MSG_TEMPLATE_NOT_EXIST")
    context = part(template, "context")
    if width(str(context.get("action_name", ""))) > ACTION_NAME:
        raise invalid(detail="action_name参数无效")
    rows = [(label, text(part(context, key), "value")) for key, label in found.keywords]
    if not account.chats.follows(person.name):
        raise business("PUB.USER_NOT_FOLLOW")
    _show(account, person, found, rows, str(context.get("url", "")), _ends(context, found))
    return DONE


def _ends(context: Biz, template: AlipayTemplate) -> dict[str, str]:
    """What stands above and below the fields and has no label."""
    labelled = {key for key, _ in template.keywords}
    ends = {name: context.get(name) for name in ("first", "remark") if name not in labelled}
    return {name: str(end.get("value", "")) for name, end in ends.items() if isinstance(end, dict)}


def mini(account: AlipayAccount, asked: Asked) -> Mapping[str, Any]:
    """`templatemessage.send`: a template of the mini program, for a form or a subscription."""
    biz = asked.biz
    person = receiver(account, biz, "to_user_id", "to_open_id")
    found = account.template(text(biz, "user_template_id", 64), "mini")
    if found is None:
        raise business("USER_TEMPLATE_ILLEGAL")
    page = text(biz, "page", PAGE)
    rows = list(_keywords(found, text(biz, "data", DATA)))
    if form := biz.get("form_id"):
        _use_form(account, form)
    elif not account.credits.take(person.name, found.id):
        raise business("USER_NOT_SUBSCRIBE")
    _show(account, person, found, rows, page, {})
    return DONE


def _keywords(template: AlipayTemplate, data: str) -> Iterable[tuple[str, str]]:
    try:
        given = json.loads(data)
    except ValueError as error:
        raise Refusal("40002", "isv.illegal-json") from error
    for key, label in template.keywords:
        value = given.get(key) if isinstance(given, dict) else None
        value = value.get("value") if isinstance(value, dict) else None
        if not isinstance(value, str) or not value:
            raise business("USER_TEMPLATE_LACK_KEYWORD")
        if len(value) > KEYWORD:
            raise business("USER_KEYWORD_LENGTH_ERROR")
        yield label, value


def _use_form(account: AlipayAccount, form: object) -> None:
    """A form that was sent in allows one message within seven days."""
    row = account.store.row("SELECT * FROM codes WHERE code = ? AND sort = 'form'", str(form))
    if row is None:
        raise business("FORM_ID_NOT_MATCH_APPID")
    if row["used"] or row["at"] + FORM_SECONDS < account.clock.seconds():
        raise business("FORM_ID_OVER_TIME")
    account.store.write("UPDATE codes SET used = 1 WHERE code = ?", str(form))


def subscriptions(account: AlipayAccount, asked: Asked) -> Mapping[str, Any]:
    """`subscribe.query`: what a person allows of these templates."""
    person = receiver(account, asked.biz, "user_id", "open_id")
    wanted = asked.biz.get("template_id_list")
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= 3:
        raise invalid(detail="template_id_list参数无效")
    left = account.credits.of(person.name)
    relations = [
        {
            "template_id": str(id),
            "subscribe_type": "ONE_TIME",
            "subscribe_state": "SUBSCRIBE" if left.get(str(id)) else "UNSUBSCRIBE",
            "keep_state": "false",
            "show": True,
        }
        for id in wanted
    ]
    return {**DONE, "show_component": True, "subscribe_relations": relations}


def _show(
    account: AlipayAccount,
    person: Person,
    template: AlipayTemplate,
    rows: Iterable[tuple[str, str]],
    url: str,
    ends: Mapping[str, str],
) -> None:
    """Put the card into the chat."""
    via = "template" if template.sort == "single" else "subscription"
    rows = list(rows)
    lines = [f"{label}：{value}" for label, value in rows]
    first, last = ends.get("first", ""), ends.get("remark", "")
    whole = [template.title, *([first] if first else []), *lines, *([last] if last else [])]
    fields = [{"label": label, "value": value} for label, value in rows]
    card = {"title": template.title, "fields": fields, "url": url, **ends}
    account.chats.add(person.name, Said("bot", "text", "\n".join(whole), via, card=card))
    account.sent.accepted(person.name)
