"""`shebaoka demo`: from the lock on the data folder to the last child."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values
from rich.console import Console
from rich.panel import Panel

from bot.demo import tethering
from bot.demo.child import Child
from bot.demo.keys import FILE, write_file
from bot.demo.lock import DataInUse, lock_data
from bot.demo.plan import Part, Plan, command, is_free, make_plan
from bot.demo.redis_process import NoRedis, socket_folder
from bot.demo.supervisor import ChildFailed, NotReady, Supervisor
from config.settings import Settings, environment_name


class DemoFault(Exception):
    """Why the demo cannot run, in one sentence for who started it."""


Parts = Callable[[Plan], list[Part]]


def run_demo(
    settings: Settings, console: Console, parent: int | None = None, parts: Parts = Plan.parts
) -> int:
    """Run the demo until it is told to stop. `parent`: end with that process (make). Exit status.

    Call it from the main thread: the children die with the thread that started them.
    """
    folder = settings.data_dir.absolute()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        lock = lock_data(folder)
        remove_left_sockets(folder)
        with _sockets() as sockets:
            plan = make_plan(settings, folder, sockets)
            write_file(folder, plan.public)
            _wait_for_ports(plan, settings.host)
            _supervise(plan, parts(plan), console, parent, lock)
            return 0
    except (DataInUse, NoRedis, DemoFault) as fault:
        console.print(f"[bold red]shebaoka demo:[/] {fault}")
        return 1


@contextmanager
def _sockets() -> Iterator[Path]:
    folder = socket_folder()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _supervise(
    plan: Plan, parts: Sequence[Part], console: Console, parent: int | None, lock: int
) -> None:
    logs = plan.folder / "logs"
    logs.mkdir(mode=0o700, exist_ok=True)
    children = [Child(part, logs, plan.environment, (lock,)) for part in parts]
    supervisor = Supervisor([c for c in children if not c.part.after_records], parent)
    supervisor.obey_signals()
    try:
        if _migrate(plan, supervisor, logs, lock):
            supervisor.children = children
            if supervisor.wait_ready([f"{plan.url}/readyz", f"{plan.simulator_url}/"]):
                console.print(_welcome(plan))
                supervisor.run()
    except ChildFailed as failure:
        raise DemoFault(f"{failure}:\n{failure.child.last_words()}") from failure
    except NotReady as failure:
        raise DemoFault(f"{failure}; the logs are in {logs}") from failure
    finally:
        supervisor.stop()
    console.print("stopped")


def _migrate(plan: Plan, supervisor: Supervisor, logs: Path, lock: int) -> bool:
    """Bring the database up to date while the other children start. False: we are to stop."""
    log = logs / "db-upgrade.log"
    with log.open("wb") as output:
        step = tethering.spawn(
            command("db", "upgrade"), output=output, environment=plan.environment, keep=(lock,)
        )
    if not supervisor.watch_until(lambda: step.poll() is not None):
        _end(step)
        return False
    if step.returncode:
        raise DemoFault(f"the database cannot be brought up to date:\n{log.read_text()[-2000:]}")
    return True


def _end(step: subprocess.Popen[bytes]) -> None:
    step.terminate()
    step.wait()


def _wait_for_ports(plan: Plan, host: str, patience: float = 3.0) -> None:
    """A killed demo's last child may still be closing its port. Raises `DemoFault`."""
    names = {"port": plan.port, "simulator_port": plan.simulator_port}
    end = time.monotonic() + patience
    for name, port in names.items():
        while not is_free(host, port):
            if time.monotonic() > end:
                raise DemoFault(f"port {port} is taken; choose another: {environment_name(name)}")
            time.sleep(0.1)


def remove_left_sockets(folder: Path) -> None:
    """Remove the socket folder of a demo that was killed: the lock says that it is gone."""
    if not (folder / FILE).exists():
        return
    left = Path(urlsplit(dotenv_values(folder / FILE).get("SHEBAOKA_REDIS_URL") or "").path).parent
    ours = left.parent == Path(tempfile.gettempdir()) and left.name.startswith("shebaoka-")
    if ours and left.is_dir() and left.stat().st_uid == os.getuid():
        shutil.rmtree(left, ignore_errors=True)


def _welcome(plan: Plan) -> Panel:
    from bot.demo.staff import FILE as STAFF  # here: it takes the records along

    text = (
        f"聊天 Chat here   [bold link={plan.simulator_url}/simulator]"
        f"{plan.simulator_url}/simulator[/]\n"
        f"服务 Service     [bold link={plan.url}]{plan.url}[/]\n"
        f"工作台 Console  [bold link={plan.url}/console]{plan.url}/console[/]\n"
        f"                 {STAFF}; code: shebaoka staff code LOGIN\n"
        f"数据 Data, logs  {plan.folder}  (keys: {FILE})\n"
        "按 Ctrl-C 停止 · Ctrl-C stops everything"
    )
    return Panel(text, title="社保卡 Shebaoka", expand=False, padding=(1, 3))
