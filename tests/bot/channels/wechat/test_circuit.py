"""What only an operator can end raises the alarm, and is not asked for again and again."""

from __future__ import annotations

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from bot.channels.wechat.circuit import OPEN_SECONDS, SILENT_SECONDS, Circuit
from bot.channels.wechat.client import PlatformClient
from bot.channels.wechat.errors import Kind, PlatformError
from tests.bot.channels.wechat.accounts import PERSON
from tests.bot.channels.wechat.platform import Platform

_SEND = "/cgi-bin/message/custom/send"


def _alarms(code: str) -> float:
    return REGISTRY.get_sample_value("shebaoka_wechat_alarms_total", {"code": code}) or 0.0


@pytest.mark.parametrize("code", [40013, 40125, 40164, 40243, 89503])
def test_refused_settings_raise_the_alarm_and_are_not_tried_again_and_again(
    client: PlatformClient, platform: Platform, code: int
) -> None:
    platform.says(_SEND, {"errcode": code})
    before = _alarms(str(code))
    with capture_logs() as logs:
        for _ in range(5):
            with pytest.raises(PlatformError) as fault:
                client.send_text(PERSON.user, "你好")
            assert (fault.value.kind, fault.value.code) == (Kind.CONFIGURATION, code)
    assert platform.counted()["message/custom/send"] == 1
    (told,) = (line for line in logs if line["log_level"] == "error")
    assert told["remedy"]
    assert _alarms(str(code)) == before + 1


def test_refused_settings_stop_every_call(client: PlatformClient, platform: Platform) -> None:
    platform.says(_SEND, {"errcode": 40164})
    with pytest.raises(PlatformError):
        client.send_text(PERSON.user, "你好")
    asked = len(platform.calls)
    with pytest.raises(PlatformError):
        client.published_menu()
    assert len(platform.calls) == asked


def test_after_a_while_it_is_tried_once_more() -> None:
    now = [0.0]
    circuit = Circuit(lambda: now[0])
    circuit.note(PlatformError.of_answer(40164, ""), "message/custom/send")
    with pytest.raises(PlatformError, match="40164"):
        circuit.check()
    now[0] += OPEN_SECONDS + 1
    circuit.check()


def test_a_missing_right_raises_the_alarm_and_hinders_no_other_call(
    client: PlatformClient, platform: Platform
) -> None:
    platform.says(_SEND, {"errcode": 48001})
    with capture_logs() as logs:
        for _ in range(3):
            with pytest.raises(PlatformError):
                client.send_text(PERSON.user, "你好")
    assert client.published_menu() is None
    assert [line["log_level"] for line in logs] == ["error"], "told once, not at each call"


def test_the_alarm_is_told_again_when_it_lasts() -> None:
    now = [0.0]
    circuit, fault = Circuit(lambda: now[0]), PlatformError.of_answer(48001, "")
    with capture_logs() as logs:
        for _ in range(3):
            circuit.note(fault, "menu/create")
            now[0] += SILENT_SECONDS / 2 + 1
    assert len(logs) == 2


def test_what_passes_by_itself_is_no_alarm() -> None:
    circuit = Circuit()
    with capture_logs() as logs:
        for code in (-1, 45009, 45011, 45015, 45047, 43004):
            circuit.note(PlatformError.of_answer(code, ""), "message/custom/send")
    circuit.check()
    assert logs == []
