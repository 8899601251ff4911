"""Tables of several rooms in one database."""

from __future__ import annotations

from sqlalchemy import MetaData


def merge_tables(*parts: MetaData) -> MetaData:
    """Return copies of the tables of all `parts` under one `MetaData`."""
    merged = MetaData()
    for part in parts:
        for table in part.sorted_tables:
            table.to_metadata(merged)
    return merged
