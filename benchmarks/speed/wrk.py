"""The same echo with wrk: whether our own load is what limits a rig."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from benchmarks.speed.pushes import PATH

SECONDS = 4


def wrk_per_second(port: int, request: bytes, connections: int, folder: Path) -> float:
    """Requests a second that wrk reaches with one request, again and again."""
    program = shutil.which("wrk")
    assert program, "asked for before the run"
    head, _, body = request.partition(b"\r\n\r\n")
    target = head.split(b" ", 2)[1].decode()
    script = folder / "echo.lua"
    script.write_text(
        'wrk.method = "POST"\n'
        'wrk.headers["Content-Type"] = "text/xml"\n'
        f"wrk.body = [==[{body.decode()}]==]\n",
        "utf-8",
    )
    assert target.startswith(PATH)
    url = f"http://127.0.0.1:{port}{target}"
    command = [program, "-t1", f"-c{connections}", f"-d{SECONDS}s", "-s", str(script), url]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
    found = re.search(r"Requests/sec:\s+([\d.]+)", told)
    if not found or "Non-2xx" in told:
        raise RuntimeError(f"wrk says:\n{told}")
    return float(found.group(1))
