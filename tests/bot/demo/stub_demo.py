"""The real supervisor, Redis and migrations with stand-ins for the site, simulator and worker."""

from __future__ import annotations

import sys

from rich.console import Console

from bot.demo.plan import Part, Plan
from bot.demo.run import run_demo
from config.settings import load_settings


def parts(plan: Plan) -> list[Part]:
    """The plan's parts with stand-ins for ours; `broken` as first argument makes the site one."""
    service = [sys.executable, "-m", "tests.bot.demo.stub_service"]
    stand_ins = {
        "simulator": [*service, str(plan.simulator_port)],
        "web": [sys.executable, "-c", "print('no luck'); raise SystemExit(3)"]
        if "broken" in sys.argv
        else [*service, str(plan.port)],
        "worker": [sys.executable, "-c", "import time; time.sleep(600)"],
    }
    return [
        Part(part.name, stand_ins.get(part.name, part.program), part.after_records)
        for part in plan.parts()
    ]


if __name__ == "__main__":
    parent = next((int(word) for word in sys.argv if word.isdigit()), None)
    sys.exit(run_demo(load_settings(), Console(soft_wrap=True), parent, parts))
