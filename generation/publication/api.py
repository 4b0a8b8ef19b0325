"""Calendar links over REST. Everybody has only their own: somebody else's does not exist."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from generation.errors import Missing
from generation.models import Feed
from generation.publication.feeds import feed_create, feed_label, feed_revoke, feed_token, feeds_of
from generation.timetable.visibility import uuid_or_404
from generation.web.lookup import user_asking
from generation.web.pagination import RowPages
from generation.web.serializers import MessageSerializer, TextField

MISSING = OpenApiResponse(MessageSerializer, description="There is no such thing for the caller.")


class FeedRequestSerializer(serializers.Serializer[Any]):
    organization = TextField(required=False, allow_null=True, max_length=40, help_text="Its code; left out: the user's only one.")
    by = serializers.ChoiceField(choices=Feed.By.choices, help_text="Whose lectures; `user`: the caller's own, by e-mail address.")
    key = TextField(required=False, allow_blank=True, default="", max_length=80, help_text="The code. Not needed for `user`.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["by"] != Feed.By.USER and not attrs["key"]:
            raise serializers.ValidationError({"key": f"Say which {attrs['by']}: its code, as under Published."})
        return attrs


class FeedSerializer(serializers.ModelSerializer[Feed]):
    organization = serializers.CharField(source="organization.code", read_only=True)
    label = serializers.SerializerMethodField()  # type: ignore[assignment]  # hides the field's own label
    address = serializers.SerializerMethodField(help_text="The secret link: whoever has it reads the calendar.")

    class Meta:
        model = Feed
        fields = ("id", "organization", "by", "key", "label", "address", "created_at", "last_read_at")
        read_only_fields = fields

    def get_label(self, feed: Feed) -> str:
        return feed_label(feed)

    @extend_schema_field(serializers.URLField())
    def get_address(self, feed: Feed) -> str:
        return str(reverse("feed", args=[feed_token(feed)], request=self.context.get("request")))


class FeedList(generics.ListAPIView[Feed]):
    """The caller's own calendar links that work."""

    serializer_class = FeedSerializer
    pagination_class = RowPages
    filter_backends = ()

    def get_queryset(self) -> QuerySet[Feed]:
        return feeds_of(user=user_asking(self.request))

    @extend_schema(
        request=FeedRequestSerializer,
        responses={
            201: FeedSerializer,
            200: OpenApiResponse(FeedSerializer, description="The caller had this link already."),
            404: MISSING,
            409: OpenApiResponse(MessageSerializer, description="Nothing is published yet, or there are too many links."),
        },
    )
    def post(self, request: Request) -> Response:
        """Makes a link to a calendar; asked again it gives the same one."""
        asked = FeedRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        facts = asked.validated_data
        feed, is_new = feed_create(user=user_asking(request), organization_code=facts.get("organization"), by=facts["by"], key=facts["key"])
        answer = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        return Response(FeedSerializer(feed, context={"request": request}).data, status=answer)


class FeedDetail(APIView):
    @extend_schema(responses={200: FeedSerializer, 404: MISSING})
    def get(self, request: Request, feed_id: str) -> Response:
        """One of the caller's links."""
        feed = feeds_of(user=user_asking(request)).filter(pk=uuid_or_404(feed_id)).first()
        if feed is None:
            raise Missing("feed_unknown", feed_id=feed_id)
        return Response(FeedSerializer(feed, context={"request": request}).data)

    @extend_schema(responses={204: None, 404: MISSING})
    def delete(self, request: Request, feed_id: str) -> Response:
        """Revokes the link: it opens nothing any more."""
        feed_revoke(user=user_asking(request), feed_id=uuid_or_404(feed_id))
        return Response(status=status.HTTP_204_NO_CONTENT)
