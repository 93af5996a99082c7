"""The migrations: up, down and up again on both databases, and equal to the models."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from models.application_states import CLOSED
from models.database import Database
from models.migrations.versions import __file__ as versions
from models.tables import METADATA


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


def test_models_and_migrations_say_the_same(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, METADATA) == []


def test_the_migrations_go_up_down_and_up_again(empty_url: str) -> None:
    database = Database(empty_url)
    database.upgrade()
    assert set(METADATA.tables) < set(inspect(database.engine).get_table_names())
    database.downgrade("base")
    assert inspect(database.engine).get_table_names() == ["alembic_version"]
    database.upgrade()
    assert set(METADATA.tables) < set(inspect(database.engine).get_table_names())
    database.dispose()


def test_upgrading_twice_changes_nothing(database: Database) -> None:
    database.upgrade()
    assert set(METADATA.tables) < set(inspect(database.engine).get_table_names())


def test_several_processes_may_upgrade_at_once(empty_url: str) -> None:
    databases = [Database(empty_url) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda database: database.upgrade(), databases))
    assert set(METADATA.tables) < set(inspect(databases[0].engine).get_table_names())
    for database in databases:
        database.dispose()


def test_a_failed_migration_leaves_nothing_behind(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(empty_url)
    script = ScriptDirectory(str(Path(versions).parent.parent))
    assert len(script.get_heads()) == 1
    monkeypatch.setattr("alembic.operations.Operations.create_index", _refuse)
    with pytest.raises(RuntimeError, match="in the middle"):
        database.upgrade()
    assert inspect(database.engine).get_table_names() == []
    database.dispose()


def test_the_revisions_stand_in_one_line() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(versions).parent.parent))
    script = ScriptDirectory.from_config(config)
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1


def test_the_index_of_open_holders_knows_every_closed_state(database: Database) -> None:
    with database.engine.connect() as connection:
        if database.is_sqlite:
            found = "SELECT sql FROM sqlite_master WHERE name = 'uq_applications_open_holder'"
        else:
            found = (
                "SELECT indexdef FROM pg_indexes WHERE indexname = 'uq_applications_open_holder'"
            )
        definition: str = connection.exec_driver_sql(found).scalar_one()
    assert all(f"'{state}'" in definition for state in CLOSED)
    assert definition.count("'") == 2 * len(CLOSED)


def _refuse(*_: object, **__: object) -> None:
    raise RuntimeError("in the middle")
