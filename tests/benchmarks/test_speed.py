"""The bench sees what it is for: wrong answers, missing tools, broken promises."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from benchmarks.speed.figures import Spread, ratio_to, verdicts
from benchmarks.speed.frames import read_frames, write_frames
from benchmarks.speed.load import Load
from benchmarks.speed.order import order, previous
from benchmarks.speed.pushes import Platform, Secrets, status_and_body
from benchmarks.speed.run import missing
from benchmarks.speed.stages import Stopwatch


class Repeats(BaseHTTPRequestHandler):
    """Says in each answer what the request's body was."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Repeats)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


def request(body: str) -> bytes:
    head = f"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: {len(body)}\r\n\r\n"
    return f"{head}{body}".encode()


@pytest.mark.parametrize("rate", [0.0, 500.0])
def test_the_load_gets_the_answer_to_each_request(port: int, rate: float) -> None:
    load = Load(port, [request(str(n)) for n in range(40)], people=8, connections=4, rate=rate)
    load.run()
    load.close()
    assert [status_and_body(a) for a in load.answers] == [(200, str(n).encode()) for n in range(40)]
    assert all(0 < latency < 10 for latency in load.latencies)


def test_the_load_keeps_to_a_rate(port: int) -> None:
    load = Load(port, [request("x")] * 20, people=20, connections=2, rate=100.0)
    load.run()
    load.close()
    assert load.seconds >= 0.19


def test_everybody_writes_each_message_once_and_in_order() -> None:
    asked = order(50, 13)
    assert sorted(asked) == [(message, person) for message in range(13) for person in range(50)]
    for number, before in enumerate(previous(50, 13)):
        message, person = asked[number]
        assert asked[before] == (message - 1, person) if before >= 0 else message == 0


def test_all_messages_of_the_dialogue_are_under_way_at_once() -> None:
    middle = order(130, 13)[800:900]
    assert {message for message, _ in middle} == set(range(13))


def test_frames_come_back_as_they_were_written(tmp_path: Path) -> None:
    frames = [b"one", b"", b"\r\n\x00three"]
    write_frames(tmp_path / "frames", frames)
    assert read_frames(tmp_path / "frames") == frames


def test_a_reply_that_was_changed_on_its_way_is_not_opened() -> None:
    platform = Platform(Secrets.drawn())
    with pytest.raises(Exception, match="signature"):
        platform.opened(
            b"<xml><Encrypt>AAAA</Encrypt><MsgSignature>0</MsgSignature>"
            b"<TimeStamp>1</TimeStamp><Nonce>1</Nonce></xml>"
        )


def test_without_a_tool_the_run_says_so_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "werobot").mkdir()
    assert missing({"wrk": None, "redis-server": "x"}, tmp_path).count("\n") == 0
    assert "wrk" in missing({"wrk": None, "redis-server": "x"}, tmp_path)
    assert missing({"wrk": "x"}, tmp_path / "nothing") != ""
    assert missing({"wrk": "x"}, tmp_path) == ""


def test_a_stage_does_not_count_what_passes_inside_another() -> None:
    watch = Stopwatch()
    inner = watch.timed("inner", lambda: sum(range(200_000)))
    watch.timed("outer", inner)()
    assert watch.spent["outer"] < watch.spent["inner"]


def results(ours: float, calls: float = 2.0, p99: float = 0.05) -> dict[str, Any]:
    """A run in which the peers make 100 turns a second and the echo 200."""
    speeds = {"ours": ours, "echo": 200.0, "werobot": 100.0, "by_hand": 100.0}
    return {
        "rounds": [{rig: {"per_second": speed} for rig, speed in speeds.items()}] * 3,
        "redis_calls_of_a_calm_turn": {"ours": {"evalsha": calls}},
        "four_fifths": {"p99": p99, "longest": 1.0, "rate": 100.0},
        "workers": [{"one": {"server_cpu": 100.0}, "two": {"server_cpu": 105.0}}],
    }


def test_a_ratio_is_told_with_its_spread() -> None:
    assert ratio_to(results(180.0), "werobot") == Spread(1.8, 1.8, 1.8)


def test_every_promise_that_is_kept_holds() -> None:
    assert [holds for _, _, holds in verdicts(results(180.0))] == [True] * 7


def test_each_broken_promise_fails() -> None:
    broken = verdicts(results(150.0, calls=3.0, p99=0.2))
    assert [holds for _, _, holds in broken] == [False, False, False, False, False, True, True]
