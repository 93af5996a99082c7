"""Start-up of what an operator asks for: the menu below the chat, and the doctor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

from bot.assembly import Assembly, read_application, real_sources
from bot.channels.alipay import checkup as alipay_checkup
from bot.channels.alipay import menu as life_account
from bot.channels.alipay.callback import callback as alipay_callback
from bot.channels.alipay.signing import KeyFault
from bot.channels.menu_change import MenuChange
from bot.channels.wechat.callback import callback
from bot.channels.wechat.checkup import Checkup
from bot.channels.wechat.client import PlatformClient
from bot.channels.wechat.menu import publish_menu, wanted_menu
from bot.channels.wechat.wordings import wordings
from bot.doctor.certificate import certificate
from bot.doctor.findings import Check, Finding
from bot.doctor.stores import conversations, records
from bot.handover.checkup import handover
from bot.push.roads import push_rungs
from config.city import load_city
from config.settings import Settings, environment_name
from config.template_book import ALIPAY_RUNGS, WordingRung

__all__ = [
    "KeyFault",
    "MenuChange",
    "alipay_faults",
    "publish_city_menu",
    "publish_life_account_menu",
    "rungs_of",
    "service_checks",
]

_ACCOUNT = ("app_id", "app_secret", "token")
_RUNGS: Mapping[str, tuple[WordingRung, ...]] = {
    "wechat": ("template", "subscription"),
    "wechat_mini": ("mini_subscription",),
}
_KEPT = ("redis_url", "data_keys", "index_key")


def publish_city_menu(settings: Settings, *, dry_run: bool) -> MenuChange:
    """Show the city's menu below the chat, unless it is shown already.

    Raises RedisError, and ValueError where the profile has no menu or an address is too long.
    """
    parts = Assembly(settings, real_sources())
    if not parts.city.menu:
        raise ValueError("the city's profile has no [[menu]]")
    wanted = wanted_menu(parts.city.menu, settings.public_url, settings.wechat_mini_app_id)
    try:
        return publish_menu(parts.platform, wanted, dry_run=dry_run)
    finally:
        parts.redis.close()


def publish_life_account_menu(settings: Settings, *, dry_run: bool) -> MenuChange:
    """The same menu below the chat of Alipay's life account.

    Raises KeyFault, and ValueError for what Alipay would refuse.
    """
    parts = Assembly(settings, real_sources())
    wanted = life_account.wanted_menu(parts.city.menu, settings.public_url)
    try:
        return life_account.publish_menu(parts.alipay, wanted, dry_run=dry_run)
    finally:
        parts.alipay.close()


def rungs_of(settings: Settings) -> Mapping[str, Sequence[str]]:
    """By which rungs each channel that is served may be pushed to, the best first."""
    return push_rungs(Assembly(settings, real_sources()).channels)


def service_checks(parts: Assembly) -> list[Check]:
    """Everything that this service stands on and that may fail by itself one day."""
    settings = parts.settings
    checks = [
        Check("database", partial(records, settings)),
        Check("conversations", partial(conversations, settings)),
        Check("certificate", lambda: _certificate(parts)),
        Check("hand-over", lambda: handover(settings, parts.city.handover)),
    ]
    if settings.has_alipay:
        checks.append(Check("alipay callback", lambda: _alipay_callback(parts)))
    for name, rungs in _RUNGS.items():
        if getattr(settings, f"{name}_app_id") or name == "wechat":
            checks += _account_checks(parts, name, rungs)
    return [*checks, *_alipay_checks(parts)]


def alipay_faults(settings: Settings) -> list[str]:
    """Why Alipay's keys and certificates must not be served with; empty where there are none."""
    faults = []
    for name in _applications(settings):
        try:
            app = read_application(settings, name, load_city(settings.city).alipay)
        except KeyFault as fault:
            faults.append(f"{environment_name(f'{name}_private_key')} and its kin: {fault}")
            continue
        parts = alipay_checkup.ended(app.certificates, datetime.now(UTC))
        faults += [f"{environment_name(f'{name}_{part}')}: holds no longer" for part in parts]
    return faults


