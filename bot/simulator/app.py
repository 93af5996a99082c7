"""Putting the simulator together: `create_simulator`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from flask import Flask, Response, jsonify
from flask.typing import ResponseReturnValue

from bot.simulator.account import Account, AllMedia, Shown, open_account
from bot.simulator.accounts_api import accounts_api
from bot.simulator.alipay.account import open_alipay
from bot.simulator.alipay.account_api import alipay_account_api
from bot.simulator.alipay.api import alipay_api
from bot.simulator.alipay.gateway import gateway
from bot.simulator.alipay.mini_api import alipay_mini_api
from bot.simulator.alipay.pages import pages
from bot.simulator.alipay.platform import AlipayPlatform
from bot.simulator.calls import Desks
from bot.simulator.card_making.end import card_making_end
from bot.simulator.card_making.ledger import Ledger
from bot.simulator.cast import Cast
from bot.simulator.clock import ShiftedClock
from bot.simulator.faults import Faults
from bot.simulator.filled_sends import FilledSends
from bot.simulator.guard import guard
from bot.simulator.later import Later
from bot.simulator.mass_sends import MassSends
from bot.simulator.media import MAX_BYTES
from bot.simulator.offices import Gate, offices
from bot.simulator.page import page
from bot.simulator.people_api import people_api
from bot.simulator.platform import WeChatPlatform
from bot.simulator.receipts import Receipts
from bot.simulator.residents import Register
from bot.simulator.running import Running
from bot.simulator.script_api import chat_api, controls, script_api
from bot.simulator.sends import CustomSends
from bot.simulator.sent import Composer
from bot.simulator.settings import SimulatorConfig
from bot.simulator.sms import SmsOffice
from bot.simulator.store import StoreClosed
from bot.simulator.wechat_api import wechat_api

MARKER = {"simulator": "shebaoka"}


def create_simulator(config: SimulatorConfig) -> Flask:
    """The simulator as a WSGI application; what must be stopped is its `simulator` extension."""
    app = Flask("bot.simulator", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BYTES + 1024 * 1024
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    clock, faults, later = ShiftedClock(config.clock), Faults(), Later()
    accounts = _accounts(config, clock)
    platforms = [WeChatPlatform(config, account, later) for account in accounts]
    alipay = _alipay(config, clock)
    register = Register(config.residents, config.pictures)
    cast = Cast(config, register, clock)
    sms = SmsOffice(accounts[0].store, clock, config.sms_templates)

    receipts = {one.account.name: _receipts(one, faults, later) for one in platforms}
    app.register_blueprint(wechat_api(_desks(config, platforms, receipts), faults))
    gate = Gate(config.office_key, clock)
    app.register_blueprint(offices(gate, register, sms, faults))
    shown: list[Shown] = [*accounts, *(end.account for end in alipay)]
    app.register_blueprint(script_api(shown, sms, cast))
    app.register_blueprint(controls(faults, clock, accounts))
    for platform in platforms:
        composer = Composer(platform.account)
        app.register_blueprint(chat_api(platform.account, platform, composer))
        app.register_blueprint(accounts_api(platform.account, platform))
        app.register_blueprint(people_api(platform.account, platform, composer))
    if alipay:
        _serve_alipay(app, alipay, faults)
    app.register_blueprint(page(config, AllMedia(shown), cast))
    ledgers = _make_cards(app, config, gate, faults, register, clock)
    held = list(receipts.values())
    app.extensions["simulator"] = Running(config, platforms, later, alipay, ledgers, held)
    guard(app, config.simulator_token)
    app.after_request(_read)
    _answer_the_rest(app)
    return app


def _accounts(config: SimulatorConfig, clock: ShiftedClock) -> list[Account]:
    """The official account first, then the mini program where there is one."""
    mini = config.mini
    linked = mini.app_id if mini else ""
    life = config.token_seconds
    official = open_account(
        config.official, config.folder, clock, token_seconds=life, mini_app_id=linked
    )
    if mini is None:
        return [official]
    return [official, open_account(mini, config.folder / "mini", clock, token_seconds=life)]


def _alipay(config: SimulatorConfig, clock: ShiftedClock) -> list[AlipayPlatform]:
    """Alipay's end of each app whose keys are known."""
    limits = (config.webhook, config.delivery_seconds, config.linger_seconds)
    apps = [app for app in (config.alipay, config.alipay_mini) if app]
    accounts = [open_alipay(app, config.folder / app.name, clock) for app in apps]
    return [AlipayPlatform(account, *limits) for account in accounts]


def _serve_alipay(app: Flask, ends: list[AlipayPlatform], faults: Faults) -> None:
    accounts = [end.account for end in ends]
    app.register_blueprint(gateway(accounts, faults))
    app.register_blueprint(pages(accounts))
    for end in ends:
        app.register_blueprint(alipay_api(end))
        app.register_blueprint(alipay_mini_api(end))
        app.register_blueprint(alipay_account_api(end))


def _make_cards(
    app: Flask,
    config: SimulatorConfig,
    gate: Gate,
    faults: Faults,
    register: Register,
    clock: ShiftedClock,
) -> list[Ledger]:
    """The offices that make cards, where their keys are known."""
    if config.card_making is None:
        return []

    def pass_time(by: timedelta) -> None:
        if config.pass_time is None:
            clock.shift += by
        else:
            config.pass_time(by)

    ledger, blueprints = card_making_end(
        config.card_making,
        config.folder,
        gate=gate,
        faults=faults,
        fails=register.card_failures,
        clock=clock,
        pass_time=pass_time,
    )
    for views in blueprints:
        app.register_blueprint(views)
    return [ledger]


def _receipts(platform: WeChatPlatform, faults: Faults, later: Later) -> Receipts:
    name = platform.account.name
    return Receipts(lambda: faults.coming(name), platform.report, later)


def _desks(
    config: SimulatorConfig, platforms: list[WeChatPlatform], receipts: Mapping[str, Receipts]
) -> list[Desks]:
    linked = config.mini.app_id if config.mini else ""
    return [
        Desks(
            platform.account,
            CustomSends(platform.account, linked),
            FilledSends(platform.account, linked, receipts[platform.account.name].tell),
            MassSends(platform.account, receipts[platform.account.name].tell),
        )
        for platform in platforms
    ]


def _read(response: Response) -> Response:
    """Files are read at once: one that is still open when a browser hangs up is never closed."""
    if response.direct_passthrough:
        response.direct_passthrough = False
        response.get_data()
        response.close()
    return response


def _answer_the_rest(app: Flask) -> None:
    @app.get("/")
    def marker() -> ResponseReturnValue:
        """How production finds out that an address is the simulator's, and refuses to start."""
        return jsonify(MARKER)

    @app.errorhandler(StoreClosed)
    def stopping(_: StoreClosed) -> ResponseReturnValue:
        return jsonify(error="stopping"), 503
