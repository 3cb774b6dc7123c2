"""The only way of the API to a tenant's rows."""

from typing import TypeVar, cast

from django.db import models
from django.db.models import QuerySet
from rest_framework.viewsets import GenericViewSet

from tenants import access
from tenants.models import ApiKey, Tenant

Row = TypeVar("Row", bound=models.Model)


class TenantViewSet(GenericViewSet[Row]):
    """Endpoints over the rows of the key's company; `queryset` names the model and what is joined."""

    lookup_value_regex = "[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}"

    @property
    def tenant(self) -> Tenant:
        return cast(ApiKey, self.request.auth).tenant

    def get_queryset(self) -> QuerySet[Row]:
        found = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):  # OpenAPI is made without a request
            return found.none()
        return found.filter(tenant=self.tenant)

    def get_object(self) -> Row:
        return access.row(self.tenant, self.get_queryset(), self.kwargs["pk"])
