"""The console's menu: every page belongs to the topic that it stands below."""

from __future__ import annotations

import re

import pytest

from bot.console.menu import marked
from models.staff import Role
from tests.bot.console.staffed import Staffed


@pytest.mark.parametrize(
    ("role", "page", "label", "current"),
    [
        (Role.PUSH_EDITOR, "/push", "推送", "page"),
        (Role.PUSH_EDITOR, "/push/templates", "推送", "true"),
        (Role.ADMINISTRATOR, "/staff", "工作人员", "page"),
        (Role.ADMINISTRATOR, "/staff/new", "工作人员", "true"),
    ],
)
def test_the_line_of_its_topic_is_marked_on_every_page(
    console: Staffed, role: Role, page: str, label: str, current: str
) -> None:
    shown = console.desk(role).get(page)
    assert shown.status_code == 200
    assert re.findall(r'<a href="[^"]*" aria-current="(\w+)">([^<]*)</a></li>', shown.text)[:1] == [
        (current, label)
    ]


def test_a_page_beside_all_topics_belongs_to_none() -> None:
    lines = [("/console/review", "审核"), ("/console/push", "推送")]
    for page in ("/console/", "/console/pushed"):
        assert [current for _, _, current in marked(lines, page)] == ["", ""]
