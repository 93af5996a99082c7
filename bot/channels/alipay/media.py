"""Pictures that people send to the life account: fetched by their media id, from an address of
their own, where success is not signed and an error is JSON."""

from __future__ import annotations

from bot.channels.alipay.errors import GatewayError, Kind
from bot.channels.alipay.gateway import Gateway

ADDRESS = "https://openfile.alipay.com/chat/multimedia.do"
METHOD = "alipay.mobile.public.multimedia.download"
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"BM", b"RIFF")


def fetch_image(gateway: Gateway, media_id: str, limit: int, address: str, method: str) -> bytes:
    """The picture, at most `limit` bytes, unless what came is none. Raises GatewayError."""
    name = "mediaId" if method == METHOD else "media_id"
    content, kind = gateway.fetch(address, method, {name: media_id}, limit)
    if content.startswith(_PICTURES):
        return content
    if kind.startswith(("text/html", "application/xhtml")):
        raise GatewayError(Kind.AWAY, "a page instead of a picture")
    raise GatewayError(Kind.MEDIA, "not a picture")
