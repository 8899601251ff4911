"""The one place where a request meets a model: admit, route, render, generate, parse, count."""

from .service import Answer, Engines, Limits, Service

__all__ = ["Answer", "Engines", "Limits", "Service"]
