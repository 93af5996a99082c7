"""Valid pushes of every kind, as the platform writes them: what mutation begins with."""

from __future__ import annotations

import json
from collections.abc import Mapping

SECONDS = 1795399440
"""When every push was sent, in Unix seconds: 2026-11-23 02:04 UTC, where the server's clock stands.
So a body is the same at every run, and a found one can be sent again."""

OPENID = "oFuzz00000000000000000000001"
_SAID = ("你好", "办卡", "同意", "手输", "陈国强 119999199003070019", "汉", "2038年5月12日", "0",
         "13900001234", "我的卡丢了怎么办？", "人工", "取消", "a<b&c>]]>d", "改手机")  # fmt: skip


def _push(kind: str, **told: str) -> dict[str, str]:
    head = {
        "ToUserName": "gh_0123456789ab",
        "FromUserName": OPENID,
        "CreateTime": str(SECONDS),
        "MsgType": kind,
    }
    return {**head, **told} | ({} if kind == "event" else {"MsgId": "25189203450123456"})


PUSHES: tuple[Mapping[str, str], ...] = (
    *(_push("text", Content=said) for said in _SAID),
    _push("image", PicUrl="http://127.0.0.1/p", MediaId="media_0123456789"),
    _push("voice", MediaId="media_1", Format="amr", Recognition="我要办社保卡。"),
    _push(
        "location", Location_X="32.05", Location_Y="123.12", Scale="16", Label="城东区和平路18号"
    ),
    _push("link", Title="t", Description="d", Url="http://127.0.0.1/x"),
    _push("video", MediaId="media_2", ThumbMediaId="media_3"),
    _push("event", Event="subscribe", EventKey="qrscene_12"),
    _push("event", Event="unsubscribe"),
    _push("event", Event="CLICK", EventKey="apply"),
    _push("event", Event="SCAN", EventKey="7", Ticket="t"),
    _push("event", Event="VIEW", EventKey="http://127.0.0.1/"),
    _push("event", Event="TEMPLATESENDJOBFINISH", MsgID="1", Status="success"),
)


def xml(told: Mapping[str, str]) -> bytes:
    """As the platform writes it: texts in CDATA, in which it splits nothing."""
    parts = (
        f"<{k}>{v}</{k}>" if v.isdigit() else f"<{k}><![CDATA[{v}]]></{k}>" for k, v in told.items()
    )
    return f"<xml>{''.join(parts)}</xml>".encode()


def as_json(told: Mapping[str, str]) -> bytes:
    """The same in JSON, where numbers are numbers."""
    values = {k: int(v) if v.isdigit() else v for k, v in told.items()}
    return json.dumps(values, ensure_ascii=False).encode()


MESSAGES: tuple[bytes, ...] = (*map(xml, PUSHES), *map(as_json, PUSHES))
