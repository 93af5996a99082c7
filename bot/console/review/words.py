"""Codes of the review in the words of those who do it."""

from __future__ import annotations

from collections.abc import Mapping

LANES: Mapping[str, str] = {"agrees": "一致", "look": "需看", "difficult": "疑难"}

LANE_REASONS: Mapping[str, str] = {
    "identity_match": "公安核对一致",
    "read_agrees": "证件照片一致",
    "portrait_on_file": "用公安登记照",
    "portrait_fine": "照片合格",
    "address_known": "住址在本市",
    "identity_unchecked": "身份没有核对",
    "not_read": "证件照片没读出",
    "read_differs": "证件照片不一致",
    "portrait_unmeasured": "照片没有量过",
    "portrait_faulty": "照片有不合格",
    "address_unknown": "住址不明",
    "identity_mismatch": "姓名与号码不符",
    "identity_not_found": "公安库查无此人",
    "contested": "另有申请或已有卡",
    "rare_character": "生僻字",
    "second_round": "改过重交",
    "province_returned": "省级退回",
    "not_handed_over": "交不出去",
    "production_failed": "制卡失败",
    "bank_failed": "银行开户失败",
    "cancel_requested": "申请撤回",
    "second_look_declined": "复看没有通过",
}

DECISIONS: Mapping[str, str] = {
    "approve": "通过",
    "return": "退回修改",
    "refuse": "不予受理",
    "hold": "暂缓",
    "reopen": "重新请银行开户",
    "cancel": "同意撤回",
    "keep": "不同意撤回",
}

STATUSES: Mapping[str, str] = {
    "waiting": "等待领取",
    "reserved": "留给",
    "claimed": "在看",
    "held": "暂缓",
    "decided": "已决定",
    "gone": "已办完",
}

TASKS: Mapping[str, str] = {
    "review": "审核",
    "province": "省级退回",
    "handover": "交不出去",
    "production": "制卡失败",
    "bank": "开户失败",
    "cancel": "申请撤回",
}

STATES: Mapping[str, str] = {
    "SUBMITTED": "提交",
    "UNDER_REVIEW": "开始审核",
    "RETURNED": "退回修改",
    "RESUBMITTED": "改好重交",
    "REFUSED": "不予受理",
    "APPROVED": "审核通过",
    "SENT_TO_PROVINCE": "上报省厅",
    "PROVINCE_CHECKING": "省级校验",
    "PROVINCE_RETURNED": "省级退回",
    "BANK_OPENING": "银行开户",
    "BANK_FAILED": "开户失败",
    "IN_PRODUCTION": "制卡",
    "PRODUCTION_FAILED": "制卡失败",
    "PRODUCED": "制好，配送中",
    "READY_FOR_PICKUP": "到网点，待领",
    "MAILED": "寄出",
    "MAIL_RETURNED": "退件",
    "COLLECTED": "已领走",
    "ACTIVATED": "已启用",
    "SEALED": "封存",
    "CANCEL_REQUESTED": "申请人要撤回",
    "CANCELLED": "撤回",
    "EXPIRED": "过期终止",
    "ON_HOLD": "暂缓",
}

KINDS: Mapping[str, str] = {
    "answers_replaced": "改了填写的内容",
    "handed_over": "转给别人",
    "bank_activated": "银行功能已激活",
}

ACTORS: Mapping[str, str] = {
    "citizen": "申请人",
    "officer": "工作人员",
    "batch": "上报",
    "reply": "回盘",
    "timer": "到时",
}

FAULTS: Mapping[str, str] = {
    "task": "这件事不能这样办。",
    "reasons": "请先选原因。",
    "unknown_reason": "有一条原因不在清单里，请重新选。",
    "outcome": "有一条原因不在清单里，请重新选。",
    "field": "有一条原因不在清单里，请重新选。",
    "rectangle": "图上的框超出了图片，请重新框。",
    "document": "框在一张不属于这份申请的图上，请重新框。",
    "date": "日子要在明天以后、期限以内，请重新选。",
}
"""What `models.review.verdicts.VerdictFault` says to who decided."""
