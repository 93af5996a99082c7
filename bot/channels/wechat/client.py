"""The calls of the platform's API that the service makes, each over `HardenedClient`.

wechatpy's own method where it has one that is right. What would be refused for its size or its
signs is refused here, without a call. Limits that the platform's pages leave open are in no table
here: it says so itself, by a code of `errors`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import requests

from bot.channels.wechat import bodies
from bot.channels.wechat.answers import list_of, text_of
from bot.channels.wechat.errors import NO_MENU, SENT_BEFORE, Kind, PlatformError
from bot.channels.wechat.hardened import HardenedClient
from bot.ports import Filled


class PlatformClient(HardenedClient):
    """One official account or mini program. Every call raises PlatformError and nothing else."""

    # --- files ---

    def upload_picture(self, image: bytes) -> str:
        """The media id, good for three days, of a JPEG or PNG."""
        kind = "png" if image.startswith(b"\x89PNG") else "jpeg"
        told = self.media.upload("image", (f"picture.{kind}", image, f"image/{kind}"))
        return text_of(told, "media_id")

    def fetch_media(self, media_id: str, limit: int) -> bytes:
        """The file a person sent, at most `limit` bytes."""
        query = {"media_id": media_id}
        answer = self._request("get", "media/get", params=query, limit=limit)
        if isinstance(answer, requests.Response) and answer.content:
            return answer.content
        raise PlatformError(Kind.MEDIA, "not a file")

    # --- customer-service messages: each spends one of what the person's last visit allows ---

    def send_text(self, openid: str, text: str) -> None:
        """A text of at most 2,048 bytes."""
        self.message.send_text(openid, bodies.checked_text(text))

    def send_image(self, openid: str, media_id: str) -> None:
        """A picture that was uploaded."""
        self.message.send_image(openid, media_id)

    def send_article(
        self, openid: str, title: str, description: str, url: str, picture: str = ""
    ) -> None:
        """A card that opens `url`; `picture` is an address. The platform takes one at a time."""
        card = {"title": title, "description": description, "url": url, "picurl": picture}
        self.message.send_articles(openid, [card])

    def send_choices(
        self, openid: str, before: str, options: Sequence[tuple[str, str]], after: str = ""
    ) -> None:
        """A text with options (id, label) to tap; the tap comes back as a text with the id.

        Refused (40200) where the account is not verified: the same as a text is the fallback.
        """
        if not options:
            raise PlatformError(Kind.BUG, "choices without an option")
        rows = [{"id": key, "content": label} for key, label in options]
        menu = {"head_content": before, "list": rows, "tail_content": after}
        self.message.send_msg_menu(openid, menu)

    def send_mini_page(
        self, openid: str, title: str, app_id: str, page: str, thumb_media_id: str
    ) -> None:
        """A card of a mini program that belongs to the account; the picture was uploaded."""
        card = {"title": title, "appid": app_id, "pagepath": page, "thumb_media_id": thumb_media_id}
        self.message.send_mini_program_page(openid, card)

    def send_link(
        self, openid: str, title: str, description: str, url: str, picture: str = ""
    ) -> None:
        """In the chat of a mini program: a card that opens `url`; `picture` is an address."""
        card = {"title": title, "description": description, "url": url, "thumb_url": picture}
        self.message.send_link(openid, card)

    def show_typing(self, openid: str, on: bool = True) -> None:
        """The person sees that somebody types, until a message comes or this ends it."""
        command = "Typing" if on else "CancelTyping"
        self.post("message/custom/typing", data={"touser": openid, "command": command})

    # --- messages in an approved wording ---

    def send_template(self, openid: str, message: Filled, url: str, key: str) -> str:
        """A template message; sent once however often it is asked with the same `key` within ten
        minutes. Returns its id."""
        data = bodies.template(openid, message, url, key)
        return bodies.message_id(self.post("message/template/send", data=data))

    def send_subscription(self, openid: str, message: Filled, page: str) -> str:
        """A message the person has subscribed to. Returns its id, "" where the answer has none."""
        told = self.message.send_subscribe_message(
            openid, message.template, bodies.fields(message), page=page or None
        )
        return bodies.message_id(told)

    def send_mini_subscription(
        self,
        openid: str,
        message: Filled,
        page: str,
        *,
        state: str = "formal",
        locale: str = "zh_CN",
    ) -> str:
        """The same in a mini program; `state`: developer, trial or formal, which of its versions a
        tap opens. Returns its id, "" where the answer has none."""
        data = bodies.mini_subscription(openid, message, page, state, locale)
        return bodies.message_id(self.post("message/subscribe/send", data=data))

    # --- what many followers are told alike ---

    def send_mass(self, openids: Sequence[str], text: str, key: str) -> str:
        """群发 to 2 to 10,000 followers, of whom each gets four in a month; taken once however
        often it is asked with the same `key` within a day. Returns its id, "" where the answer has
        none; what becomes of it is pushed later."""
        message = {"touser": list(openids), "msgtype": "text", "text": {"content": text}}
        try:
            told = self.post("message/mass/send", data={**message, "clientmsgid": key})
        except PlatformError as fault:
            if fault.code == SENT_BEFORE:
                return fault.known_as
            raise
        return str(told.get("msg_id") or "")

    def mass_status(self, sent_as: str) -> str:
        """SENDING, SEND_SUCCESS, SEND_FAIL or DELETE."""
        return text_of(self.post("message/mass/get", data={"msg_id": sent_as}), "msg_status")

    # --- the account itself ---

    def published_menu(self) -> dict[str, Any] | None:
        """The menu that is shown now; None where there is none."""
        try:
            told = self.menu.get()
        except PlatformError as fault:
            if fault.code == NO_MENU:
                return None
            raise
        menu = told.get("menu")
        return menu if isinstance(menu, dict) else None

    def publish_menu(self, menu: dict[str, Any]) -> None:
        """Replace the menu. People see it when they enter the chat, within five minutes."""
        self.menu.create(menu)

    def delete_menu(self) -> None:
        """Take the menu away."""
        self.menu.delete()

    def templates(self) -> list[dict[str, Any]]:
        """The template messages the account may send: template_id, title, content."""
        return list_of(self.template.get_all_private_template(), "template_list")

    def subscriptions(self) -> list[dict[str, Any]]:
        """What people may subscribe to: priTmplId, title, content."""
        told = self.get("wxaapi/newtmpl/gettemplate", api_base_url="https://api.weixin.qq.com/")
        return list_of(told, "data")

    def callback_addresses(self) -> list[str]:
        """From where the platform pushes."""
        return [str(each) for each in list_of(self.get("getcallbackip"), "ip_list")]

    def api_addresses(self) -> list[str]:
        """Where its API is, for a firewall's rules."""
        return [str(each) for each in list_of(self.get("get_api_domain_ip"), "ip_list")]
