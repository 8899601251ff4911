"""Webhooks: deliveries as rows of an outbox, signed, sent to checked addresses, and retried."""

from .settings import WebhookSettings

__all__ = ["WebhookSettings"]