def _applications(settings: Settings) -> list[str]:
    wanted = {"alipay": settings.has_alipay, "alipay_mini": settings.has_alipay_mini}
    return [name for name, there in wanted.items() if there]


def _alipay_checks(parts: Assembly) -> Iterator[Check]:
    """The checks of each application at Alipay."""

    def look(
        name: str, at: Callable[[alipay_checkup.Checkup], Iterable[Finding]]
    ) -> Callable[[], Iterable[Finding]]:
        def looked() -> Iterable[Finding]:
            try:
                gateway = getattr(parts, name)
            except KeyFault as fault:
                return [Finding("fault", f"{name}: {fault}", "compare the keys with the console")]
            return at(alipay_checkup.Checkup(name, gateway, parts.sources.clock()))

        return looked

    def worded(rung: WordingRung) -> Iterable[Finding]:
        place = f"alipay.{rung.removeprefix('alipay_')}_templates"
        city = parts.city.alipay.approved()
        return alipay_checkup.wordings(place, parts.templates.wanted(rung), city[rung])

    for name in _applications(parts.settings):
        yield Check(f"{name} signature", look(name, alipay_checkup.Checkup.signature))
        yield Check(f"{name} certificates", look(name, alipay_checkup.Checkup.certificates))
    if parts.settings.has_alipay:
        for rung in ALIPAY_RUNGS:
            yield Check(f"{rung}s", partial(worded, rung))


def _certificate(parts: Assembly) -> Iterable[Finding]:
    address = parts.settings.public_url
    if not address:
        return [_missing(["public_url"], "residents and the platform reach nothing")]
    return certificate(address, parts.sources.clock())


def _account_checks(parts: Assembly, name: str, rungs: tuple[WordingRung, ...]) -> Iterator[Check]:
    """The checks of one account, or the one sentence that it is not set."""
    needed = (*(f"{name}_{part}" for part in _ACCOUNT), *_KEPT, "public_url")
    if missing := [setting for setting in needed if not getattr(parts.settings, setting)]:
        yield Check(name, lambda: [_missing(missing, f"{name} is not looked at")])
        return

    def look(at: Callable[[Checkup], Iterable[Finding]]) -> Callable[[], Iterable[Finding]]:
        return lambda: at(Checkup(name, _client(parts, name), parts.sources.clock))

    yield Check(f"{name} token", look(Checkup.token))
    yield Check(f"{name} addresses", look(Checkup.addresses))
    yield Check(f"{name} callback", partial(_callback, parts, name))
    for rung in rungs:
        yield Check(f"{name} {rung}s", look(partial(_wordings, parts, rung)))


def _client(parts: Assembly, name: str) -> PlatformClient:
    return parts.platform if name == "wechat" else parts.mini_platform


def _callback(parts: Assembly, name: str) -> Iterator[Finding]:
    settings = parts.settings
    path = "/wechat" if name == "wechat" else "/wechat/mini"
    token = getattr(settings, f"{name}_token")
    return callback(f"{settings.public_url.rstrip('/')}{path}", token, parts.sources.clock)


def _alipay_callback(parts: Assembly) -> Iterable[Finding]:
    if not parts.settings.public_url:
        return [_missing(["public_url"], "alipay's callback is not looked at")]
    address = f"{parts.settings.public_url.rstrip('/')}/alipay"
    return alipay_callback(address, parts.alipay.app.own.public_key())


def _wordings(parts: Assembly, rung: WordingRung, checkup: Checkup) -> Iterator[Finding]:
    ids = parts.city.wechat.approved(rung)
    return wordings(checkup, rung, parts.templates.wanted(rung), ids)


def _missing(names: list[str], so: str) -> Finding:
    return Finding("warning", f"{', '.join(map(environment_name, names))}: missing: {so}")
