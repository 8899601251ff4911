"""The OpenAPI document: what can be asked of the server, made from the structs that read it and the doors that answer.

One module per API gives a `Part`; `document` puts the parts together.
"""

from .document import document, encoded

__all__ = ["document", "encoded"]
