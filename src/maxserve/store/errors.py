"""The errors of the database."""

from __future__ import annotations


class StoreError(Exception):
    """The database cannot be used as configured; the message is a full sentence for the operator."""


class StoreUnavailable(StoreError):
    """The database cannot be reached now, or has been closed."""
