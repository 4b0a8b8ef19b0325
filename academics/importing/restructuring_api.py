"""Restructuring over REST: how the tables of an import are read, with steps, roles and questions; and the recipes of an institution."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth.models import User
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from academics.importing import batches
from academics.importing.api import ImportDetailSerializer, discarded_is_unknown, import_answer
from academics.importing.restructured import (
    recipe_get,
    recipe_save,
    recipes_of,
    restructuring_change,
    restructuring_of,
)
from academics.models import ImportRecipe, Organization

ORGANIZATION = OpenApiParameter("organization", str, description="Its code. Left out: the one that you administer.")
REFUSED: dict[int, Any] = {
    401: OpenApiResponse(OpenApiTypes.OBJECT, "Not signed in."),
    403: OpenApiResponse(OpenApiTypes.OBJECT, "Only administrators may import data."),
    404: OpenApiResponse(OpenApiTypes.OBJECT, "No such import, recipe or institution for this user."),
    503: OpenApiResponse(OpenApiTypes.OBJECT, "The database does not answer."),
}
WRONG: dict[int, Any] = {400: OpenApiResponse(OpenApiTypes.OBJECT, "A step, a role or an answer can't be; the field and why.")}
CONFLICT: dict[int, Any] = {409: OpenApiResponse(OpenApiTypes.OBJECT, "The import is under way or over.")}


def user_of(request: Request) -> User:
    return cast(User, request.user)


class AnswerChoiceSerializer(serializers.Serializer[Any]):
    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class QuestionSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    text = serializers.CharField()
    choices = AnswerChoiceSerializer(many=True, help_text="None: the answer is a text, see `allowed`.")
    num_rows = serializers.IntegerField()
    rows = serializers.ListField(child=serializers.IntegerField(), help_text="The first of them, by their numbers in the file.")
    examples = serializers.ListField(child=serializers.CharField())
    default = serializers.CharField(allow_null=True, help_text="Null: it has to be answered before anything is imported.")
    allowed = serializers.CharField(allow_blank=True)
    answer = serializers.CharField(allow_null=True)


class DerivedRowSerializer(serializers.Serializer[Any]):
    row = serializers.IntegerField(help_text="Its number in the file.")
    cells = serializers.ListField(child=serializers.CharField(allow_blank=True))


class DerivedSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField(help_text="One of the kinds that can be imported.")
    columns = serializers.ListField(child=serializers.CharField())
    headings = serializers.ListField(child=serializers.CharField(), help_text="The headings of the file that each column came from.")
    num_rows = serializers.IntegerField()
    rows = DerivedRowSerializer(many=True, help_text="The first of them.")


class UnusedSerializer(serializers.Serializer[Any]):
    heading = serializers.CharField()
    num_rows = serializers.IntegerField(help_text="How many rows have something there.")


class TableStateSerializer(serializers.Serializer[Any]):
    table = serializers.CharField(help_text="The file, or file#sheet.")
    layout = serializers.CharField(allow_blank=True, help_text="What it seems to be, or was said to be.")
    layouts = serializers.DictField(child=serializers.CharField(), help_text="What it may be, in words.")
    recipe = serializers.CharField(
        allow_blank=True, help_text="The name of the recipe that is used because it is for tables of this shape."
    )
    reasons = serializers.ListField(child=serializers.CharField())
    steps = serializers.ListField(
        child=serializers.JSONField(), help_text="Each with its fields, `sentence`, `num_rows`, `before`, `after`."
    )
    columns = serializers.ListField(child=serializers.CharField(), help_text="After all steps.")
    roles = serializers.DictField(child=serializers.CharField(), help_text="By column.")
    questions = QuestionSerializer(many=True)
    open = serializers.ListField(child=serializers.CharField(), help_text="The questions that have to be answered.")
    derived = DerivedSerializer(many=True, help_text="The tables that come out.")
    notes = serializers.ListField(child=serializers.CharField())
    unused = UnusedSerializer(many=True, help_text="Headings of the file that nothing is made of.")
    refusal = serializers.CharField(allow_blank=True, help_text="Why the steps can't be done.")


class RestructuringSerializer(serializers.Serializer[Any]):
    tables = TableStateSerializer(many=True)
    recipe = serializers.JSONField(help_text="All of it in the form in which it can be given as `recipe`, or saved.")


class RestructuringChangeSerializer(serializers.Serializer[Any]):
    table = serializers.CharField(max_length=400, help_text="The file, or file#sheet.")
    answers = serializers.JSONField(required=False, help_text="By question; an empty one is taken back. Others stay.")
    steps = serializers.JSONField(required=False, allow_null=True, help_text="All steps in their order; null: as they are proposed.")
    roles = serializers.JSONField(required=False, allow_null=True, help_text="By column; null: as they are proposed.")
    vocabulary = serializers.JSONField(required=False, help_text='Words of days and times, as {"taught": {"Blk A": "Mon 09:00-10:30"}}.')
    owners = serializers.JSONField(
        required=False,
        help_text='Whose fields are, by kind, as {"rooms": {"capacity": "file"}}: `file` overwrites what was edited by hand.',
    )


class StartSerializer(serializers.Serializer[Any]):
    dry_run = serializers.BooleanField(default=False, help_text="Check only.")


class RecipeSerializer(serializers.ModelSerializer[ImportRecipe]):
    class Meta:
        model = ImportRecipe
        fields = ("name", "tables", "updated_at")
        read_only_fields = ("name", "updated_at")


class RestructuringView(APIView):
    @extend_schema(responses={200: RestructuringSerializer} | REFUSED | WRONG)
    def get(self, request: Request, batch_id: str) -> Response:
        """How the tables of an import are restructured: steps, roles, questions, and what comes out."""
        with discarded_is_unknown():
            batch = batches.batch_get(user=user_of(request), batch_id=batch_id)
            return Response(restructuring_of(batch).document())

    @extend_schema(request=RestructuringChangeSerializer, responses={200: RestructuringSerializer} | REFUSED | WRONG | CONFLICT)
    def patch(self, request: Request, batch_id: str) -> Response:
        """Answers questions of a table, or changes its steps and roles. Only before the import, which is checked again."""
        with discarded_is_unknown():
            batch = batches.batch_get(user=user_of(request), batch_id=batch_id)
            serializer = RestructuringChangeSerializer(data=request.data)
            serializer.is_valid(raise_exception=True)
            return Response(restructuring_change(batch=batch, **serializer.validated_data).document())


class ImportStart(APIView):
    @extend_schema(
        request=StartSerializer,
        responses=dict.fromkeys((200, 201, 202), ImportDetailSerializer) | REFUSED | WRONG | CONFLICT,
    )
    def post(self, request: Request, batch_id: str) -> Response:
        """Checks or imports what was kept with `draft`, answered as the import itself is: 201 when done, 200 for a dry run, 202 later."""
        with discarded_is_unknown():
            batch = batches.batch_get(user=user_of(request), batch_id=batch_id)
            serializer = StartSerializer(data=request.data)
            serializer.is_valid(raise_exception=True)
            batches.kinds_check(batch)
            return import_answer(request, batch, dry_run=serializer.validated_data["dry_run"])


def _organization(request: Request) -> Organization:
    return batches.organization_for_import(user=user_of(request), code=request.query_params.get("organization"))


class RecipeList(APIView):
    @extend_schema(parameters=[ORGANIZATION], responses={200: RecipeSerializer(many=True)} | REFUSED)
    def get(self, request: Request) -> Response:
        """The recipes of an institution by name."""
        return Response(RecipeSerializer(recipes_of(_organization(request)), many=True).data)


class RecipeDetail(APIView):
    @extend_schema(parameters=[ORGANIZATION], responses={200: RecipeSerializer} | REFUSED)
    def get(self, request: Request, recipe: str) -> Response:
        """One recipe: its tables with shape, steps, roles and answers."""
        return Response(RecipeSerializer(recipe_get(organization=_organization(request), name=recipe)).data)

    @extend_schema(parameters=[ORGANIZATION], request=RecipeSerializer, responses={200: RecipeSerializer} | REFUSED | WRONG)
    def put(self, request: Request, recipe: str) -> Response:
        """Keeps a recipe under this name, in place of an earlier one."""
        organization = _organization(request)
        serializer = RecipeSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        found = recipe_save(organization=organization, name=recipe, document=serializer.validated_data)
        return Response(RecipeSerializer(found).data)

    @extend_schema(parameters=[ORGANIZATION], responses={204: None} | REFUSED)
    def delete(self, request: Request, recipe: str) -> Response:
        """Forgets a recipe."""
        recipe_get(organization=_organization(request), name=recipe).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)
