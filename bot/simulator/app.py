"""Putting the simulator together: `create_simulator`."""

from __future__ import annotations

from flask import Flask, jsonify
from flask.typing import ResponseReturnValue

from bot.simulator.cast import Cast
from bot.simulator.chats import Chats
from bot.simulator.clock import ShiftedClock
from bot.simulator.faults import Faults
from bot.simulator.guard import guard
from bot.simulator.media import MAX_BYTES, MediaBox
from bot.simulator.offices import Gate, offices
from bot.simulator.page import page
from bot.simulator.platform import WeChatPlatform
from bot.simulator.residents import Register
from bot.simulator.script_api import controls, script_api
from bot.simulator.sends import CustomSends
from bot.simulator.sent import Composer
from bot.simulator.settings import SimulatorConfig
from bot.simulator.sms import SmsOffice
from bot.simulator.store import Store, StoreClosed
from bot.simulator.tokens import Tokens
from bot.simulator.wechat_api import wechat_api
from bot.simulator.windows import Windows

MARKER = {"simulator": "shebaoka"}


def create_simulator(config: SimulatorConfig) -> Flask:
    """The simulator as a WSGI application. Its `WeChatPlatform` and `Store` are `extensions`."""
    app = Flask("bot.simulator", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BYTES + 1024 * 1024
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    store, clock, faults = (
        Store(config.folder / "simulator.db"),
        ShiftedClock(config.clock),
        Faults(),
    )
    media, windows = MediaBox(store, config.folder / "media", clock), Windows(store, clock)
    chats, sms = Chats(store, clock), SmsOffice(store, clock, config.sms_templates)
    tokens = Tokens(store, clock, config.token_seconds)
    platform = WeChatPlatform(config, clock, chats, windows, media)
    register = Register(config.residents, config.pictures)
    cast = Cast(config, register, clock)

    app.register_blueprint(
        wechat_api(config, tokens, media, CustomSends(chats, windows, media), faults)
    )
    app.register_blueprint(offices(Gate(config.office_key, clock), register, sms, faults))
    app.register_blueprint(script_api(platform, Composer(media), chats, sms, store, media, cast))
    app.register_blueprint(controls(faults, clock, tokens))
    app.register_blueprint(page(config, media, cast))
    app.extensions["wechat_platform"] = platform
    app.extensions["simulator_store"] = store
    guard(app, config.simulator_token)

    @app.get("/")
    def marker() -> ResponseReturnValue:
        """How production finds out that an address is the simulator's, and refuses to start."""
        return jsonify(MARKER)

    @app.errorhandler(StoreClosed)
    def stopping(_: StoreClosed) -> ResponseReturnValue:
        return jsonify(error="stopping"), 503

    return app
