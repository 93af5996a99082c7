"""The menu of the console: a line for each topic, shown to those who may enter it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.console.permissions import ALLOWED
from models.staff import Role, Staff

MENU: tuple[tuple[str, str], ...] = (
    ("review.start", "审核"),
    ("review.batch", "成批"),
    ("review.second", "确认和复看"),
    ("queue.page", "队列"),
    ("branch.home", "领卡"),
    ("posting.waiting", "邮件退回"),
    ("promises.late", "晚于约定"),
    ("handover.overview", "交接"),
    ("figures.page", "数字"),
    ("roster.everybody", "工作人员"),
    ("audit.search", "审计"),
    ("content.index", "内容"),
    ("push.index", "推送"),
)
"""The route that a topic begins with, and its name."""


def marked(lines: Sequence[tuple[str, str]], page: str) -> list[tuple[str, str, str]]:
    """Each line (address, name) with what it is for this page, as `aria-current`: "page"; "true"
    for the topic that the page stands below, the nearest; else ""."""
    above = [address for address, _ in lines if page == address or page.startswith(f"{address}/")]
    nearest = max(above, key=len, default="")
    here = "page" if nearest == page else "true"
    return [(address, name, here if address == nearest else "") for address, name in lines]


def entries(staff: Staff | None) -> list[tuple[str, str]]:
    """What this member of staff may enter."""
    roles = {Role(role) for role in staff.roles} if staff else set()
    return [(endpoint, label) for endpoint, label in MENU if ALLOWED[endpoint] & roles]
