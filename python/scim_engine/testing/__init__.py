"""Plays OneLogin and other clients against a SCIM endpoint, in a test of the host's.

`push` plays OneLogin, Entra, Okta or JumpCloud, or the checks of Microsoft's validator or of Okta's SPEC test,
against a URL, a WSGI app or an ASGI app:

>>> from scim_engine.testing import push, samples
>>> def app(environ, start_response):  # no SCIM endpoint at all
...     start_response("200 OK", [("Content-Type", "text/html")])
...     return [b"<html>"]
>>> report = push(app, samples.TEMPLATE, samples.PEOPLE)
>>> report.ok, report.errors[0].code, report.errors[0].found
(False, 'content_type', '`text/html` where `application/json` is due')

In pytest, the fixture `scim_push` pushes, and fails the test with the report.

`check_filters` compares what a host selects from its database with what the engine matches, and `check_orders` compares
the order. `check_storage` compares a storage of an endpoint with the one in memory.
"""

from . import samples
from ._filters import FilterCheck, check_filters
from ._orders import check_orders
from ._push import push
from ._report import Finding, Report
from ._storage import StorageCheck, check_storage

__all__ = [
    "FilterCheck",
    "Finding",
    "Report",
    "StorageCheck",
    "check_filters",
    "check_orders",
    "check_storage",
    "push",
    "samples",
]
