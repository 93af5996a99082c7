"""Ten times kill -9 in the middle of a conversation, in the real demo: it goes on where it was."""

from __future__ import annotations

import json
import os
import signal
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.demo.running import RunningDemo, get, within

MAKE = ("make", "--no-print-directory", "--assume-old=.venv/installed", "demo")
PERSON = "oKilled_0001"
CHILDREN = ("redis-server", "bot.cli simulator", "bot.demo.web", "bot.cli worker")
OPEN_QUESTION = "请发身份证人像面的照片"
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[RunningDemo]:
    running = RunningDemo(tmp_path, MAKE)
    assert everything_answers(running), running.logs()
    yield running
    running.close()


def everything_answers(demo: RunningDemo) -> bool:
    simulator = f"http://127.0.0.1:{demo.simulator_port}/"
    return demo.ready() and within(10, lambda: bool(get(simulator)))


def say(demo: RunningDemo, text: str) -> str:
    """What the phone shows after `text`, all messages in one."""
    path = f"/simulator/api/wechat/users/{PERSON}/messages"
    request = urllib.request.Request(
        f"http://127.0.0.1:{demo.simulator_port}{path}",
        json.dumps({"type": "text", "text": text}).encode(),
        {"Content-Type": "application/json"},
    )
    with _DIRECT.open(request, timeout=30) as response:
        messages = json.loads(response.read())["messages"]
    return "\n".join(message["text"] for message in messages)


def is_asked_the_same(demo: RunningDemo) -> bool:
    """The open question comes back in words; while a part is away the phone shows a fault."""
    try:
        return OPEN_QUESTION in say(demo, "[微笑]")
    except urllib.error.HTTPError:
        return False


def begin(demo: RunningDemo) -> None:
    for text in ("你好", "办卡"):
        say(demo, text)
    assert OPEN_QUESTION in say(demo, "同意")


def test_ten_kills_and_the_same_question_is_open(demo: RunningDemo) -> None:
    begin(demo)
    for killed in (*CHILDREN, "redis-server", "bot.demo.web", "supervisor", "make", "make", "make"):
        if killed in CHILDREN:
            os.kill(demo.member(killed), signal.SIGKILL)
        else:
            kill_and_restart(demo, killed)
        assert within(10, lambda: is_asked_the_same(demo)), (killed, demo.family())


def kill_and_restart(demo: RunningDemo, word: str) -> None:
    """Kill make or the supervisor, see everything die, and run the same command again."""
    os.kill(demo.process.pid if word == "make" else demo.member("shebaoka demo"), signal.SIGKILL)
    demo.process.wait()
    assert within(8, lambda: demo.family() == {}), demo.family()
    assert demo.process.stdout
    demo.process.stdout.close()
    demo.start()
    assert everything_answers(demo), demo.logs()


def test_ctrl_c_under_make_stops_everything_in_order(demo: RunningDemo) -> None:
    """A terminal sends the signal to make and the supervisor at once; the children get none."""
    os.killpg(demo.process.pid, signal.SIGINT)
    assert "stopped" in demo.output()
    assert within(5, lambda: demo.family() == {}), demo.family()
