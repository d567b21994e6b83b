"""Alembic's door into our tables: the connection is handed in, never made here."""

from alembic import context

from incident_engine.store import tables

target_metadata = tables.Incident.metadata
connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=target_metadata,
    render_as_batch=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
connection.commit()
