"""Whether an outside party's address is a simulator's, which lets anybody be anybody."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

from config.settings import Settings, environment_name

ADDRESSES = (
    "wechat_api_base",
    "wechat_mini_api_base",
    "wechat_js_url",
    "alipay_gateway",
    "alipay_media_url",
    "identity_url",
    "portraits_url",
    "card_making_url",
    "bank_url",
    "records_url",
    "sms_url",
)


def simulator_faults(settings: Settings, timeout: float = 2.0) -> list[str]:
    """A sentence for each address of an outside party that turns out to be a simulator's.

    Asks `GET /` of each host once. One that does not answer is no fault: it may come later.
    """
    places = {name: _root(getattr(settings, name)) for name in ADDRESSES if getattr(settings, name)}
    simulators = {root for root in set(places.values()) if _is_simulator(root, timeout)}
    return [
        f"{environment_name(name)}: is a simulator, which lets anybody be anybody"
        for name, root in places.items()
        if root in simulators
    ]


def _root(address: str) -> str:
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}/"


def _is_simulator(root: str, timeout: float) -> bool:
    try:
        with urllib.request.urlopen(root, timeout=timeout) as response:  # noqa: S310
            body = json.loads(response.read(1000))
    except (OSError, urllib.error.URLError, ValueError):
        return False
    return isinstance(body, dict) and "simulator" in body
