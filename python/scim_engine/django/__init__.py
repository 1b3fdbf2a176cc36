"""`scim_engine.sql` for Django's ORM: conditions, orders, and a storage for an endpoint. Needs `django`.

    from scim_engine.django import order_by, q

    User.objects.filter(q(MAPPING.bind(query.filter), User)).order_by(*order_by(MAPPING.order_by("userName"), User))

The columns and tables of a mapping have their names in the database (`db_column`, `db_table`). A column may also be a
path of Django's to the one row of another table: `profile__title`. Otherwise nothing is joined, so no row comes twice.
"""

from __future__ import annotations

from ._conditions import order_by, q
from ._storage import TableStorage

__all__ = ["TableStorage", "order_by", "q"]
