"""The golden dialogue of the card form over the wire of each channel: how each is spoken to, and
how what it shows is read. Nothing of the service's own code is in it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any, Protocol

import requests

from tests.end_to_end.program import Front
from tests.end_to_end.transcript import readable
from tests.rig import PICTURES, Bot, wait_for

PATIENCE = 30.0  # of a crowded machine; alone an answer takes a fraction of a second
FOOTER = "0 返回 · 9 人工"
_ADDRESS = re.compile(r"^(.+)：(?:https?|alipays)://\S+$", re.M)
_OPTION = re.compile(r"[1-9] (.*)")


@dataclass(frozen=True)
class Shown:
    """One message as a person sees it, however the channel draws it: the text in lines, then what
    can be chosen. `picture`: a picture alone."""

    lines: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    picture: bool = False


def shown(text: str) -> Shown:
    """A message of lines: options are numbered, the footer belongs to every one."""
    if text == "[图片]":
        return Shown(picture=True)
    lines = [line for line in text.split("\n") if line != FOOTER]
    found = [(line, _OPTION.fullmatch(line)) for line in lines]
    return Shown(
        tuple(line for line, option in found if not option),
        tuple(option[1] for _, option in found if option),
    )


class Player(Protocol):
    """Somebody in one channel; each act gives what it brought."""

    takes_places: bool

    def say(self, text: str) -> list[Shown]: ...
    def photo(self, name: str) -> list[Shown]: ...
    def place(self, label: str, lat: float, lng: float) -> list[Shown]: ...


class InWeChat:
    """The service account."""

    takes_places = True

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        bot.post(type="event", event="subscribe")

    def say(self, text: str) -> list[Shown]:
        return self._heard(lambda: self._bot.say(text))

    def photo(self, name: str) -> list[Shown]:
        return self._heard(lambda: self._bot.photo(name))

    def place(self, label: str, lat: float, lng: float) -> list[Shown]:
        return self._heard(lambda: self._bot.place(label, lat, lng))

    def _heard(self, act: Callable[[], Any]) -> list[Shown]:
        before = len(self._told())
        act()
        wait_for(lambda: self._told()[before:] or None, PATIENCE)
        return self._told()[before:]

    def _told(self) -> list[Shown]:
        told = [m for m in self._bot.history() if m["from"] == "bot"]
        return [shown("[图片]" if m["kind"] == "image" else readable(m["text"])) for m in told]


class InAlipay:
    """The life account: every answer comes by `custom.send`, after the acknowledgement."""

    takes_places = False

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        bot.post(type="event", event="follow")
        wait_for(lambda: self._told() or None, PATIENCE)

    def say(self, text: str) -> list[Shown]:
        return self._heard(lambda: self._bot.say(text))

    def photo(self, name: str) -> list[Shown]:
        return self._heard(lambda: self._bot.photo(name))

    def place(self, label: str, lat: float, lng: float) -> list[Shown]:
        return self.say(label)

    def _heard(self, act: Callable[[], Any]) -> list[Shown]:
        before = len(self._told())
        act()
        wait_for(lambda: self._told()[before:] or None, PATIENCE)
        return [shown(_marked(text)) for text in self._told()[before:]]

    def _told(self) -> list[str]:
        return [m["text"] for m in self._bot.history() if m["from"] == "bot"]


def _marked(text: str) -> str:
    """A chat without links in words: each stands below, behind its label."""
    for label in _ADDRESS.findall(text):
        text = text.replace(label, f"{label}（链接）", 1)
    return _ADDRESS.sub("", text).replace("\n\n", "\n")


class ThroughTheApi:
    """A mini program's front end."""

    takes_places = True

    def __init__(self, front: Front) -> None:
        self._front = front

    def say(self, text: str) -> list[Shown]:
        self._front.say(text)
        return self._heard()

    def photo(self, name: str) -> list[Shown]:
        self._front.photo(PICTURES / f"{name}.jpg")
        return self._heard()

    def place(self, label: str, lat: float, lng: float) -> list[Shown]:
        self._front.place(label, lat, lng)
        return self._heard()

    def _heard(self) -> list[Shown]:
        return [_of_json(message) for message in self._front.shown]


