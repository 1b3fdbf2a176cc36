"""OneLogin's SCIM JSON template: checks, corrects and renders it as OneLogin would; and plays OneLogin.

>>> from scim_engine.onelogin import Template, lint
>>> template = Template('{"userName": "{$parameters.scimusername}", "active": "{$user.active}", "id": null}')
>>> template.render({"username": "mquill", "firstname": "Mara"}).value
{'userName': 'mquill', 'active': 'true', 'id': None}
>>> [problem.code for problem in lint(template).problems]
['missing_schemas', 'missing_name', 'quoted_boolean', 'read_only']
>>> print(lint(template).corrected)
{
  "schemas": [
    "urn:ietf:params:scim:schemas:core:2.0:User"
  ],
  "userName": "{$parameters.scimusername}",
  "active": "{$user.active}",
  "name": {
    "givenName": "{$user.firstname}",
    "familyName": "{$user.lastname}"
  }
}
<BLANKLINE>

`push` plays OneLogin, Entra, Okta or JumpCloud, or the checks of Microsoft's validator or of Okta's SPEC test,
against a URL, a WSGI app or an ASGI app:

>>> from scim_engine.onelogin import push, samples
>>> def app(environ, start_response):  # no SCIM endpoint at all
...     start_response("200 OK", [("Content-Type", "text/html")])
...     return [b"<html>"]
>>> report = push(app, samples.TEMPLATE, samples.PEOPLE)
>>> report.ok, report.errors[0].code, report.errors[0].found
(False, 'content_type', '`text/html` where `application/json` is due')
"""

from .._engine import Lint, Person, Problem, Rendered, Template, lint
from .._errors import TemplateError
from . import samples
from ._push import push
from ._report import Finding, Report

__all__ = [
    "Finding",
    "Lint",
    "Person",
    "Problem",
    "Rendered",
    "Report",
    "Template",
    "TemplateError",
    "lint",
    "push",
    "samples",
]
