"""The floor: wechatpy's encryption in a plain Flask view that repeats what was said."""

from __future__ import annotations

import os

from flask import Flask, request
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.replies import create_reply


def make(threads: int) -> Flask:
    app = Flask("echo", static_folder=None)
    crypto = WeChatCrypto(
        os.environ["RIG_TOKEN"], os.environ["RIG_AES_KEY"], os.environ["RIG_APP_ID"]
    )

    @app.post("/wechat")
    def receive() -> str:
        nonce, stamp = request.args["nonce"], request.args["timestamp"]
        signature = request.args["msg_signature"]
        message = parse_message(crypto.decrypt_message(request.get_data(), signature, stamp, nonce))
        reply = create_reply(message.content, message)
        answer: str = crypto.encrypt_message(reply.render(), nonce, stamp)
        return answer

    return app
