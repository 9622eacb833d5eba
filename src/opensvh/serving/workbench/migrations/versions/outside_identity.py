"""People whom an identity provider vouches for, by the provider's identifiers."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "outside_identity",
        sa.Column("issuer", sa.String(length=512), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"]),
        sa.PrimaryKeyConstraint("issuer", "subject"),
    )
    op.create_index("ix_outside_identity_account", "outside_identity", ["account"], unique=False)


def downgrade() -> None:
    """Not offered, as with the first layout."""
    raise NotImplementedError("a workbench's database only goes forward; restore a copy")
