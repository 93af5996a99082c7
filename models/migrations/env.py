"""Alembic's entry: it migrates the connection that `Database` hands over, and nothing else."""

from alembic import context

from models.tables import METADATA

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    transactional_ddl=True,  # SQLite has it too, once BEGIN is ours: a failed step leaves nothing
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
