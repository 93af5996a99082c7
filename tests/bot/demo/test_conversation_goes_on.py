"""Ten times kill -9 along one card form, in the real demo: it goes on where it was, once."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from models.applications import Application, open_answers
from models.database import Database
from models.sealing import Keyring
from tests.bot.demo.lasting_player import LastingPlayer, player_of, settings_of
from tests.bot.demo.running import RunningDemo, get, within
from tests.end_to_end.platform_api import PlatformApi
from tests.end_to_end.walks import BACK, FRONT, NAME, PHONE_ON_FILE, picture

MAKE = ("make", "--no-print-directory", "--assume-old=.venv/installed", "demo")
CHILDREN = {
    "redis": "redis-server",
    "simulator": "bot.cli simulator",
    "web": "bot.demo.web",
    "worker": "bot.demo.worker",
}
HEALED = 5.0  # seconds until a killed child is back and everything answers
Say = Callable[[LastingPlayer], str]


@pytest.fixture
def api() -> Iterator[PlatformApi]:
    platform = PlatformApi()
    yield platform
    platform.close()


@pytest.fixture
def demo(tmp_path: Path, api: PlatformApi) -> Iterator[RunningDemo]:
    running = RunningDemo(tmp_path, MAKE, WECHAT_API_BASE=api.url)
    assert everything_answers(running), running.logs()
    yield running
    running.close()


def everything_answers(demo: RunningDemo) -> bool:
    return demo.ready() and within(30, lambda: bool(get(f"{simulator(demo)}/")))


def simulator(demo: RunningDemo) -> str:
    return f"http://127.0.0.1:{demo.simulator_port}"


# --- the conversation -------------------------------------------------------------------------


def say(text: str) -> Say:
    return lambda player: player.say(text)


def send(name: str) -> Say:
    return lambda player: player.photo(picture(name))


def walk(demo: RunningDemo) -> Iterator[tuple[Say, str, str]]:
    """What the person does, what the answer says, and who is killed meanwhile."""
    yield say("办卡"), "第1步/共6步", "web"
    yield say("同意"), "请发身份证人像面的照片", "redis"
    yield send(FRONT), "国徽面的照片", "worker"
    yield send(BACK), f"姓名：{NAME}", "supervisor"
    yield say("1"), "请发您的手机号", "web's worker"
    yield say(PHONE_ON_FILE), "验证码已发到", "simulator"
    yield say(code(demo)), "您可以办卡", "make"
    yield lambda player: player.place(), "您现在的工作情况", ""
    yield say("1 华云建筑劳务公司"), "离您近的领卡网点", "worker"
    yield say("1"), "公安登记照", "redis"
    yield say("1"), "最后看一遍", ""
    yield say("确认"), "已提交，受理号", "web's worker"


def code(demo: RunningDemo) -> str:
    """The code in the newest text message, once it has come."""
    path = f"{simulator(demo)}/simulator/api/sms/{PHONE_ON_FILE}"
    assert within(60, lambda: bool(get(path)["messages"]))
    return str(get(path)["messages"][-1]["code"])


def test_ten_kills_along_the_card_form_make_one_application(
    demo: RunningDemo, api: PlatformApi
) -> None:
    player = player_of(demo, api, "oKilled00000000000000000001")
    kills = 0
    with ThreadPoolExecutor(1) as pool:
        for act, expected, killed in walk(demo):
            flying = pool.submit(act, player)
            time.sleep(0.01 * (kills % 5))
            if killed:
                strike(demo, killed)
                kills += 1
            answer = flying.result()
            assert expected in answer, (killed, answer)
    assert kills == 10
    assert api.uploaded, "the portrait did not leave by the given platform"
    for heard in player.heard:
        assert player.push(heard.message) in heard.again
    number, answers = the_record(demo)
    assert number in answer
    assert (answers["name"], answers["phone"]) == (NAME, PHONE_ON_FILE)


def the_record(demo: RunningDemo) -> tuple[str, dict[str, object]]:
    """The one application in SQL: its number and its answers."""
    settings = settings_of(demo)
    database = Database(settings.database)
    with database.reading() as records:
        application = records.scalars(select(Application)).one()
        keys = Keyring(settings.data_keys, settings.index_key)
        found = application.number, open_answers(application, keys)
    database.dispose()
    return found


# --- the kills --------------------------------------------------------------------------------


def strike(demo: RunningDemo, who: str) -> None:
    """Kill it; a child is back in time, after anything above it nothing is left but a restart."""
    if who in ("make", "supervisor"):
        kill_and_restart(demo, who)
        return
    before = {0, *demo.family()}  # one that lives on for a moment without its parent is none
    os.kill(the_process(demo, who), signal.SIGKILL)
    assert demo.in_time(HEALED, partial(is_healed, demo, who, before)), (who, demo.logs())


def is_healed(demo: RunningDemo, who: str, before: set[int]) -> bool:
    is_another = the_process(demo, who) not in before
    return is_another and bool(get(f"{demo.url}/readyz")) and bool(get(f"{simulator(demo)}/"))


def the_process(demo: RunningDemo, who: str) -> int:
    """The process id; 0 while there is none. The web's worker is granian's, a child of the web."""
    words = CHILDREN[who.removesuffix("'s worker")]
    found = sorted(pid for pid, line in demo.family().items() if words in line)
    place = 1 if who.endswith("'s worker") else 0
    return found[place] if len(found) > place else 0


def kill_and_restart(demo: RunningDemo, who: str) -> None:
    """Kill make or the supervisor, see everything die, and run the same command again."""
    os.kill(demo.process.pid if who == "make" else demo.member("shebaoka demo"), signal.SIGKILL)
    demo.process.wait()
    assert demo.in_time(8, lambda: demo.family() == {}), demo.family()
    assert demo.process.stdout
    demo.process.stdout.close()
    demo.start()
    assert everything_answers(demo), demo.logs()


def test_ctrl_c_under_make_stops_everything_in_order(demo: RunningDemo) -> None:
    """A terminal sends the signal to make and the supervisor at once; the children get none."""
    os.killpg(demo.process.pid, signal.SIGINT)
    assert "stopped" in demo.output()
    assert demo.in_time(5, lambda: demo.family() == {}), demo.family()
