"""The settings as people read them: the README's table, `.env.example` and the demo's `demo.env`.

`python -m config.settings_pages` brings both committed pages up to date.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from config.settings import Settings, environment_name

BEGIN, END = "<!-- settings: generated -->", "<!-- end of settings -->"
_HEAD = (
    "# Settings of Shebaoka, generated from config/settings.py"
    " by `python -m config.settings_pages`.\n"
    "# Lines that begin with # and hold a name are at their default.\n"
)


def settings_table() -> str:
    """A Markdown table of every setting: its name, default and meaning."""
    rows = ["| variable | default | what |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = _default(field)
        shown = "**needed by `serve`**" if _needed(field) else f"`{default}`" if default else ""
        rows.append(f"| `{environment_name(name)}` | {shown} | {field.description} |")
    return "\n".join(rows)


def env_file(values: Mapping[str, str]) -> str:
    """Every setting as a line of a shell's environment, `values` (by field name) filled in."""
    blocks = [_HEAD]
    for name, field in Settings.model_fields.items():
        note = " Needed by `serve`." if _needed(field) else ""
        mark, value = ("", values[name]) if name in values else ("# ", _default(field))
        blocks.append(f"# {field.description}{note}\n{mark}{environment_name(name)}={value}\n")
    return "\n".join(blocks)


def with_table(page: str) -> str:
    """The page with the table between its markers replaced. Raises ValueError without them."""
    before, _, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"the page lacks {BEGIN} or {END}")
    return f"{before}{BEGIN}\n{settings_table()}\n{END}{after}"


def _default(field: FieldInfo) -> str:
    default: Any = field.default
    return "" if default in (None, (), b"") else str(default)


def _needed(field: FieldInfo) -> bool:
    extra = field.json_schema_extra
    return isinstance(extra, dict) and bool(extra.get("needed"))


def main() -> None:
    """Rewrite README.md's table and .env.example in the present folder."""
    readme = Path("README.md")
    readme.write_text(with_table(readme.read_text("utf-8")), "utf-8")
    Path(".env.example").write_text(env_file({}), "utf-8")


if __name__ == "__main__":
    main()
