"""What the one screen shows of an application: answers beside what the ID card says, pictures,
measures, what happened so far. Made from the records alone; nothing is asked of anybody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from bot.console.review.fields import FIELDS, PICTURES, Field
from config.city import City

_SIDES = {"front": "证件人像面", "back": "证件国徽面"}
_PORTRAITS = {"on_file": "公安登记照", "own": "本人自拍照片"}
_MOST_DAYS = 400  # beyond which nobody counts working days


@dataclass(frozen=True, slots=True)
class Row:
    """One answer. `read` is what the ID photo says of it, `before` what the round before said;
    None where neither speaks of it."""

    name: str
    label: str
    value: str
    read: str | None = None
    before: str | None = None
    is_derived: bool = False

    @property
    def differs(self) -> bool:
        """Whether the ID photo says something else."""
        return self.read is not None and _bare(self.read) != _bare(self.value)

    @property
    def changed(self) -> bool:
        """Whether the round before said something else."""
        return self.before is not None


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture of a case; `before` says that a later one has taken its place."""

    document: str
    label: str
    field: str
    place: str  # front | back | portrait: what another round replaces
    before: bool = False


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure of the portrait, in words and figures."""

    label: str
    value: str
    wanted: str
    ok: bool | None  # None: this machine cannot measure it


def rows_of(
    city: City, answers: Mapping[str, Any], earlier: Mapping[str, Any] | None = None
) -> list[Row]:
    """Every answer that is given, those that another round changed first."""
    rows = list(_rows(city, answers, earlier))
    return sorted(rows, key=lambda row: not row.changed)


def _rows(
    city: City, answers: Mapping[str, Any], earlier: Mapping[str, Any] | None
) -> Iterator[Row]:
    derived = set(answers.get("derived") or ())
    read = (answers.get("checks") or {}).get("read") or {}
    for field in FIELDS:
        value, before = answers.get(field.name, ""), (earlier or {}).get(field.name, "")
        changed = earlier is not None and value != before
        if value or changed:
            yield Row(
                field.name,
                field.label,
                field.shown(city, value),
                _read_of(city, field, read),
                (field.shown(city, before) or "（没有）") if changed else None,
                field.name in derived,
            )


def _read_of(city: City, field: Field, read: Mapping[str, Any]) -> str | None:
    return field.shown(city, read[field.name]) if field.name in read else None


def _bare(text: str) -> str:
    """Without what two writings of one thing may differ in: spaces, capitals."""
    return "".join(text.split()).casefold()


def shots_of(
    answers: Mapping[str, Any],
    earlier: Mapping[str, Any] | None = None,
    others: Iterable[str] = (),
) -> tuple[Shot, ...]:
    """The pictures to look at: those another round changed first, each beside the one it replaced.
    `others` are documents of the application; what no answer names comes last."""
    now, then = _named(answers), _named(earlier or {})
    before = [
        replace(then[place], label=f"{then[place].label}（上一轮）", before=True)
        for place in now
        if place in then and then[place].document != now[place].document
    ]
    changed = {shot.place for shot in before}
    shots = sorted([*before, *now.values()], key=lambda shot: shot.place not in changed)
    named = {shot.document for shot in shots}
    rest = [Shot(each, "别的图片", "", each) for each in others if each not in named]
    return (*shots, *rest)


def _named(answers: Mapping[str, Any]) -> dict[str, Shot]:
    sides = answers.get("id_photos") or {}
    shots = {
        side: Shot(str(sides[side]), label, "id_photos", side)
        for side, label in _SIDES.items()
        if sides.get(side)
    }
    portrait = answers.get("portrait")
    if isinstance(portrait, Mapping) and portrait.get("document"):
        label = _PORTRAITS.get(portrait.get("source", ""), PICTURES["portrait"])
        shots["portrait"] = Shot(str(portrait["document"]), label, "portrait", "portrait")
        if original := portrait.get("original"):
            shots["original"] = Shot(str(original), "裁剪前的原图", "portrait", "original")
    return shots


# --- the portrait's measures ---------------------------------------------------------------------

_MEASURES = {
    "faces": "人脸数", "face_width": "脸宽", "hair_gap": "头顶留白",
    "eyes_from_left": "眼睛左右位置", "eyes_above": "眼睛高度", "face_pixels": "脸部像素",
    "roll": "歪斜", "white_left": "左侧白底", "white_right": "右侧白底", "brightest": "最亮处",
    "face_light": "脸部明暗", "blown": "过曝", "sides": "两侧明暗差", "colour": "彩色",
    "sharpness": "清晰度", "blocks": "压缩痕迹", "screen": "翻拍屏幕纹",
    "unlike_id_photo": "与证件照不同", "unlike_refused": "与退过的不同",
}  # fmt: skip
"""Of `bot.ports.Measure`, by its name."""


def measures_of(answers: Mapping[str, Any]) -> list[Measure]:
    """What was measured of the portrait; first what does not fit, then what nobody measured."""
    portrait = answers.get("portrait")
    found = portrait.get("measures") if isinstance(portrait, Mapping) else None
    measures = [_measure(each) for each in found or ()]
    return sorted(measures, key=lambda measure: (measure.ok is not False, bool(measure.ok)))


def _measure(given: Mapping[str, Any]) -> Measure:
    name = str(given.get("name", ""))
    low, high = given.get("low"), given.get("high")
    match low, high:
        case None, None:
            wanted = ""
        case None, _:
            wanted = f"至多{_figure(high)}"
        case _, None:
            wanted = f"至少{_figure(low)}"
        case _:
            wanted = f"{_figure(low)}至{_figure(high)}"
    value = _figure(given.get("value"))
    return Measure(_MEASURES.get(name, name), value, wanted, given.get("ok"))


def _figure(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else "没量" if value is None else str(value)


# --- how long is left ----------------------------------------------------------------------------


def time_left(city: City, promised: date, now: datetime) -> str:
    """还剩3个工作日 · 今天到期 · 已超2个工作日."""
    today = now.astimezone(city.tz).date()
    if promised == today:
        return "今天到期"
    if abs((promised - today).days) > _MOST_DAYS:
        return "已超期很久" if promised < today else ""
    count = _working_days(city, min(today, promised), max(today, promised))
    return f"已超{count}个工作日" if promised < today else f"还剩{count}个工作日"


def _working_days(city: City, after: date, until: date) -> int:
    days = (after + timedelta(days=n) for n in range(1, (until - after).days + 1))
    return sum(city.calendar.is_working_day(day) for day in days)


def offered_days(city: City, now: datetime, count: int = 9) -> Sequence[date]:
    """The next working days, to be chosen from by number."""
    today = now.astimezone(city.tz).date()
    days = [city.calendar.add_working_days(today, 1)]
    while len(days) < count:
        days.append(city.calendar.add_working_days(days[-1], 1))
    return days
