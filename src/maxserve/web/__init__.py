"""Pages for people: the reference page, made from the OpenAPI document."""

from .page import Answering, Page, reference_page

__all__ = ["Answering", "Page", "reference_page"]
