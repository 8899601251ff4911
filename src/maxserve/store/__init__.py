"""Storage: one database, SQLite beside the server or PostgreSQL for several replicas.

The rest of maxserve writes functions of a SQLAlchemy connection and hands them to `database.Database.write` or `read`;
it never sees threads, pools or which of the two databases it is. Only the errors are here: what loads SQLAlchemy is
imported from its own module, by those who need it when they need it.
"""

from .errors import StoreError, StoreUnavailable

__all__ = ["StoreError", "StoreUnavailable"]
