"""The settings of the site: nothing of SCIM is in them but a token."""

import os

SECRET_KEY = "not a secret, in an example"
SCIM_TOKEN = "a-token-for-tests"
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "people"]
ROOT_URLCONF = "people.scim"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("SITE_DB", "site.db"),
        # One writes at a time: who has read and then writes waits.
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20},
    }
}
