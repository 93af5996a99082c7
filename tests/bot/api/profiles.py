"""The shipped city with what a test wants otherwise."""

from __future__ import annotations

from pathlib import Path

from config.city import SHIPPED

_WITH_TEMPLATES = """[wechat.mini_subscriptions]
progress = "MINI-PROGRESS"
action = "MINI-ACTION"
"""


def unhurried(folder: Path) -> Path:
    """Nobody calls too often there, and there are messages to subscribe to."""
    text = SHIPPED.read_text("utf-8")
    for name in ("api", "api_address", "login", "code", "push"):
        start = text.index(f"\n{name} = {{ times = ")
        end = text.index(",", start)
        text = f"{text[:start]}\n{name} = {{ times = 1000000{text[end:]}"
    assert "[wechat.mini_subscriptions]\n" in text
    text = text.replace("[wechat.mini_subscriptions]\n", _WITH_TEMPLATES)
    path = folder / "city.toml"
    path.write_text(text, "utf-8")
    return path
