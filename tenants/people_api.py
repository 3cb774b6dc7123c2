"""`/api/v1/members/` and `/api/v1/invitations/`."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from tenants import invite, place
from tenants.api_rows import TenantViewSet
from tenants.models import Invitation, Membership, Role
from webjack.problems import Conflict

RIGHTS = _(
    "owner: everything; editor: makes and changes processings, connections and tables; viewer: sees everything; "
    "history: sees the operation history and nothing else"
)


class MemberSerializer(serializers.ModelSerializer[Membership]):
    """A person's place in the company."""

    email = serializers.EmailField(source="user.email", read_only=True)
    name = serializers.CharField(source="user.name", read_only=True)
    role = serializers.ChoiceField(choices=Role.choices, help_text=RIGHTS)

    class Meta:
        model = Membership
        fields = ["id", "email", "name", "role", "created_at"]
        read_only_fields = ["id", "created_at"]


@extend_schema_view(
    list=extend_schema(summary=_("All members of the company")),
    retrieve=extend_schema(summary=_("One member")),
    partial_update=extend_schema(
        summary=_("Change a member's role"), description=_("409 for the last owner, who stays one.")
    ),
    destroy=extend_schema(
        summary=_("Remove a member"),
        description=_("What the person made stays, API keys included. 409 for the last owner."),
    ),
)
class MemberViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, TenantViewSet[Membership]
):
    queryset = Membership.objects.select_related("user").order_by("created_at", "pk")
    serializer_class = MemberSerializer
    lookup_value_regex = "[0-9]{1,18}"

    def partial_update(self, request: Request, pk: str) -> Response:
        member = self.get_object()
        told = self.get_serializer(member, data=request.data, partial=True)
        told.is_valid(raise_exception=True)
        if "role" in told.validated_data:
            try:
                place.change(member, told.validated_data["role"])
            except place.Refused as refused:
                raise Conflict(str(refused)) from refused
            except Membership.DoesNotExist as gone:
                raise Conflict from gone
        return Response(self.get_serializer(self.get_object()).data)

    def perform_destroy(self, instance: Membership) -> None:
        try:
            place.remove(instance)
        except place.Refused as refused:
            raise Conflict(str(refused)) from refused
        except Membership.DoesNotExist:
            pass  # by somebody else, a moment ago


class InvitationSerializer(serializers.ModelSerializer[Invitation]):
    """Somebody who was asked by mail to join; gone when that was accepted or taken back."""

    role = serializers.ChoiceField(choices=Role.choices, help_text=RIGHTS)
    invited_by = serializers.EmailField(
        source="invited_by.email", read_only=True, allow_null=True, default=None, help_text=_("null: by the API")
    )

    class Meta:
        model = Invitation
        fields = ["id", "email", "role", "invited_by", "created_at", "sent_at", "expires_at"]
        read_only_fields = ["id", "created_at", "sent_at", "expires_at"]
        extra_kwargs = {
            "sent_at": {"help_text": _("When the mail server took the mail; null while it has not")},
            "expires_at": {"help_text": _("Until when the link of the mail works")},
        }


@extend_schema_view(
    list=extend_schema(summary=_("Invitations that wait for an answer")),
    retrieve=extend_schema(summary=_("One invitation")),
    create=extend_schema(
        summary=_("Invite somebody by mail"),
        description=_("409 for who is a member or invited already, and when too many were invited."),
    ),
    destroy=extend_schema(summary=_("Take an invitation back"), description=_("Its link leads nowhere any more.")),
)
class InvitationViewSet(
    mixins.CreateModelMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.DestroyModelMixin,
    TenantViewSet[Invitation],
):
    queryset = Invitation.objects.select_related("tenant", "invited_by").order_by("created_at", "pk")
    serializer_class = InvitationSerializer

    def perform_create(self, serializer: Any) -> None:
        told = serializer.validated_data
        try:
            serializer.instance = invite.send(self.tenant, told["email"], told["role"], None)
        except place.Refused as refused:
            raise Conflict(str(refused)) from refused

    @extend_schema(
        summary=_("Send an invitation again"),
        description=_("With a new link, good for seven days. 409 shortly after the last mail."),
        request=None,
        responses=InvitationSerializer,
    )
    @action(detail=True, methods=["post"])
    def resend(self, request: Request, pk: str) -> Response:
        found = self.get_object()
        try:
            invite.again(found)
        except place.Refused as refused:
            raise Conflict(str(refused)) from refused
        except Invitation.DoesNotExist as gone:
            raise Conflict from gone
        return Response(self.get_serializer(found).data)

    def perform_destroy(self, instance: Invitation) -> None:
        invite.take_back(instance)
