"""What staff read for the codes of the records."""

from __future__ import annotations

from collections.abc import Mapping

from models.application_states import State
from models.staff import Role

STATES: Mapping[str, str] = {
    State.DRAFT: "草稿",
    State.SUBMITTED: "待审核",
    State.UNDER_REVIEW: "审核中",
    State.RETURNED: "退回补正",
    State.RESUBMITTED: "补正待审",
    State.REFUSED: "不予受理",
    State.APPROVED: "通过，待上报",
    State.SENT_TO_PROVINCE: "已上报",
    State.PROVINCE_CHECKING: "省级校验中",
    State.PROVINCE_RETURNED: "省级退回",
    State.BANK_OPENING: "银行开户中",
    State.BANK_FAILED: "开户失败",
    State.IN_PRODUCTION: "制卡中",
    State.PRODUCTION_FAILED: "制卡失败",
    State.PRODUCED: "制好，配送中",
    State.READY_FOR_PICKUP: "待领卡",
    State.MAILED: "已寄出",
    State.MAIL_RETURNED: "邮件退回",
    State.COLLECTED: "已领，未激活",
    State.ACTIVATED: "已激活",
    State.SEALED: "逾期封存",
    State.CANCEL_REQUESTED: "申请撤销",
    State.CANCELLED: "已撤销",
    State.EXPIRED: "逾期终止",
    State.ON_HOLD: "异常处理中",
}

ROLE_NAMES: Mapping[str, str] = {
    Role.REVIEWER: "审核员",
    Role.SUPERVISOR: "审核主管",
    Role.CLERK: "网点经办",
    Role.PUSH_EDITOR: "推送编辑",
    Role.PUSH_APPROVER: "推送审批",
    Role.CONTENT_EDITOR: "内容编辑",
    Role.DESK_AGENT: "坐席",
    Role.ADMINISTRATOR: "系统管理员",
    Role.AUDITOR: "审计员",
}

PURPOSE_NAMES: Mapping[str, str] = {
    "review": "审核申请",
    "collection": "领卡、启用",
    "correction": "更正资料",
    "complaint": "处理投诉或意见",
    "request": "本人要求",
    "fault": "排查故障",
    "audit": "审计检查",
    "law": "依法调取",
    "other": "其他",
}
"""By `models.looks.PURPOSES`: what somebody opens a record for."""

ACT_NAMES: Mapping[str, str] = {
    "application.view": "查看申请",
    "application.show": "命令行查看",
    "application.told": "查看通知",
    "application.unmask": "看完整资料",
    "application.decided": "作出决定",
    "application.undone": "撤回决定",
    "application.agreed": "同意他人的决定",
    "application.declined": "不同意他人的决定",
    "application.agreement_undone": "撤回同意",
    "application.handed_over": "转给他人",
    "portrait.view": "查看照片",
    "card.arrived": "卡到网点",
    "card.sent": "转往别的网点",
    "card.posted": "寄出",
    "card.hand_out": "发卡",
    "card.switch_on": "启用社保功能",
    "card.bank_on": "启用银行账户",
    "console.unmask": "看完整资料",
    "handover.again": "重新上报",
    "handover.export": "导出批次",
    "handover.try_again": "重试上报",
    "handover.back": "退回审核",
    "content.propose": "提交内容",
    "content.publish": "发布内容",
    "content.refuse": "不发布或撤回内容",
    "content.export": "导出内容",
    "staff.sign_in": "登录",
    "staff.sign_in_failed": "登录失败",
    "staff.password": "换密码",
    "staff.recovery_codes": "换恢复码",
    "staff.add": "新增人员",
    "staff.duties_before": "改岗位前",
    "staff.duties": "改岗位后",
    "staff.disable": "停用人员",
    "staff.reset": "重置人员",
    "audit.export": "导出审计",
    "log.anchor": "日志存证",
}
"""What the auditor reads for each of `models.audit.Act`; any other is read as it is written."""
