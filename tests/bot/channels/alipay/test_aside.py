"""What is said beside a request: by threads of its own, and no more than there is room for."""

from __future__ import annotations

import threading

from bot.channels.alipay import aside
from bot.channels.alipay.aside import Aside
from bot.dialogue.messages import AccountKey, Reply

ME = AccountKey("alipay", "2021000000000001", "2088000000000001")


def test_it_is_said_while_the_request_goes_on() -> None:
    gate, said = threading.Event(), threading.Event()

    def send(account: AccountKey, reply: Reply) -> None:
        gate.wait(5)
        said.set()

    Aside(send)(ME, Reply("抱歉"))
    assert not said.is_set()
    gate.set()
    assert said.wait(5)


def test_what_is_too_much_at_once_is_dropped_and_a_fault_makes_no_less_room() -> None:
    gate, heard = threading.Event(), threading.Semaphore(0)

    def send(account: AccountKey, reply: Reply) -> None:
        gate.wait(5)
        heard.release()
        raise RuntimeError

    speak = Aside(send)
    for _ in range(aside._MOST + 50):
        speak(ME, Reply("抱歉"))
    gate.set()
    assert all(heard.acquire(timeout=5) for _ in range(aside._MOST))
    assert not heard.acquire(timeout=0.05)
    for _ in range(aside._MOST):
        speak(ME, Reply("抱歉"))
    assert heard.acquire(timeout=5)
