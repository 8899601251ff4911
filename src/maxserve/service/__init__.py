"""The one place where a request meets a model: admit, route, render, generate, parse, count."""

from .judge import Judge
from .moderation import Moderation
from .service import Answer, Engines, Limits, Service

__all__ = ["Answer", "Engines", "Judge", "Limits", "Moderation", "Service"]
