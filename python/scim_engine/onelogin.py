"""OneLogin's SCIM JSON template: checks, corrects and renders it as OneLogin would.

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

`scim_engine.testing.push` plays OneLogin against an endpoint, with what a template renders.
"""

from ._engine import Lint, Person, Problem, Rendered, Template, lint
from ._errors import TemplateError

__all__ = [
    "Lint",
    "Person",
    "Problem",
    "Rendered",
    "Template",
    "TemplateError",
    "lint",
]
