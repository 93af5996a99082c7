"""The application that serves is always the one of the present edition."""

from __future__ import annotations

from flask import Flask

from bot.editions import Editions


class Parts:
    def __init__(self) -> None:
        self.old = self.closed = self.unreadable = False

    def is_outdated(self) -> bool:
        if self.unreadable:
            raise OSError("the profile is gone")
        return self.old

    def close(self) -> None:
        self.closed = True


def site(words: str) -> tuple[Flask, Parts]:
    app, parts = Flask("site"), Parts()
    app.extensions["shebaoka"] = parts
    app.add_url_rule("/", "words", lambda: words)
    return app, parts


def test_new_words_are_served_soon_and_what_served_before_last_is_let_go() -> None:
    now = 0.0
    (app, first), (second_app, second), (third_app, third) = (
        site("one"), site("two"), site("three"),
    )  # fmt: skip
    coming = iter((second_app, third_app))
    app.wsgi_app = Editions(  # type: ignore[method-assign]
        app, lambda: next(coming), seconds=5, monotonic=lambda: now
    )
    client = app.test_client()
    first.old, now = True, 4.9
    assert client.get("/").text == "one"
    now = 5.0
    assert client.get("/").text == "two"
    second.old, now = True, 10.0
    assert client.get("/").text == "three"
    assert (first.closed, second.closed, third.closed) == (True, False, False)


def test_words_that_cannot_be_served_leave_the_old_ones() -> None:
    app, parts = site("one")
    parts.old = True

    def broken() -> Flask:
        raise ValueError("the city contradicts itself")

    app.wsgi_app = Editions(app, broken, seconds=0)  # type: ignore[method-assign]
    assert app.test_client().get("/").text == "one"
    assert not parts.closed


def test_who_cannot_see_whether_words_are_new_goes_on_with_the_old_ones() -> None:
    app, parts = site("one")
    parts.unreadable = True
    app.wsgi_app = Editions(app, lambda: site("two")[0], seconds=0)  # type: ignore[method-assign]
    assert app.test_client().get("/").text == "one"
    parts.unreadable, parts.old = False, True
    assert app.test_client().get("/").text == "two"
