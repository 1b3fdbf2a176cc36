"""`scim_engine.sql` for SQLAlchemy 2: conditions, orders, and a storage for an endpoint. Needs `sqlalchemy`.

>>> import sqlalchemy as sa
>>> import scim_engine as scim
>>> from scim_engine.sql import Column, Mapping
>>> from scim_engine.sqlalchemy import order_by, where
>>> users = sa.Table("users", sa.MetaData(), sa.Column("id", sa.Integer), sa.Column("user_name_key", sa.Text))
>>> mapping = Mapping(
...     scim.USER, "users", {"userName": Column.folded("user_name_key")}, key=Column.integer("id")
... )
>>> query = (
...     sa.select(users.c.id)
...     .where(where(mapping.bind('userName eq "Ann"'), users))
...     .order_by(*order_by(mapping.order_by("userName"), users))
... )

The columns and tables of a mapping have their names in the database. The tables of multi-valued attributes are those of
the same `MetaData`. SQLAlchemy writes the text, so the query may have any other conditions and joins.
"""

from __future__ import annotations

from ._conditions import order_by, where
from ._storage import TableStorage

__all__ = ["TableStorage", "order_by", "where"]
