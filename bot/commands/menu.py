"""`shebaoka menu publish`: the menu below the chat, from the city's profile."""

from __future__ import annotations

import json
from collections.abc import Callable

from redis.exceptions import RedisError
from rich.console import Console
from rich.markup import escape

from bot.commands.content import content_faults
from bot.commands.settings import errors, local_settings, stop
from bot.upkeep import KeyFault, MenuChange, publish_city_menu, publish_life_account_menu
from config.settings import Settings, environment_name

NEEDED = ("wechat_app_id", "wechat_app_secret", "public_url", "data_keys", "index_key", "redis_url")
REFUSED = 1  # exit status when the platform did not take it


def run(dry_run: bool) -> int:
    """Publish it unless it is shown already; with `dry_run` only say what would change. The menu
    of Alipay's life account follows where there is one."""
    settings = local_settings()
    if missing := [name for name in NEEDED if not getattr(settings, name)]:
        stop([f"{environment_name(name)}: missing" for name in missing])
    if faults := content_faults(settings):  # a button that nobody answers is one of them
        stop(faults)
    console = Console(highlight=False, soft_wrap=True)
    ends = [_say(console, _changed(publish_city_menu, settings, dry_run), dry_run)]
    if settings.has_alipay:
        console.print("Alipay:")
        ends.append(_say(console, _changed(publish_life_account_menu, settings, dry_run), dry_run))
    return max(ends)


def _changed(publish: Callable[..., MenuChange], settings: Settings, dry_run: bool) -> MenuChange:
    try:
        return publish(settings, dry_run=dry_run)
    except ValueError as fault:
        stop(str(fault).splitlines())
    except KeyFault as fault:
        stop([f"Alipay's keys: {fault}"])
    except RedisError as fault:
        stop([f"Redis does not answer: {type(fault).__name__}"])


def _say(console: Console, change: MenuChange, dry_run: bool) -> int:
    """Returns the exit status."""
    if dry_run:
        console.print(escape(json.dumps(change.wanted, ensure_ascii=False, indent=2)))
    if change.fault:
        errors.print(f"[red]✗[/] refused: {escape(change.fault)}")
        errors.print(escape(f"  {change.remedy}"))
        return REFUSED
    for line in change.difference():
        console.print(escape(line))
    console.print(_told(change.same, change.published))
    return 0


def _told(same: bool, published: bool) -> str:
    if same:
        return "unchanged"
    return "published: people see it when they enter the chat" if published else "not published"
