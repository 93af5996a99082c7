"""`/pushes`: campaigns of other systems. Each sees its own alone; people approve them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel
from sqlalchemy.orm import Session as Records

from bot.api.describing import answers
from bot.api.doors import Doors
from bot.api.problems import Problem
from bot.api.push_shapes import (
    Before,
    Deliveries,
    ForecastBody,
    ListBody,
    NumbersBody,
    Page,
    Push,
    PushBody,
    Pushes,
    PushId,
    PushSummary,
    ReasonBody,
    foreseen,
    listed,
    outcomes,
    page_of,
    summary,
)
from bot.api.shapes import Idempotent
from bot.api.systems import Systems
from models.push.campaigns import Campaign
from models.push.counts import counts_of, progress
from models.push.orders import KeyReused, Unfit
from models.push.stages import ForbiddenStage
from models.push.steering import (
    NoSuchCampaign,
    PersonDecides,
    Steering,
    campaigns_of,
    deliveries_after,
)

_TAG = [Tag(name="pushes", description="Campaigns of other systems")]
_KEYED = ("no-key", "too-large", "media-type")
_OWN = (*_KEYED, "not-found")
Act = Callable[[Steering, Records, Campaign, str, datetime], None]


def push_views(doors: Doors) -> APIBlueprint:
    """What needs the key of a system."""
    views = APIBlueprint("pushes", __name__, url_prefix="/pushes", abp_security=[{"system": []}])
    systems = Systems(doors)
    views.before_request(systems.require)
    pushing = Pushing(doors, systems)
    _asking_views(views, pushing)
    _reading_views(views, pushing)
    _steering_views(views, pushing)
    return views


class Pushing:
    """What the views do with campaigns of the system that calls."""

    def __init__(self, doors: Doors, systems: Systems) -> None:
        self._doors, self._systems = doors, systems

    @contextmanager
    def changing(self) -> Iterator[tuple[Steering, Records, datetime]]:
        """A change; what cannot be done ends in a problem."""
        with _problems(), self._doors.database.writing() as records:
            yield self._systems.steering(), records, self._doors.clock()

    @contextmanager
    def looking(self) -> Iterator[tuple[Steering, Records, datetime]]:
        """A look."""
        with _problems(), self._doors.database.reading() as records:
            yield self._systems.steering(), records, self._doors.clock()

    def act(self, number: int, reason: str, do: Act) -> Response:
        """Do something with a campaign, and show it."""
        with self.changing() as (steering, records, now):
            campaign = steering.held(records, number)
            do(steering, records, campaign, reason, now)
            return _json(_push(records, campaign))

    def propose(self, number: int) -> Response:
        """Count everybody first, outside of the transaction that moves it."""
        with self.looking() as (steering, records, now):
            campaign = steering.own(records, number)
            found, seen = steering.forecast(records, campaign, now), campaign.revision
            steering.check(found, campaign, now)
        with self.changing() as (steering, records, now):
            campaign = steering.held(records, number)
            if campaign.revision != seen:  # its list was added to meanwhile
                raise ForbiddenStage(campaign.at, campaign.at)
            steering.propose(records, campaign, found.total, now)
            return _json(_push(records, campaign))


def _asking_views(views: APIBlueprint, pushing: Pushing) -> None:
    """A draft, its list, what it would do, and laying it before somebody."""

    @views.post("", tags=_TAG, responses=answers(201, Push, *_KEYED, "key-reused", "unfit"))
    def begin_push(header: Idempotent, body: PushBody) -> tuple[Response, int]:
        """Write a draft, from a template that staff keep

        Under the same key it is written once, and answered as it stands now.
        """
        with pushing.changing() as (steering, records, now):
            campaign = steering.place(records, body.order(), now, header.key)
            shown = _push(records, campaign)
        return _json(shown), 201

    @views.post(
        "/<number>/numbers", tags=_TAG, responses=answers(200, ListBody, *_OWN, "not-now", "unfit")
    )
    def add_numbers(path: PushId, body: NumbersBody) -> Response:
        """Add people to the list of a draft, by acceptance numbers

        Whom the list holds is not added twice: what got no answer may be sent again.
        """
        with pushing.changing() as (steering, records, now):
            campaign = steering.held(records, path.number)
            added = steering.add_numbers(records, campaign, body.numbers, now)
            return _json(listed(added, campaign.total))

    @views.post("/<number>/forecast", tags=_TAG, responses=answers(200, ForecastBody, *_OWN))
    def forecast_push(path: PushId) -> Response:
        """What it would do now: by which roads, at what cost, and to whom not"""
        with pushing.looking() as (steering, records, now):
            campaign = steering.own(records, path.number)
            return _json(foreseen(steering.forecast(records, campaign, now)))

    @views.post(
        "/<number>/propose", tags=_TAG, responses=answers(200, Push, *_OWN, "not-now", "unfit")
    )
    def propose_push(path: PushId) -> Response:
        """Lay a draft before a person, who approves it or not

        One for fewer people than the city's `alone_below` is approved with this.
        """
        return pushing.propose(path.number)


def _reading_views(views: APIBlueprint, pushing: Pushing) -> None:
    """What there is, and what became of it."""

    @views.get("", tags=_TAG, responses=answers(200, Pushes, "no-key"))
    def list_pushes(query: Before) -> Response:
        """The campaigns of this system, the latest first"""
        with pushing.looking() as (steering, records, _):
            found = campaigns_of(records, steering.by, query.limit, query.before or 0)
            rows = [PushSummary(**summary(each, progress(records, each))) for each in found]
        return _json(Pushes(pushes=rows))

    @views.get("/<number>", tags=_TAG, responses=answers(200, Push, "no-key", "not-found"))
    def show_push(path: PushId) -> Response:
        """One of them: where it stands, and what became of how many people"""
        with pushing.looking() as (steering, records, _):
            return _json(_push(records, steering.own(records, path.number)))

    @views.get(
        "/<number>/deliveries", tags=_TAG, responses=answers(200, Deliveries, "no-key", "not-found")
    )
    def list_deliveries(path: PushId, query: Page) -> Response:
        """What became of each person, by acceptance number, page by page

        Who has no application that the campaign is about is counted, not listed. The first page
        stands in the audit.
        """
        if query.after is None:
            with pushing.changing() as (steering, records, now):
                steering.note_export(records, steering.own(records, path.number), now)
        with pushing.looking() as (steering, records, _):
            steering.own(records, path.number)
            rows = deliveries_after(records, path.number, int(query.after or 0), query.limit)
            return _json(page_of(rows, query.limit))


def _steering_views(views: APIBlueprint, pushing: Pushing) -> None:
    """Halting, going on, ending."""

    @views.post("/<number>/pause", tags=_TAG, responses=answers(200, Push, *_OWN, "not-now"))
    def pause_push(path: PushId, body: ReasonBody) -> Response:
        """Let nothing more leave until it goes on"""
        return pushing.act(path.number, body.reason, Steering.pause)

    @views.post(
        "/<number>/resume",
        tags=_TAG,
        responses=answers(200, Push, *_OWN, "not-now", "person-decides"),
    )
    def resume_push(path: PushId, body: ReasonBody) -> Response:
        """Go on with what this system paused; anything else a person goes on with"""
        return pushing.act(path.number, body.reason, Steering.resume)

    @views.post("/<number>/stop", tags=_TAG, responses=answers(200, Push, *_OWN, "not-now"))
    def stop_push(path: PushId, body: ReasonBody) -> Response:
        """End it for good, at once"""
        return pushing.act(path.number, body.reason, Steering.stop)


@contextmanager
def _problems() -> Iterator[None]:
    try:
        yield
    except NoSuchCampaign:
        raise Problem("not-found") from None
    except KeyReused:
        raise Problem("key-reused") from None
    except Unfit as unfit:
        raise Problem("unfit", faults=unfit.faults) from None
    except PersonDecides:
        raise Problem("person-decides") from None
    except ForbiddenStage as fault:
        raise Problem("not-now", stage=fault.stage.value) from None


def _push(records: Records, campaign: Campaign) -> Push:
    counted = outcomes(counts_of(records, campaign.id))
    return Push(**summary(campaign, progress(records, campaign)), outcomes=counted)


def _json(shown: BaseModel) -> Response:
    return Response(shown.model_dump_json(), mimetype="application/json")
