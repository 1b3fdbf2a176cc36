"""What the product has beside the users and groups of Django's own."""

from __future__ import annotations

from django.contrib.auth.models import Group, User
from django.db import models


class Profile(models.Model):
    """What the product, and SCIM, add to a user of Django's."""

    user = models.OneToOneField(User, models.CASCADE, related_name="profile")
    title = models.CharField(max_length=150, default="")
    manager = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    external_id = models.CharField(max_length=255, null=True, db_index=True)
    updated_at = models.DateTimeField()


class Extra(models.Model):
    """What SCIM adds to a group of Django's."""

    group = models.OneToOneField(Group, models.CASCADE, related_name="extra")
    external_id = models.CharField(max_length=255, null=True, db_index=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
