"""Scripts sent without redis-py's layers: still after a restart, a fork and a lost connection."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis as redis_py
from redis.exceptions import RedisError, ResponseError

from bot.demo.redis_process import RedisProcess, socket_folder
from bot.redis_client import connect_redis
from bot.redis_scripts import ScriptRedis
from tests.bot.turn.processes import forked

COUNT = "return redis.call('INCRBY', KEYS[1], ARGV[1])"


@pytest.fixture
def client(redis_url: str, redis: redis_py.Redis) -> Iterator[ScriptRedis]:
    made: ScriptRedis = connect_redis(redis_url)
    yield made
    made.close()


def test_a_script_unknown_to_the_server_is_sent_whole_once(client: ScriptRedis) -> None:
    script = client.register_script(COUNT)
    client.script_flush()
    assert [script(keys=["n"], args=[2]), script(keys=["n"], args=[3])] == [2, 5]
    assert client.info("commandstats")["cmdstat_eval"]["calls"] >= 1


def test_a_fault_of_the_script_is_told_and_the_connection_goes_on(client: ScriptRedis) -> None:
    with pytest.raises(ResponseError, match="no number"):
        client.register_script("return redis.error_reply('ERR no number')")(keys=[])
    assert client.register_script(COUNT)(keys=["n"], args=[1]) == 1


def test_a_connection_that_the_server_closed_is_opened_again(client: ScriptRedis) -> None:
    script = client.register_script(COUNT)
    script(keys=["n"], args=[1])
    client.client_kill_filter(_type="normal", skipme=True)
    assert script(keys=["n"], args=[1]) == 2


def test_a_forked_process_uses_no_connection_of_its_parent(client: ScriptRedis) -> None:
    script = client.register_script(COUNT)
    script(keys=["n"], args=[1])
    child = forked(lambda: str(sum(script(keys=["child"], args=[1]) for _ in range(50))))
    ours = sum(script(keys=["parent"], args=[1]) for _ in range(50))
    assert (child.answer(), ours) == ("1275", 1275)


def test_many_threads_get_each_the_answer_to_their_own_call(client: ScriptRedis) -> None:
    echo = client.register_script("return ARGV[1]")
    faults: list[bytes] = []

    def ask(name: str) -> None:
        for number in range(100):
            said = f"{name}-{number}"
            if (told := echo(keys=["k"], args=[said])) != said.encode():
                faults.append(told)

    threads = [threading.Thread(target=ask, args=[str(n)]) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_a_server_that_is_gone_is_a_redis_error_and_one_that_is_back_answers(
    tmp_path: Path,
) -> None:
    socket = socket_folder() / "s"
    server = RedisProcess(socket, tmp_path, durable=False)
    server.wait()
    client = connect_redis(server.url)
    script = client.register_script(COUNT)
    assert script(keys=["n"], args=[1]) == 1
    server.stop()
    with pytest.raises(RedisError):
        script(keys=["n"], args=[1])
    server = RedisProcess(socket, tmp_path, durable=False)
    server.wait()
    assert script(keys=["n"], args=[1]) == 1
    client.close()
    server.stop()
    socket.parent.rmdir()
