"""The published document is kept: every answer is described there, whatever is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from models.push.systems import make_key
from tests.bot.api.profiles import unhurried
from tests.bot.api.service import Service
from tests.end_to_end.program import Front
from tests.rig import running

EXAMPLES = 10  # of each operation, of what is right and of what is wrong
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    negative_data_rejection,
    allow_header_conformance,
]


@pytest.fixture(scope="module")
def unhurried_service(
    tmp_path_factory: pytest.TempPathFactory, redis_url: str
) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("openapi")
    profile = unhurried(folder)
    with running(folder, redis_url, mini=True, alipay=True, profile=profile, work=False) as bot:
        yield Service(bot)


@pytest.fixture(scope="module")
def front(unhurried_service: Service) -> Front:
    """Somebody in the middle of the form, with a chat to look at."""
    front = unhurried_service.front()
    front.click("apply")
    front.say("同意")
    return front


@pytest.fixture(scope="module")
def system_key(unhurried_service: Service) -> str:
    """The key of a system that pushes."""
    bot = unhurried_service.bot
    with bot.database.writing() as records:
        return make_key(records, "schema", bot.clock())


@pytest.fixture(scope="module")
def published(front: Front) -> Any:
    return schemathesis.openapi.from_url(f"{front.api}/openapi.json")


OPERATIONS = (
    "DELETE /draft",
    "DELETE /me/accounts/{account}",
    "DELETE /me/binding",
    "DELETE /session",
    "DELETE /sessions",
    "GET /applications",
    "GET /applications/{number}",
    "GET /draft",
    "GET /me",
    "GET /messages",
    "GET /pictures/{name}",
    "GET /pushes",
    "GET /pushes/{number}",
    "GET /pushes/{number}/deliveries",
    "GET /subscriptions",
    "POST /applications/{number}/pass",
    "POST /phone/alipay",
    "POST /phone/wechat",
    "POST /photos",
    "POST /progress/code",
    "POST /progress/proof",
    "POST /progress/remember",
    "POST /pushes",
    "POST /pushes/{number}/forecast",
    "POST /pushes/{number}/numbers",
    "POST /pushes/{number}/pause",
    "POST /pushes/{number}/propose",
    "POST /pushes/{number}/resume",
    "POST /pushes/{number}/stop",
    "POST /sessions/alipay",
    "POST /sessions/wechat",
    "POST /subscriptions",
    "POST /turns",
)


def test_these_are_the_operations(published: Any) -> None:
    found = {result.ok().label for result in published.get_all_operations()}
    assert found == set(OPERATIONS)


def test_every_operation_is_shown_by_examples(front: Front) -> None:
    document = front.get("/openapi.json")
    assert document["openapi"].startswith("3.1")
    assert document["servers"] == [{"url": "/api/v1"}]

    def shown(content: Any) -> bool:
        (body,) = content.values()
        return "example" in body or "examples" in body

    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            assert operation["summary"], where
            for status, answer in operation["responses"].items():
                said = answer.get("content", {})
                binary = "image/jpeg" in said
                assert not said or binary or shown(said), f"{where} {status}"
            asked = operation.get("requestBody", {}).get("content", {})
            assert not asked or "multipart/form-data" in asked or shown(asked), where


def test_the_document_names_the_token_wherever_one_is_needed(front: Front) -> None:
    document = front.get("/openapi.json")
    opened = {
        path
        for path, operations in document["paths"].items()
        for operation in operations.values()
        if not operation.get("security")
    }
    assert opened == {"/sessions/wechat", "/sessions/alipay"}


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("label", OPERATIONS)
def test_whatever_is_sent_the_answer_is_one_that_the_document_describes(
    label: str,
    mode: GenerationMode,
    published: Any,
    front: Front,
    system_key: str,
    unhurried_service: Service,
) -> None:
    method, path = label.split(" ")
    operation = published[path][method]

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def holds(case: Any) -> None:
        leaves = path in ("/session", "/sessions") and method == "DELETE"
        token = unhurried_service.front().token if leaves else front.token
        token = system_key if path.startswith("/pushes") else token
        answer = case.call(headers={"Authorization": f"Bearer {token}"})
        case.validate_response(answer, checks=CHECKS)

    holds()
