"""For those who run the service: alive (`/healthz`), ready (`/readyz`), figures (`/metrics`)."""

from __future__ import annotations

from collections.abc import Callable
from math import nan
from typing import Any

from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, generate_latest
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.assembly import Assembly
from bot.doctor.daily import last_round
from bot.push.gauges import figures_now
from bot.redis_client import node_infos
from bot.work.audit_round import last_audit_round
from models.push.counts import ends_now, stages_now
from models.push.stages import Stage

REFUSED = Counter(
    "shebaoka_wechat_refused_total", "Pushes refused or only acknowledged", ["reason"]
)
DOCTOR_FAULTS = Gauge("shebaoka_doctor_faults", "Faults the doctor's last daily round found")
DOCTOR_AT = Gauge("shebaoka_doctor_at_seconds", "When that was; NaN when there was none for days")
AUDIT_BROKEN = Gauge("shebaoka_audit_broken", "1: the audit's chain was broken at the last round")
AUDIT_AT = Gauge("shebaoka_audit_at_seconds", "When that was; NaN when there was none")

PUSHES = Gauge("shebaoka_push_campaigns", "Campaigns by stage", ["stage"])
PUSH_ENDS = Gauge(
    "shebaoka_push_deliveries",
    "People of all campaigns by what became of them, the road and the reason; `left`: roads that"
    " did not hold, `receipt`: what a platform said, `answer`: what people said",
    ["what", "road", "reason"],
)
PUSHING = Gauge(
    "shebaoka_push_now",
    "What all workers together do: calls in_flight, calls per_second, waits for a place in an"
    " account's pace since they were started",
    ["what"],
)

UNREAD = Counter(
    "shebaoka_wechat_unread_total",
    "Pushes that say nothing to us, by the platform's name",
    ["name"],
)

ALIPAY_REFUSED = Counter(
    "shebaoka_alipay_refused_total", "Alipay's messages refused or only acknowledged", ["reason"]
)
ALIPAY_UNREAD = Counter(
    "shebaoka_alipay_unread_total",
    "Alipay's messages that say nothing to us, by the platform's name",
    ["name"],
)
ALIPAY_SECOND_RULE = Counter(
    "shebaoka_alipay_second_rule_total",
    "Alipay's messages whose signature held by the other rule than that of their kind",
    ["family"],
)


def count_unread(name: str) -> None:
    """One push of a kind that nobody reads; `other` for a name the platform is not known by."""
    UNREAD.labels(name).inc()


def count_refused(reason: str) -> None:
    """One push was refused, or answered with nothing: the reason in one word."""
    REFUSED.labels(reason).inc()


def operations_views(parts: Assembly) -> Blueprint:
    """The three addresses. None of them tells anything of a person."""
    views = Blueprint("operations", __name__)

    @views.get("/healthz")
    def healthz() -> Response:
        return Response("ok", mimetype="text/plain")

    @views.get("/readyz")
    def readyz() -> tuple[Response, int]:
        found = {"database": _works(lambda: _database(parts)), **_conversations(parts)}
        ready = all(answer != "fault" for answer in found.values())
        return jsonify(found), 200 if ready else 503

    @views.get("/metrics")
    def metrics() -> Response:
        faults, at = _round(parts, last_round)
        DOCTOR_FAULTS.set(faults)
        DOCTOR_AT.set(at)
        broken, at = _round(parts, last_audit_round)
        AUDIT_BROKEN.set(broken)
        AUDIT_AT.set(at)
        _pushes(parts)
        return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)

    return views


def _round(
    parts: Assembly, last: Callable[[Any], tuple[float, float] | None]
) -> tuple[float, float]:
    try:
        return last(parts.redis) or (nan, nan)
    except RedisError:
        return nan, nan


def _pushes(parts: Assembly) -> None:
    """A worker shows no figures of its own: what it did stands in the counters of its campaigns,
    what it does now in Redis for some seconds."""
    try:
        with parts.database.reading() as records:
            stages, ends = stages_now(records), ends_now(records)
        now = figures_now(parts.redis)
    except (SQLAlchemyError, RedisError):
        return
    for stage in Stage:
        PUSHES.labels(stage.value).set(stages.get(stage.value, 0))
    for key, n in ends.items():
        PUSH_ENDS.labels(*key).set(n)
    for what, figure in now.items():
        PUSHING.labels(what).set(figure)


def _works(check: Callable[[], Any]) -> str:
    try:
        check()
    except Exception:  # whatever breaks makes the service unready
        return "fault"
    return "ok"


def _database(parts: Assembly) -> None:
    with parts.database.reading() as records:
        records.execute(text("SELECT 1 FROM turns WHERE 1 = 0"))


def _conversations(parts: Assembly) -> dict[str, str]:
    """Every node of Redis answers and evicts nothing; weak persistence is a warning."""
    try:
        infos = list(node_infos(parts.redis))
    except RedisError:
        return {"redis": "fault"}
    keeps = all(info.get("maxmemory_policy") == "noeviction" for info in infos)
    lasts = all(info.get("aof_enabled") for info in infos)
    return {
        "redis": "ok",
        "eviction": "ok" if keeps else "fault",
        "persistence": "ok" if lasts else "warning",
    }
