"""What is done with a campaign: proposed, approved by another, halted, gone on with, ended."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session as Records

from bot.console.push.forecasting import outlook_of
from bot.console.push.message_form import wrong_of
from bot.console.push.pushing import STALE, Pushing, Refused, is_of_applications
from bot.console.push.shown import ONCE_MORE, page
from bot.console.push.words import STAGES
from models.audit import Act
from models.push.aftermath import once_more
from models.push.campaigns import (
    Campaign,
    Changed,
    NotPublished,
    SamePerson,
    approve,
    go,
    propose,
    resume,
)
from models.push.messages import Message
from models.push.stages import Actor, ForbiddenStage, Stage

LONGEST_REASON = 200
LANE = "push"
SAME = "自己起草的，要由另一个人批准。"
UNPUBLISHED = "停办的内容还没有发布，或者发布的和这里说的不一样：先发布，再批准。"


def acting_views(views: Blueprint, pushing: Pushing) -> None:
    """One route for each button of a campaign's page."""
    acts = Acts(pushing)

    @views.post("/<int:number>/propose")
    def lay_before(number: int) -> ResponseReturnValue:
        return acts.propose(number)

    @views.post("/<int:number>/approve")
    def let_go(number: int) -> ResponseReturnValue:
        return acts.approve(number)

    @views.post("/<int:number>/refuse")
    def refuse(number: int) -> ResponseReturnValue:
        return acts.refuse(number)

    @views.post("/<int:number>/withdraw")
    def withdraw(number: int) -> ResponseReturnValue:
        return acts.withdraw(number)

    @views.post("/<int:number>/pause")
    def pause(number: int) -> ResponseReturnValue:
        return acts.pause(number)

    @views.post("/<int:number>/resume")
    def go_on(number: int) -> ResponseReturnValue:
        return acts.resume(number)

    @views.post("/<int:number>/stop")
    def stop(number: int) -> ResponseReturnValue:
        return acts.stop(number)

    @views.post("/<int:number>/again")
    def again(number: int) -> ResponseReturnValue:
        return acts.again(number)

    _refusals(views, pushing)


def _refusals(views: Blueprint, pushing: Pushing) -> None:
    """What cannot be done is said on the campaign's page."""

    @views.errorhandler(Refused)
    def refused(fault: Refused) -> ResponseReturnValue:
        return page(pushing, _number(), str(fault), 409)

    @views.errorhandler(SamePerson)
    def same_person(fault: SamePerson) -> ResponseReturnValue:
        return page(pushing, _number(), SAME, 409)

    @views.errorhandler(NotPublished)
    def not_published(fault: NotPublished) -> ResponseReturnValue:
        return page(pushing, _number(), UNPUBLISHED, 409)

    @views.errorhandler(Changed)
    def changed(fault: Changed) -> ResponseReturnValue:
        return page(pushing, _number(), STALE, 409)

    @views.errorhandler(ForbiddenStage)
    def moved(fault: ForbiddenStage) -> ResponseReturnValue:
        said = f"现在是“{STAGES[fault.stage]}”，不能这样做。别人可能刚刚处理过。"
        return page(pushing, _number(), said, 409)


def _number() -> int:
    return int((request.view_args or {})["number"])


