"""django-scim2 on SQLite behind waitress, as its documentation sets it up; a user model with its abstract mixin."""

from __future__ import annotations

import os
import sys
import types

import django
from django.conf import settings

DATABASE, PORT = sys.argv[1], int(sys.argv[2])

settings.configure(
    SECRET_KEY="a benchmark keeps no secrets",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF="site_urls",
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATABASE,
            "CONN_MAX_AGE": None,
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 60},
        }
    },
    AUTH_USER_MODEL="people.Person",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "people"],
    MIDDLEWARE=["people.Authenticated", "django_scim.middleware.SCIMAuthCheckMiddleware"],
    SCIM_SERVICE_PROVIDER={
        "NETLOC": "localhost",
        "SCHEME": "http",
        "AUTHENTICATION_SCHEMES": [{"type": "oauthbearertoken", "name": "token", "description": "token"}],
        "GROUP_MODEL": "people.Crew",
        "USER_ADAPTER": "people.PersonAdapter",
        "GROUP_ADAPTER": "people.CrewAdapter",
    },
)

# The application `people`, made here so that the whole site is one file.
people = types.ModuleType("people")
people.__path__ = [os.path.dirname(__file__)]
people.__file__ = __file__
sys.modules["people"] = people


class Authenticated:
    """Lets every request pass, because only SCIM is measured."""

    def __init__(self, get_response):
        self._get_response = get_response

    def __call__(self, request):
        request.user = types.SimpleNamespace(is_anonymous=False, is_authenticated=True)
        return self._get_response(request)


people.Authenticated = Authenticated

from django.apps import AppConfig  # noqa: E402


class PeopleConfig(AppConfig):
    name = "people"
    label = "people"
    path = os.path.dirname(__file__)

    def import_models(self):
        from django.contrib.auth.models import AbstractUser, Group
        from django.db import models
        from django_scim.models import AbstractSCIMGroupMixin, AbstractSCIMUserMixin

        class Person(AbstractSCIMUserMixin, AbstractUser):
            class Meta:
                app_label = "people"

            def save(self, *args, **kwargs):
                super().save(*args, **kwargs)
                if not self.scim_id:
                    self.scim_id = str(self.pk)
                    super().save(update_fields=["scim_id"])

        class Crew(AbstractSCIMGroupMixin, models.Model):
            name = models.CharField(max_length=150, unique=True)
            user_set = models.ManyToManyField(Person, related_name="scim_groups")

            class Meta:
                app_label = "people"

        people.Person, people.Crew, people.Group = Person, Crew, Group
        super().import_models()


people.PeopleConfig = PeopleConfig
people.default_app_config = PeopleConfig
settings.INSTALLED_APPS[-1] = "people.PeopleConfig"

django.setup()

from django.db import connection  # noqa: E402
from django.urls import include, path  # noqa: E402
from django_scim.adapters import SCIMGroup, SCIMUser  # noqa: E402

people.PersonAdapter = type("PersonAdapter", (SCIMUser,), {})
people.CrewAdapter = type("CrewAdapter", (SCIMGroup,), {})
urls = types.ModuleType("site_urls")
urls.urlpatterns = [path("scim/v2/", include("django_scim.urls", namespace="scim"))]
sys.modules["site_urls"] = urls

from django.contrib.auth.models import Group, Permission  # noqa: E402
from django.contrib.contenttypes.models import ContentType  # noqa: E402

with connection.schema_editor() as editor:
    for model in (ContentType, Permission, Group, people.Person, people.Crew):
        editor.create_model(model)
with connection.cursor() as cursor:
    cursor.execute("pragma journal_mode = wal")

import waitress  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402

# As for the other services: people and one large group are there before the clock starts.
USERS, MEMBERS = int(sys.argv[3]), int(sys.argv[4])
people.Person.objects.bulk_create(
    [
        people.Person(
            id=number + 1,
            scim_id=str(number + 1),
            username=f"person{number}@harbour.example",
            first_name="Ines",
            last_name=f"Person {number}",
            email=f"person{number}@harbour.example",
        )
        for number in range(max(USERS, MEMBERS + 64))
    ],
    batch_size=500,
)
crew = people.Crew.objects.create(id=1, scim_id="1", name="Everybody")
crew.user_set.set(range(1, MEMBERS + 1))

server = waitress.create_server(get_wsgi_application(), host="127.0.0.1", port=PORT, threads=4)
print(f"listening on http://127.0.0.1:{server.effective_port}", flush=True)
server.run()
