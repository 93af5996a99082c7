"""What a person wrote, wherever it may be written, is text on every page of the console."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from werkzeug.test import TestResponse

from bot.console.permissions import ALLOWED, ANYBODY
from handlers.card.submit import ANSWERS
from models.applications import Application
from models.passes import Agent, Collector, issue_pass
from models.staff import Role, find_staff
from tests.bot.console.calls import CALLS, HERE, Prepared
from tests.bot.console.cases import Cases
from tests.bot.console.staffed import Desk, Staffed
from tests.bot.console.test_permissions import address, routes
from tests.models.making import KEYS

pytestmark = pytest.mark.usefixtures("quick_hashes")

CODED = {
    "for_whom", "sex", "birth_date", "id_type", "ethnicity", "valid_until", "district", "status",
    "occupation", "household", "bank", "branch", "delivery", "portrait",
}  # fmt: skip
"""What is one of ours whatever is written: a code, a day, a document."""
EDITED = ("post", "note")
WRITTEN = tuple(name for name in ANSWERS if name not in CODED)


def hostile(name: str) -> str:
    """Breaks out of text, of an attribute in either quotes, of a script and of a template."""
    return f"{name}\"'></td><script>x()</script><img src=x onerror=x()>{{{{7*7}}}}javascript:x()"


class HostileCases(Cases):
    """Everything that can be written is hostile: typed, read from a photo, found at an office."""

    def add(self, **given: Any) -> str:
        typed = {name: hostile(name) for name in WRITTEN if name != "id_number"}
        read = {name: hostile(f"read_{name}") for name in ("name", "id_number", "id_address")}
        checks = {"identity": "mismatch", "phone_on_file": False, "read": read}
        return super().add(**{**typed, "checks": checks, **given})


class Page(HTMLParser):
    """What a browser would do with a page: which scripts it runs, which texts it shows."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        ours = given.get("src", "").startswith("/console/")
        if tag in ("script", "img", "iframe", "object", "embed") and not ours:
            self.faults.append(f"<{tag} {given}>")
        for name, value in given.items():
            if name.startswith("on") or name == "style":
                self.faults.append(f"{tag} {name}={value}")
            if name in ("href", "action", "formaction") and value.partition(":")[0] == "javascript":
                self.faults.append(f"{tag} {name}={value}")
        self.text += " ".join(given.values())

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def prepared(console: Staffed) -> Prepared:
    made = Prepared(console)
    made.cases = HostileCases(console.parts)
    return made


def html(answer: TestResponse) -> str:
    """A page; "" for pictures and files."""
    return answer.text if answer.mimetype == "text/html" else ""


def agents_page(prepared: Prepared) -> str:
    """A pass in the name of somebody whose name is hostile."""
    console, application = prepared.console, prepared.ready()
    with console.parts.database.writing() as records:
        _, code = issue_pass(
            records, KEYS, records.get_one(Application, application), Collector.AGENT,
            rules=console.parts.city.collection, now=console.clock(),
            draw=console.parts.sources.sms_code, new_id=console.parts.sources.new_id,
            agent=Agent(hostile("agent"), hostile("agent_id")),
        )  # fmt: skip
    found = prepared.clerk.post("/branch/find", said=code).location
    return prepared.clerk.get(found.removeprefix("/console")).text


def edition_page(console: Staffed, editor: Desk) -> str:
    """What an editor proposes, with a note, as the one who publishes sees it."""
    words = {"first": "1", "reissue": "20", "pickup": "0", "post_en": hostile("post_en")}
    editor.post("/content/fees/entry?key=-", post=hostile("post"), **words)
    today = console.clock().astimezone(console.parts.city.tz).date().isoformat()
    proposed = editor.post("/content/fees/propose", note=hostile("note"), valid_from=today)
    return html(editor.get(proposed.location.removeprefix("/console")))


def pages(console: Staffed, prepared: Prepared) -> Iterator[tuple[str, str]]:
    """Every page that there is, as somebody sees it who may."""
    for name, make in CALLS.items():
        call = make(prepared)
        if name.startswith("GET"):
            yield name, html(call.mine.get(call.path))
        elif "review.found" in name:
            yield "the preview", html(call.mine.post(call.path, **call.form, preview="1"))
    yield "the agent's pass", agents_page(prepared)
    desks = {role: console.desk(role, branch=HERE if role is Role.CLERK else "") for role in Role}
    admin: Desk = desks[Role.ADMINISTRATOR]
    admin.post("/staff/new", login="hostile", name=hostile("staff")[:64], role="reviewer",
               reason=hostile("reason"))  # fmt: skip
    with console.parts.database.reading() as records:
        written = find_staff(records, "hostile")
    assert written
    yield "the record of somebody", html(admin.get(f"/staff/{written.id}"))
    yield "an edition", edition_page(console, desks[Role.CONTENT_EDITOR])
    for rule, method in routes(console):
        allowed = ALLOWED[rule.endpoint]
        if method == "GET" and allowed is not ANYBODY:
            desk = desks[next(role for role in Role if role in allowed)]
            yield rule.endpoint, html(desk.get(address(console, rule)))


def test_nothing_that_somebody_wrote_is_more_than_text(
    console: Staffed, prepared: Prepared
) -> None:
    shown: set[str] = set()
    for name, told in pages(console, prepared):
        page = Page(told)
        assert page.faults == [], name
        wanted = (*WRITTEN, "read_name", "read_id_address", "agent", "staff", "reason", *EDITED)
        shown |= {field for field in wanted if hostile(field)[:64] in page.text}
    assert shown >= {
        "name",
        "lives_at",
        "id_address",
        "employer",
        "agent",
        "staff",
        "reason",
        *EDITED,
    }


def test_a_page_that_shows_it_raw_would_be_seen() -> None:
    assert len(Page(f"<p>{hostile('x')}</p>").faults) == 3
    assert Page('<a href="/console/x" onclick="x()">').faults
    assert Page('<a href="javascript:x()">').faults
