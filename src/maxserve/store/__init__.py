"""What outlives the process: one database, SQLite beside the server or PostgreSQL for several replicas.

The rest of maxserve writes functions of a SQLAlchemy connection and hands them to `Database.write` or `Database.read`;
it never sees threads, pools or which of the two databases it is.
"""

from .database import Database, StoreError, StoreUnavailable, open_database
from .migration import Migration

__all__ = ["Database", "Migration", "StoreError", "StoreUnavailable", "open_database"]
