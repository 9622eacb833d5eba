"""Alembic's scripts: how a workbench's database comes from any earlier layout to this one."""
