"""Take docs/phone.png, the picture in the README: `python -m tests.browser.take_picture`.

A real conversation with the running service, at the moment when both sides of the ID card were
read. Needs a Redis server, Chromium and the Noto CJK fonts (`make system-packages`).
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Page

from bot.demo.redis_process import RedisProcess, socket_folder
from tests.bot.simulator.browser import chromium, page_at
from tests.browser.hands import Mouse, answered
from tests.end_to_end.walks import picture_read_before
from tests.rig import Bot, running

PICTURE = Path(__file__).parents[2] / "docs" / "phone.png"
WIDTH, HEIGHT = 1280, 800
MOST_BYTES = 400_000
IN_SIGHT_LOADED = """Promise.all([...document.images]
    .filter((image) => image.checkVisibility() && image.getBoundingClientRect().top < innerHeight)
    .map((image) => image.decode()))"""
FACE, EMBLEM = "chen_guoqiang_front", "chen_guoqiang_back"


def take(page: Page) -> None:
    """Talk until the card is read, and keep what the page looks like then."""
    hands = Mouse(page)
    for button, words in (
        (".chip[data-text=你好]", "1 办卡"),
        (".chip[data-text='1']", "第1步"),
        (".chip[data-text=同意]", "第2步"),
        (f"[data-file='{EMBLEM}.jpg']", "人像面"),
        (f"[data-file='{FACE}.jpg']", "姓名：陈国强"),
    ):
        hands.press(button)
        answered(page, words)
    page.mouse.move(0, 0)
    page.evaluate(IN_SIGHT_LOADED)
    PICTURE.write_bytes(made_small(page.screenshot()))


def made_small(png: bytes) -> bytes:
    """The same picture in fewer bytes. Not in fewer colours: faces and gradients would show it."""
    small = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").save(small, "PNG", optimize=True)
    return small.getvalue()


@contextmanager
def service() -> Iterator[Bot]:
    """The whole service on a Redis and a database that are gone afterwards."""
    sockets = socket_folder()
    server = RedisProcess(sockets / "redis.sock", sockets, durable=False)
    try:
        server.wait()
        with TemporaryDirectory() as folder, running(Path(folder), server.url) as bot:
            yield bot
    finally:
        server.stop()
        shutil.rmtree(sockets)


def main() -> None:
    """Take it anew."""
    picture_read_before(FACE, EMBLEM)
    with service() as bot, chromium() as browser:
        url = f"{bot.simulator.url}/simulator?user=o_chen"
        with page_at(
            browser, WIDTH, url, height=HEIGHT, timezone_id="Asia/Shanghai", locale="zh-CN"
        ) as page:
            page.clock.set_fixed_time(bot.clock())
            page.reload()
            take(page)


if __name__ == "__main__":
    main()
