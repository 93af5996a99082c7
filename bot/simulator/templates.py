"""The templates an account has, and filling them in the way the platform does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bot.simulator.errcodes import ApiFault
from bot.simulator.values import fits

Sort = Literal["template", "subscription"]


@dataclass(frozen=True, slots=True)
class Template:
    """One template: its id, its title, and its fields as (key, label), such as
    ("character_string1", "受理编号")."""

    id: str
    title: str
    fields: tuple[tuple[str, str], ...]
    sort: Sort = "template"

    @property
    def content(self) -> str:
        """The pattern as the platform's lists show it."""
        return "".join(f"{label}:{{{{{key}.DATA}}}}\n" for key, label in self.fields)

    def fill(self, data: object) -> list[tuple[str, str]]:
        """Labels with values. Raises `ApiFault` 47003 that names the field which does not fit."""
        given = data if isinstance(data, Mapping) else {}
        return [(label, _value(key, given.get(key))) for key, label in self.fields]


def _value(key: str, part: object) -> str:
    value = part.get("value") if isinstance(part, Mapping) else None
    if not isinstance(value, str) or not value:
        raise ApiFault(47003, f"argument invalid! data.{key}.value is empty")
    if not fits(key, value):
        raise ApiFault(47003, f"argument invalid! data.{key}.value invalid")
    return value


class Templates:
    """All templates of one account."""

    def __init__(self, templates: Iterable[Template]) -> None:
        self._all = {template.id: template for template in templates}

    def get(self, id: object, sort: Sort) -> Template:
        """Raises `ApiFault` 40037 for an id that is not one of this sort."""
        found = self._all.get(id) if isinstance(id, str) else None
        if found is None or found.sort != sort:
            raise ApiFault(40037)
        return found

    def has_subscription(self, id: object) -> bool:
        """Whether people can subscribe to this template."""
        return any(t.id == id and t.sort == "subscription" for t in self._all.values())

    def private(self) -> dict[str, Any]:
        """`template/get_all_private_template`."""
        return {
            "template_list": [
                {
                    "template_id": template.id,
                    "title": template.title,
                    "primary_industry": "政府与公共事业",
                    "deputy_industry": "公共事业",
                    "content": template.content,
                    "example": "",
                }
                for template in self._of("template")
            ]
        }

    def subscriptions(self) -> dict[str, Any]:
        """`wxaapi/newtmpl/gettemplate`."""
        return {
            "errcode": 0,
            "errmsg": "ok",
            "data": [
                {
                    "priTmplId": template.id,
                    "title": template.title,
                    "content": template.content,
                    "example": "",
                    "type": 2,
                }
                for template in self._of("subscription")
            ],
        }

    def _of(self, sort: Sort) -> list[Template]:
        return [template for template in self._all.values() if template.sort == sort]
