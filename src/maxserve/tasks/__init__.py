"""Durable tasks: a queue in the database, workers with leases, results.

What SQLAlchemy is needed for is imported from its own module, by those who need it when they need it; here are only
the settings and the records.
"""

from .settings import TaskSettings
from .task import Cancelled, Delivery, NewTask, Outcome, Progress, State, Task, TaskConflict, TaskHandler

__all__ = [
    "Cancelled", "Delivery", "NewTask", "Outcome", "Progress", "State", "Task", "TaskConflict", "TaskHandler",
    "TaskSettings",
]  # fmt: skip
