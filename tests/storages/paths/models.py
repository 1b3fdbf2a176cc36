"""Users with profiles."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Login(models.Model):
    """A user, as Django's own: texts are never NULL."""

    name = models.CharField(max_length=150, unique=True)
    mail = models.CharField(max_length=254, default="")
    joined = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "paths"
        db_table = "logins"


class Profile(models.Model):
    """What the product adds."""

    login = models.OneToOneField(Login, models.CASCADE, related_name="profile")
    title = models.CharField(max_length=20, default="")
    boss = models.ForeignKey(Login, models.SET_NULL, null=True, related_name="+")
    changed = models.DateTimeField()

    class Meta:
        app_label = "paths"
        db_table = "profiles"