class Acts:
    """Each ends at the campaign's page, or raises what is answered there by 409."""

    def __init__(self, pushing: Pushing) -> None:
        self._pushing, self._console = pushing, pushing.console

    def propose(self, number: int) -> ResponseReturnValue:
        """Of the revision that was looked at, when its forecast allows it."""
        with self._pushing.looking(number) as (records, campaign):
            self._pushing.writes(campaign)
            _as_seen(campaign)
            total = self._checked(records, campaign)
        with self._pushing.doing(number, "push.propose") as (records, campaign):
            self._pushing.own(records, number)
            _as_seen(campaign)
            campaign.total = total
            by, alone = self._console.me.by, self._console.city.push.alone_below
            propose(records, campaign, self._console.now(), by=by, alone_below=alone)
        return _back(self._pushing, number)

    def _checked(self, records: Records, campaign: Campaign) -> int:
        """How many people it is for. Raises Refused."""
        message, of_applications = Message.read(campaign.message), is_of_applications(campaign)
        if wrong_of(message, self._console.templates, of_applications=of_applications):
            raise Refused("内容还有要改的地方，改好再提交。")
        outlook = outlook_of(self._pushing, records, campaign)
        if outlook.stops:
            raise Refused("还不能提交：" + "".join(outlook.stops))
        return outlook.total

    def approve(self, number: int) -> ResponseReturnValue:
        with self._pushing.doing(number, "push.approve", revision=_revision()) as (records, _):
            approve(records, number, _revision(), self._console.now(), by=self._console.me.by)
        return _back(self._pushing, number)

    def refuse(self, number: int) -> ResponseReturnValue:
        return self._move(number, "push.refuse", Stage.REFUSED, "approver", _reason())

    def withdraw(self, number: int) -> ResponseReturnValue:
        with self._pushing.doing(number, "push.withdraw") as (records, campaign):
            self._pushing.own(records, number)
            by = self._console.me.by
            go(records, campaign, Stage.DRAFT, "writer", self._console.now(), by=by)
        return _back(self._pushing, number)

    def pause(self, number: int) -> ResponseReturnValue:
        return self._move(number, "push.pause", Stage.PAUSED, "staff", _reason(needed=False))

    def resume(self, number: int) -> ResponseReturnValue:
        with self._pushing.doing(number, "push.resume") as (records, campaign):
            resume(records, campaign, self._console.now(), by=self._console.me.by)
        return _back(self._pushing, number)

    def stop(self, number: int) -> ResponseReturnValue:
        """For good; a draft by its writer alone."""
        reason = _reason()
        with self._pushing.doing(number, "push.stop", reason) as (records, campaign):
            draft = campaign.at is Stage.DRAFT
            if draft:
                self._pushing.own(records, number)
            actor: Actor = "writer" if draft else "staff"
            now, by = self._console.now(), self._console.me.by
            go(records, campaign, Stage.STOPPED, actor, now, by=by, reason=reason)
        return _back(self._pushing, number)

    def again(self, number: int) -> ResponseReturnValue:
        """Those who were not reached for the chosen reasons, once more."""
        reasons, now = request.form.getlist("reason"), self._console.now()
        if not reasons:
            raise Refused("请先选原因。")
        with self._pushing.doing(number, "push.again", "；".join(reasons)) as (records, campaign):
            if campaign.at not in ONCE_MORE:
                raise ForbiddenStage(campaign.at, Stage.RUNNING)
            if campaign.expires_at <= now:
                raise Refused("截止时间已经过了，不能再试。")
            if not once_more(records, campaign, reasons, now):
                raise Refused("没有因为这些原因没发成的人了。")
            if campaign.at is Stage.DONE:
                go(records, campaign, Stage.RUNNING, "staff", now, by=self._console.me.by)
        return _back(self._pushing, number)

    def _move(
        self, number: int, act: Act, to: Stage, actor: Actor, reason: str
    ) -> ResponseReturnValue:
        with self._pushing.doing(number, act, reason) as (records, campaign):
            if actor == "approver" and campaign.written_by == self._console.me.by:
                raise SamePerson(self._console.me.by)
            now, by = self._console.now(), self._console.me.by
            go(records, campaign, to, actor, now, by=by, reason=reason)
        return _back(self._pushing, number)


def _as_seen(campaign: Campaign) -> None:
    """Raises Changed where somebody looked at another revision."""
    if campaign.revision != _revision():
        raise Changed(campaign.id)


def _revision() -> int:
    """Of the form; none: no campaign has it."""
    return request.form.get("revision", -1, type=int)


def _reason(*, needed: bool = True) -> str:
    reason = request.form.get("reason", "").strip()[:LONGEST_REASON]
    if needed and not reason:
        raise Refused("请写明原因。")
    return reason


def _back(pushing: Pushing, number: int) -> ResponseReturnValue:
    """To the campaign's page; the workers look at it at once."""
    pushing.console.ring(LANE)
    return redirect(url_for("push.campaign", number=number), 303)
