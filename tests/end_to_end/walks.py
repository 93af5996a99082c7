"""The card form as a list of messages, so that a test can stop before any question."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from bot.offices.images import open_photo
from config.city import load_city
from tests.end_to_end.player import Player
from tests.end_to_end.service import CODE
from tests.reading import reader
from tests.rig import PICTURES

FRONT, BACK = "chen_guoqiang_front", "chen_guoqiang_back"
NAME, ID_NUMBER = "陈国强", "119999199003070019"
PHONE_ON_FILE = "13900001234"


OWN_PORTRAIT = "portrait_chen_guoqiang"


def _residents() -> list[dict[str, Any]]:
    register = PICTURES.parent / "residents.toml"
    residents: list[dict[str, Any]] = tomllib.loads(register.read_text("utf-8"))["residents"]
    return residents


def picture(name: str) -> bytes:
    return (PICTURES / f"{name}.jpg").read_bytes()


def picture_read_before(*names: str) -> None:
    """Let the real reader read these now, so that a test's clock does not wait for it."""
    for name in names:
        reader().read(open_photo(picture(name), load_city().photo).jpeg)


@dataclass(frozen=True)
class Said:
    """One message, sent when `step` is the open question."""

    step: str
    send: Callable[[Player], str]


def texts(step: str, *said: str) -> Iterator[Said]:
    for text in said:
        yield Said(step, partial(_say, text=text))


def _say(player: Player, text: str) -> str:
    return player.say(text)


def _photo(player: Player, name: str) -> str:
    return player.photo(picture(name))


def with_photos(
    phone: str = PHONE_ON_FILE, front: str = FRONT, back: str = BACK, code: str = CODE
) -> list[Said]:
    """A readable card, the place sent, the branch that is nearest, the portrait on file."""
    return [
        *texts("menu", "办卡"),
        *texts("notice", "同意"),
        Said("id", partial(_photo, name=front)),
        Said("id_back", partial(_photo, name=back)),
        *texts("id_read", "1"),
        *texts("phone", phone),
        *texts("code", code),
        *_rest(phone),
    ]


def typed(
    name: str = NAME, number: str = ID_NUMBER, phone: str = PHONE_ON_FILE, code: str = CODE
) -> list[Said]:
    """Nothing can be read: name and number, ethnicity and validity are typed."""
    return [
        *texts("menu", "办卡"),
        *texts("notice", "同意"),
        *texts("id", "手输"),
        *texts("name_number", f"{name} {number}"),
        *texts("ethnicity", "汉"),
        *texts("valid_until", "2038年5月12日"),
        *texts("phone", phone),
        *texts("code", code),
        *_rest(phone),
    ]


ON_FILE = {str(person["phone_on_file"]) for person in _residents()}
"""Phones that the identity office has on file; only to these is the portrait on file shown."""


def _rest(phone: str) -> list[Said]:
    """The portrait on file where the phone is on file, else one of the person's own."""
    own = [] if phone in ON_FILE else [Said("portrait", partial(_photo, name=OWN_PORTRAIT))]
    return [
        Said("lives_at", lambda player: player.place()),
        *texts("work", "1 华云建筑劳务公司"),
        *texts("branch", "1"),
        *own,
        *texts("portrait", "1"),
        *texts("check", "确认"),
    ]


def walk(player: Player, said: list[Said], until: str = "") -> str:
    """Send one after the other, stopping where `until` is the open question; the last answer."""
    answer = ""
    for message in said:
        if message.step == until:
            return answer
        answer = message.send(player)
    return answer
