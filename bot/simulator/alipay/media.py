"""The pictures that people sent, given out to the app: raw bytes, without a signature.

Source: docs.open.alipay.com (2014), alipay.mobile.public.multimedia.download.
"""

from __future__ import annotations

from flask import Response

from bot.simulator.alipay.account import AlipayAccount
from bot.simulator.alipay.asked import Asked
from bot.simulator.alipay.fields import text
from bot.simulator.alipay.refusals import business

DOWNLOADS = {
    "alipay.mobile.public.multimedia.download": "mediaId",
    "alipay.open.public.multimedia.download.proxy": "media_id",
}
"""What the file's id is called in each; the second one has no documented parameters."""


def fetched(account: AlipayAccount, asked: Asked) -> Response:
    """The file of an id, while it is kept. Raises `Refusal`."""
    medium = account.media.get(text(asked.biz, DOWNLOADS[asked.method]))
    if medium is None:
        raise business("INVALID_MEDIA_ID")
    return Response(medium.body, content_type=medium.type)
