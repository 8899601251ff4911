"""Migrations: bring the tables of an older database up to date."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Column, Connection, Integer, MetaData, Table, insert, inspect, select, update

Migration = Callable[[Connection], None]
"""One step from a version of the tables to the next; runs in the transaction that counts it."""

_meta = MetaData()
_VERSION = Table("maxserve_schema", _meta, Column("version", Integer, nullable=False))


class TooNew(Exception):
    """The tables were made by a later version of maxserve."""


def migrate(connection: Connection, tables: MetaData, migrations: Sequence[Migration]) -> None:
    """Make all tables in an empty database, or take an older one through the steps that it lacks.

    The version is the number of steps. Must run in a transaction that no second process can enter at the same time.
    Raises `TooNew`.
    """
    if not inspect(connection).has_table(_VERSION.name):
        _meta.create_all(connection)
        tables.create_all(connection)
        connection.execute(insert(_VERSION).values(version=len(migrations)))
        return
    version = connection.execute(select(_VERSION.c.version)).scalar_one()
    if version > len(migrations):
        raise TooNew(f"version {version}, and this maxserve knows {len(migrations)}")
    for step in migrations[version:]:
        step(connection)
    if version < len(migrations):
        connection.execute(update(_VERSION).values(version=len(migrations)))
