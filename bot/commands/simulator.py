"""`shebaoka simulator`: WeChat, Alipay and the offices on this machine."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot.commands.settings import local_settings, stop
from bot.commands.simulator_alipay import BadKey, alipay_config
from bot.demo.clock import DemoClock
from bot.simulator.card_making.keys import desk_key
from bot.simulator.card_making.settings import CardMakingConfig, DeskConfig
from bot.simulator.server import ExposedSimulator, serve
from bot.simulator.settings import MINI_ACCOUNT, MINI_PATH, AccountConfig, SimulatorConfig
from bot.simulator.wordings import account_templates
from config.city import City, CityFault, load_city
from config.settings import Settings, environment_name
from config.template_book import TemplateFault

NEEDED = ("wechat_app_id", "wechat_app_secret", "wechat_token", "wechat_aes_key", "office_key")


def run() -> int:
    """Serve the simulator until told to stop."""
    settings = local_settings()
    if missing := [name for name in NEEDED if not getattr(settings, name)]:
        stop([f"{environment_name(name)}: missing" for name in missing])
    host = settings.host if settings.simulator_token else "127.0.0.1"
    try:
        serve(host, settings.simulator_port, simulator_config(settings))
    except ExposedSimulator as fault:
        stop([str(fault)])
    except (CityFault, TemplateFault, BadKey) as fault:
        stop(str(fault).splitlines())
    return 0


def simulator_config(settings: Settings) -> SimulatorConfig:
    """A simulator that is the other end of these settings."""
    folder = settings.data_dir / "simulator"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    city = load_city(Path(settings.city) if settings.city else None)
    clock = DemoClock(settings.data_dir)
    return SimulatorConfig(
        webhook=f"http://{_reachable(settings.host)}:{settings.port}",
        app_id=settings.wechat_app_id,
        app_secret=settings.wechat_app_secret,
        token=settings.wechat_token,
        aes_key=settings.wechat_aes_key,
        office_key=settings.office_key,
        folder=folder,
        mode=settings.wechat_mode,
        simulator_token=settings.simulator_token,
        sms_templates={template.id: template.text for template in city.sms.values()},
        templates=account_templates(city, "official"),
        mini=_mini(settings, city),
        alipay=alipay_config(settings, city, folder, "alipay"),
        alipay_mini=alipay_config(settings, city, folder, "alipay_mini"),
        card_making=_card_making(settings, folder),
        clock=clock,
        pass_time=clock.pass_time,
    )


def _card_making(settings: Settings, folder: Path) -> CardMakingConfig | None:
    """The province and the bank, where all keys of the hand-over are there."""
    if not all((settings.handover_private_key, settings.province_key, settings.bank_key)):
        return None
    city = Ed25519PrivateKey.from_private_bytes(settings.handover_private_key).public_key()
    return CardMakingConfig(
        DeskConfig("province", desk_key(folder, "province"), city, settings.province_key),
        DeskConfig("bank", desk_key(folder, "bank"), city, settings.bank_key),
    )


def _mini(settings: Settings, city: City) -> AccountConfig | None:
    """The mini program beside the official account, where all of its keys are there."""
    if not (settings.has_wechat_mini and settings.wechat_mini_aes_key):
        return None
    return AccountConfig(
        sort="mini",
        path=MINI_PATH,
        account=MINI_ACCOUNT,
        app_id=settings.wechat_mini_app_id,
        app_secret=settings.wechat_mini_app_secret,
        token=settings.wechat_mini_token,
        aes_key=settings.wechat_mini_aes_key,
        mode=settings.wechat_mini_mode,
        templates=account_templates(city, "mini"),
    )


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104