def _of_json(message: dict[str, Any]) -> Shown:
    if message["picture"]:
        return Shown(picture=True)
    text = "\n".join(part for part in (message["text"], message["after"]) if part)
    for link in message["links"]:
        text = text.replace(link["label"], f"{link['label']}（链接）")
    return Shown(tuple(text.split("\n")), tuple(c["label"] for c in message["choices"]))


class OnTheSite:
    """A browser without scripts at `/apply`."""

    takes_places = False
    _ONCE = re.compile(r'name="once" value="([^"]+)"')
    _BUBBLE = re.compile(r'<div class="bubble (\w+)".*?data-number="(\d+)">(.*?)</div>', re.DOTALL)
    _CHOICE = re.compile(r'name="choice" value="[^"]+">(.*?)</button>')
    _TEXT = re.compile(r"<p>(.*?)</p>", re.DOTALL)
    _LINK = re.compile(r"<a [^>]*>(.*?)</a>")

    def __init__(self, site: str) -> None:
        self._url, self._http = f"{site}/apply", requests.Session()
        self._page = ""
        self._open()

    def first(self) -> list[Shown]:
        """What stands there before anything was said."""
        return self._told()

    def say(self, text: str) -> list[Shown]:
        return self._sent(data={"text": text})

    def photo(self, name: str) -> list[Shown]:
        image = (PICTURES / f"{name}.jpg").read_bytes()
        return self._sent(files={"photo": ("photo.jpg", image, "image/jpeg")})

    def place(self, label: str, lat: float, lng: float) -> list[Shown]:
        return self.say(label)

    def _sent(self, **form: Any) -> list[Shown]:
        mine = self._mine()
        once = self._ONCE.search(self._page[self._page.index("<main") :])
        assert once
        data = {"once": unescape(once[1]), **form.pop("data", {})}
        answer = self._http.post(self._url, data=data, timeout=PATIENCE, **form)
        assert answer.status_code == 200, answer.status_code
        ends = time.monotonic() + PATIENCE
        self._page = answer.text
        while 'class="waiting"' in self._page or self._mine() == mine or not self._told():
            assert time.monotonic() < ends, "the answer did not come"
            time.sleep(0.2)
            self._open()
        return self._told()

    def _open(self) -> None:
        self._page = self._http.get(self._url, timeout=PATIENCE).text

    def _bubbles(self) -> list[tuple[str, str]]:
        return [(by, inner) for by, _, inner in self._BUBBLE.findall(self._page)]

    def _mine(self) -> int:
        """How many bubbles are one's own."""
        return sum(by == "me" for by, _ in self._bubbles())

    def _told(self) -> list[Shown]:
        """The bot's bubbles below one's last; the buttons belong to the last of them."""
        told: list[tuple[str, str]] = []
        for by, inner in self._bubbles():
            told = [] if by == "me" else [*told, (by, inner)]
        found = [Shown(picture=True) if by == "picture" else self._read(i) for by, i in told]
        choices = tuple(unescape(label) for label in self._CHOICE.findall(self._page))
        return [*found[:-1], Shown(found[-1].lines, choices, found[-1].picture)] if found else []

    def _read(self, inner: str) -> Shown:
        text = self._TEXT.search(inner)
        assert text, inner
        marked = self._LINK.sub(r"\1（链接）", text[1])
        return Shown(tuple(unescape(marked).strip().split("\n")))


def without_waiting(messages: Sequence[Shown], waiting: str) -> list[Shown]:
    """请稍候 is said where the machine is slow, and is no answer."""
    return [message for message in messages if message.lines[:1] != (waiting,)]
