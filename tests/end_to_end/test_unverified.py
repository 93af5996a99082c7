"""An account that was never verified may send nothing by API, and serves people all the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.end_to_end.player import Player
from tests.end_to_end.service import Service
from tests.end_to_end.walks import ID_NUMBER, NAME, typed, walk
from tests.rig import wait_for


@pytest.fixture
def player(service: Service) -> Iterator[Player]:
    service.api.verified = False
    yield service.player()
    service.api.verified = True
    service.bot.faults()


def test_a_late_answer_comes_with_the_next_reply(service: Service, player: Player) -> None:
    service.bot.faults(identity={"delay_ms": 5000})
    walk(player, typed(phone=service.phone()), until="name_number")
    asked = player.message("text", Content=f"{NAME} {ID_NUMBER}")
    assert "请稍候" in player.push(asked)
    wait_for(lambda: player.openid in service.api.refused or None, 20.0)
    later = player.push(player.message("text", Content="好了吗"))
    assert "身份证上的民族" in later
    assert player.openid not in service.api.sent


def test_a_card_is_applied_for_from_beginning_to_end(service: Service, player: Player) -> None:
    asked = walk(player, typed("周明远", "119999195801030099", "13900002206"), until="portrait")
    assert "/picture/" in asked, "where no picture can be sent, a link shows it"
    assert player.openid in service.api.refused
    assert "最后看一遍" in player.say("1")
    assert "已提交" in player.say("确认")
    assert len(service.applications(player)) == 1
    assert player.openid not in service.api.sent
