"""Codes of pushes in the words of those who send them."""

from __future__ import annotations

from collections.abc import Mapping

from models.push.stages import Stage

STAGES: Mapping[str, str] = {
    Stage.DRAFT: "草稿",
    Stage.PROPOSED: "等人批准",
    Stage.APPROVED: "已批准，等开始",
    Stage.FIRST: "先发一小批",
    Stage.LOOK: "小批发完，等人看",
    Stage.RUNNING: "发送中",
    Stage.PAUSED: "暂停",
    Stage.DONE: "发完",
    Stage.STOPPED: "已停止",
    Stage.EXPIRED: "过了截止时间",
    Stage.REFUSED: "没有批准",
}

PURPOSES: Mapping[str, str] = {
    "service": "办事通知（和本人的申请、社保卡有关）",
    "announcement": "公告（只发给同意收公告的人）",
}
KINDS: Mapping[str, str] = {
    "message": "普通推送",
    "closing": "网点停办",
    "reminder": "自动提醒",
    "test": "试发",
}

OUTCOMES: Mapping[str, str] = {
    "sent": "已发出",
    "visit": "下次来时告知",
    "unknown": "不知道收到没有",
    "failed": "没发成",
    "skipped": "不能发",
}
REASONS: Mapping[str, str] = {
    "window": "超出会话时间",
    "permanent": "对方收不了",
    "account": "我们的账号不能发",
    "transient": "平台一时不通",
    "quota": "当天额度用完",
    "unknown": "不知道结果",
    "bug": "内容不合平台要求",
    "gone": "账号已经不在",
    "stopped": "本人已退订",
    "not_agreed": "本人没有同意收公告",
    "over": "事情已经办了，不用再提醒",
    "unworded": "内容要用到申请，这人没有",
    "expired": "过了截止时间",
    "ended": "来之前推送已停止",
    "lost": "发送时断了，不知道结果",
    "cap": "当天收到的推送已经够数",
    "no_phone": "没有手机号",
    "no_room": "费用或次数用完",
}
RUNGS: Mapping[str, str] = {
    "chat": "会话消息",
    "template": "模板消息",
    "subscription": "订阅消息",
    "mass": "群发",
}
CHANNELS: Mapping[str, str] = {
    "wechat": "微信公众号",
    "wechat_mini": "微信小程序会话",
    "mini_wechat": "微信小程序",
    "alipay": "支付宝生活号",
    "mini_alipay": "支付宝小程序",
    "web": "网站",
}
LOCALES: Mapping[str, str] = {"zh_CN": "中文", "en": "英文"}
RECEIPTS: Mapping[str, str] = {
    "delivered": "送达",
    "blocked": "用户拒收",
    "limited": "超过平台的频率，或者用户不收",
    "failed": "平台没送到",
    "success": "送达",
    "failed:user block": "用户拒收",
    "failed: system failed": "平台没送到",
    "failed:system failed": "平台没送到",
}
MASSES: Mapping[str, str] = {
    "gathering": "等人齐",
    "calling": "正在交给平台",
    "called": "平台已收下，等结果",
    "done": "已有结果",
    "refused": "平台没收，改走下一个途径",
    "unknown": "不知道平台收到没有",
    "dropped": "没有发",
}
ACTS: Mapping[str, str] = {
    "": "只记下回答",
    "successor": "卡改到接办的网点",
    "branches": "另选一个网点",
}
WHY_LEFT: Mapping[str, str] = {
    "malformed": "格式不对",
    "unknown": "没有这个受理号，或者不在您负责的范围内",
    "nobody": "这个手机号没有可以通知的人",
    "stopped": "本人已退订",
    "not_agreed": "本人没有同意收公告",
    "twice": "重复",
}


PARAMS: Mapping[str, str] = {
    "tail": "受理号后四位",
    "number": "受理号",
    "date": "答应办好的日期",
    "days": "到那天还有几天",
    "left": "还剩几天的说法，当天是“今天是最后一天”",
    "branch": "领卡网点",
    "address": "网点地址",
    "hours": "网点营业时间",
    "phone": "网点电话",
}
"""What a message may be filled with, of the application that it is about."""


def road_name(road: str) -> str:
    """`wechat:template` → 微信公众号模板消息."""
    if road in ("", "visit"):
        return "" if not road else "下次来时"
    if road == "sms":
        return "短信"
    channel, _, rung = road.partition(":")
    return CHANNELS.get(channel, channel) + RUNGS.get(rung, rung)


def reason_name(reason: str) -> str:
    """The word of a reason; with the platform's code behind it, where there is one."""
    word, _, code = reason.partition(" ")
    return f"{REASONS.get(word, word)}（{code}）" if code else REASONS.get(word, word)


def yuan(fen: int) -> str:
    """1234 → 12.34."""
    return f"{fen // 100}.{fen % 100:02d}"


def lasting(seconds: float) -> str:
    """About how long, in words."""
    if seconds < 60:
        return "不到 1 分钟"
    minutes = round(seconds / 60)
    return f"约 {minutes} 分钟" if minutes < 90 else f"约 {round(minutes / 60)} 小时"
