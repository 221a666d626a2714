"""The administration pages: reference data. No order, event or person is here: actions write those; nor a user.

Accounts have one page, `orders/views/users.py`, with its rules of who may give what.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.db import transaction
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone

from orders.access import audit
from orders.access.permissions import Action, may
from orders.imports.values import ValueProblem, postcode_from
from orders.models import ApiToken, Area, BankHoliday, Category, ImportRun, Postcode, QuarantinedOrder
from orders.tasks import rebuild_standing
from orders.views.access import user_of

admin.site.disable_action("delete_selected")


class AnyAutocomplete(AutocompleteSelect):
    """Django's box to find a row, which breaks when it is shown again with what is no number of a row."""

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        """What is chosen: of what was sent only what may be a row's number."""
        return super().optgroups(name, [one for one in value if f"{one}".isdecimal() and len(f"{one}") < 19], attrs)


class LoggedAdmin(admin.ModelAdmin[Any]):
    """A page whose changes stand in the register's own log; totals are not counted, so that large tables stay fast."""

    needs = Action.REFERENCE_DATA
    show_full_result_count = False
    list_per_page = 50

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the page is listed."""
        return may(request.user, self.needs)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether its rows are shown."""
        return may(request.user, self.needs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whether a row can be added."""
        return may(request.user, self.needs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether a row can be changed."""
        return may(request.user, self.needs)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether a row can be deleted."""
        return may(request.user, self.needs)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """The field, whose box can be shown again whatever was sent for it."""
        if db_field.name in self.get_autocomplete_fields(request):
            options["widget"] = AnyAutocomplete(db_field, self.admin_site, using=options.get("using"))
        return super().formfield_for_foreignkey(db_field, request, **options)

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """Save, and log which fields changed (never their values)."""
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            audit.record(
                by=user_of(request),
                category=Category.ALTERATION,
                action=f"{'change' if change else 'add'} {obj._meta.verbose_name}",
                detail={"id": str(obj.pk), "fields": sorted(form.changed_data)},
            )

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        """Delete, and log it."""
        with transaction.atomic():
            audit.record(
                by=user_of(request),
                category=Category.ERASURE,
                action=f"delete {obj._meta.verbose_name}",
                detail={"id": str(obj.pk)},
            )
            super().delete_model(request, obj)


class PlacingAdmin(LoggedAdmin):
    """A page whose data decide where orders are found: after a change the worker works all places out again."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """What a row is known by stays as it is: another day or postcode typed over it would store a second row."""
        key = self.opts.pk
        return [] if obj is None or key is None or not key.editable or key.name == "id" else [key.name]

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """Save and queue."""
        super().save_model(request, obj, form, change)
        self._queue(request)

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        """Delete and queue."""
        super().delete_model(request, obj)
        self._queue(request)

    def _queue(self, request: HttpRequest) -> None:
        transaction.on_commit(rebuild_standing.delay)
        self.message_user(request, "The worker is working out again where every order is found.")


class ReadOnlyAdmin(LoggedAdmin):
    """A page to read."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes here."""
        return False


@admin.register(Area)
class AreaAdmin(PlacingAdmin):
    """Forces, local policing areas, neighbourhoods. One that has gone gets a last day: orders were found under it."""

    list_display = ["code", "name", "level", "parent", "valid_from", "valid_until", "is_demonstration"]
    list_filter = ["level"]
    list_select_related = ["parent"]
    search_fields = ["code", "name"]
    autocomplete_fields = ["parent", "force"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: history refers to it."""
        return False


class PostcodeForm(ModelForm[Postcode]):
    """A postcode typed as people write it, stored as it is looked up: capitals, no space."""

    def clean_postcode(self) -> str:
        """The postcode without its space. Raises ValidationError for what is none."""
        try:
            return postcode_from(self.cleaned_data["postcode"]).replace(" ", "")
        except ValueProblem as problem:
            raise forms.ValidationError(f"This {problem}.") from problem


@admin.register(Postcode)
class PostcodeAdmin(PlacingAdmin):
    """Postcodes and the neighbourhoods they lie in."""

    form = PostcodeForm
    list_display = ["postcode", "neighbourhood", "ended_on"]
    list_select_related = ["neighbourhood"]
    search_fields = ["postcode__startswith"]
    autocomplete_fields = ["neighbourhood"]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Search by the beginning, however it is typed."""
        return super().get_search_results(request, queryset, "".join(search_term.split()).upper())


@admin.register(BankHoliday)
class BankHolidayAdmin(PlacingAdmin):
    """The days that the clocks of notices leave out. Complete years only."""

    list_display = ["day", "name"]
    date_hierarchy = "day"


@admin.register(ApiToken)
class ApiTokenAdmin(LoggedAdmin):
    """Tokens of other systems: issued at the command line, seen and revoked here, never deleted."""

    needs = Action.API_TOKENS
    list_display = ["name", "user", "area", "state", "created_at", "expires_at", "last_used_at"]
    list_filter = [("revoked_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user", "area"]
    search_fields = ["name", "user__username"]
    fields = ("name", "user", "area", "created_at", "expires_at", "revoked_at", "last_used_at")
    readonly_fields = fields
    actions = ["revoke"]

    @admin.display(description="State")
    def state(self, token: ApiToken) -> str:
        """Whether it still answers."""
        if token.revoked_at is not None:
            return "revoked"
        return "expired" if token.expires_at <= timezone.now() else "good"

    @admin.action(description="Revoke: the tokens answer no longer")
    def revoke(self, request: HttpRequest, tokens: QuerySet[ApiToken]) -> None:
        """Revoke those that are not revoked yet, each with an entry in the log."""
        with transaction.atomic():
            found = list(tokens.filter(revoked_at__isnull=True).select_for_update(of=("self",)))
            ApiToken.objects.filter(pk__in=[token.pk for token in found]).update(revoked_at=timezone.now())
            for token in found:
                audit.record(
                    by=user_of(request),
                    category=Category.ALTERATION,
                    action="revoke API token",
                    detail={"id": str(token.pk), "name": token.name},
                )
        self.message_user(request, f"{len(found)} revoked. A token that was revoked cannot be made good again.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Tokens are issued by `issue_api_token`, which can show them once."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: who had a token stays readable."""
        return False


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    """Each import and what it said."""

    list_display = ["source", "bundle", "mode", "extracted_at", "finished_at"]
    list_filter = ["source"]


@admin.register(QuarantinedOrder)
class QuarantinedOrderAdmin(ReadOnlyAdmin):
    """Orders received and not applied, with the reasons."""

    list_display = ["reference", "source", "source_ref", "run", "resolved_by"]
    list_filter = [("resolved_by", admin.EmptyFieldListFilter)]
    list_select_related = ["run", "resolved_by"]
    search_fields = ["reference_folded__startswith", "source_ref__startswith"]
