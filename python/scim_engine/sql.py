"""Filters as conditions over the columns of a database.

A platform that keeps its users in columns says once, in a `Mapping`, where each attribute is and in which form:

>>> import scim_engine as scim
>>> from scim_engine.sql import Column, Mapping, Rows
>>> users = Mapping(
...     scim.USER,
...     "users",
...     {
...         "userName": Column.text("user_name", folded="user_name_key"),
...         "title": Column.text("title", folded="title_key"),
...         "emails": Rows("emails", {"value": Column.folded("address_key")}, on={"user_id": "id"}),
...     },
... )
>>> text, values = users.bind('not (title pr) and emails co "@example.com"').sql("sqlite")
>>> values
['', '@example.com']

The rows that the condition selects are those that `Filter.matches` accepts. What the mapping cannot say is an error,
or, by `bind_widest`, a condition that selects more, and a filter for the rest. Values are bound, never written into the
text, and names come from the mapping alone.
"""

from ._engine import Column, Mapping, OrderBy, Rows, Source, Where, Widest
from ._errors import BindError

__all__ = [
    "BindError",
    "Column",
    "Mapping",
    "OrderBy",
    "Rows",
    "Source",
    "Where",
    "Widest",
]
