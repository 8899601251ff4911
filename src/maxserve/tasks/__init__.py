"""Durable work: accepted tasks, their results, and the webhooks that tell of them.

What SQLAlchemy is needed for is imported from its own module, by those who need it when they need it; here are only
the settings and the records.
"""

from .settings import TaskSettings, WebhookSettings
from .task import Cancelled, Delivery, News, Outcome, Progress, Runner, State, Task, TaskConflict

__all__ = [
    "Cancelled", "Delivery", "News", "Outcome", "Progress", "Runner", "State", "Task", "TaskConflict", "TaskSettings",
    "WebhookSettings",
]  # fmt: skip
