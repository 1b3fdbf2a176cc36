"""SCIM users in a Django project, kept in a dict where a project has models. ``urlpatterns`` goes into ``urls.py``."""

import uuid

from django.http import JsonResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

import scim_engine as scim
from scim_engine import protocol

users = {}
answer = protocol.Projection(scim.USER).apply  # without the password


@method_decorator(csrf_exempt, name="dispatch")
class Users(View):
    def dispatch(self, request, **kwargs):
        self.base = request.build_absolute_uri("/scim/v2")
        try:
            return super().dispatch(request, **kwargs)
        except scim.ScimError as error:
            return JsonResponse(error.to_dict(), status=error.status)

    def get(self, request):
        return JsonResponse(protocol.ListQuery(request.META["QUERY_STRING"], scim.USER).answer(users.values()))

    def post(self, request):
        user = scim.USER.create(request.body).resource
        if any(scim.attr("userName").eq(user["userName"]).select(users.values())):
            raise scim.Uniqueness("userName is taken")
        user = protocol.stamp(user, scim.USER, id=uuid.uuid4(), base=self.base)
        users[user["id"]] = user
        return JsonResponse(answer(user), status=201, headers={"Location": user["meta"]["location"]})

    def patch(self, request, id):
        if id not in users:
            raise scim.NotFound(f"there is no user `{id}`")
        outcome = scim.Patch(request.body, scim.USER).apply(users[id])
        users[id] = protocol.touch(outcome.resource, scim.USER, base=self.base, changed=outcome.changed)
        return JsonResponse(answer(users[id]))


urlpatterns = [path("scim/v2/Users", Users.as_view()), path("scim/v2/Users/<id>", Users.as_view())]
