"""The worker's part of the review: what is due is done, by whichever worker comes first."""

from __future__ import annotations

from bot.work.review_chores import review_chores
from models.application_states import State
from models.applications import Application
from models.database import Database
from models.review.claims import claim
from models.review.items import ReviewItem
from models.review.places import QueueSize
from tests.models.making import DAY, NOW, make_application, make_person
from tests.models.review.making import EAST, LIFE, SOON, decided, handed_in, officer


def test_every_chore_does_its_part(database: Database) -> None:
    with database.writing() as records:
        staff, decided_on, forgotten = officer(records), handed_in(records), handed_in(records)
        claim(records, LIFE, staff, decided_on.id, NOW)
        claim(records, LIFE, staff, forgotten.id, NOW)
        decided(records, staff, decided_on)
        unplaced = make_application(records, make_person(records), district=EAST)
    chores = {chore.name: chore for chore in review_chores(database, LIFE)}
    chores["decisions"].do(SOON)
    chores["claims that end"].do(NOW + DAY)
    chores["not in the queue"].do(SOON)
    chores["sizes of the queue"].do(SOON)
    chores["earlier answers"].do(SOON)
    with database.reading() as records:
        assert records.get_one(Application, decided_on.id).state == State.APPROVED
        assert records.get_one(Application, forgotten.id).state == State.SUBMITTED
        assert records.get_one(ReviewItem, unplaced.id).status == "waiting"
        assert sum(records.get_one(QueueSize, EAST).waiting.values()) == 2
