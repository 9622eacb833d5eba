"""What Alembic runs to migrate: always over a connection that `store` opened."""

from alembic import context

from opensvh.serving.workbench.tables import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
