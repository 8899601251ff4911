"""The one place where a request meets a model: admit, route, render, generate, parse, count."""

from .moderation_gate import ModerationGate
from .service import Engines, Generation, Service, ServiceLimits

__all__ = ["Generation", "Engines", "ModerationGate", "Service", "ServiceLimits"]
