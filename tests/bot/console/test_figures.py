"""The page of figures: a chart of each, and the table behind it."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from models.staff import Role
from tests.bot.console.staffed import Staffed
from tests.models.making import OTHER_NUMBER, make_application, make_person


def test_each_figure_is_a_chart_and_a_table(console: Staffed) -> None:
    with console.parts.database.writing() as records:
        make_application(records, make_person(records), district="119901")
    desk = console.desk(Role.SUPERVISOR)
    page = desk.get("/figures").text
    for words in ("离约定日期还有几天", "5 天以上", "身份证", "通过，待上报"):
        assert words in page
    chart = desk.get("/figures/queue.svg")
    assert chart.mimetype == "image/svg+xml"
    assert "script" not in chart.text
    assert "今天" in "".join(ElementTree.fromstring(chart.data).itertext())  # noqa: S314
    assert desk.get("/figures/queue.csv").text.splitlines()[1].startswith("已过,")
    for unknown in ("nothing.svg", "nothing.csv"):
        assert desk.get(f"/figures/{unknown}").status_code == 404


def test_a_supervisor_counts_their_own_districts_alone(console: Staffed) -> None:
    with console.parts.database.writing() as records:
        east = make_person(records, id_number=OTHER_NUMBER)
        make_application(records, east, district="119901").state = "APPROVED"
    row = r"通过，待上报</th>\s*<td>(\d+)<"
    counts = {}
    for district in ("119901", "119904"):
        page = console.desk(Role.SUPERVISOR, districts=(district,)).get("/figures").text
        counts[district] = re.findall(row, page)
    assert counts == {"119901": ["1"], "119904": ["0"]}
    assert console.desk(Role.CLERK, branch="CCB-01").get("/figures").status_code == 403
