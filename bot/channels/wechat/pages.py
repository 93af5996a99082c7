"""Signing one of our pages for WeChat's JS-SDK, without which it shows no open tags on it.

Source: developers.weixin.qq.com, JS-SDK 使用权限签名算法.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping


def sign_page(
    app_id: str, ticket: str, url: str, nonce: str, timestamp: int
) -> Mapping[str, object]:
    """What `wx.config` wants to hear for `url`, which is the address as the browser shows it;
    what follows a # does not count. `timestamp` is in seconds."""
    told = (
        f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url.partition('#')[0]}"
    )
    signature = hashlib.sha1(told.encode()).hexdigest()  # noqa: S324 - the platform's choice
    return {"appId": app_id, "timestamp": timestamp, "nonceStr": nonce, "signature": signature}
