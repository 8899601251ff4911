"""Moderation: sensitive categories in prompts and answers, found by patterns or by a moderation endpoint."""

from .category_filter import CategoryFilter
from .endpoint import ModerationEndpoint
from .policy import Action, SensitivityPolicy, texts

__all__ = ["Action", "CategoryFilter", "ModerationEndpoint", "SensitivityPolicy", "texts"]
