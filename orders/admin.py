"""The administration pages: looking up areas, postcodes and bank holidays row by row, and revoking API tokens.

Nothing else is changed here. Reference data change on pages of their own, where each change is previewed, recorded and
can be undone (`orders/views/reference.py`); so do accounts and mailboxes; orders, events and people by actions. What an
import said of an order names people, and is for the team that owns it (`orders/views/imports.py`).
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from orders.access import audit
from orders.access.permissions import Action, may
from orders.models import ApiToken, Area, BankHoliday, Category, Postcode
from orders.views.access import user_of

admin.site.disable_action("delete_selected")


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """Rows to read, by who may do what `needs` says; totals are not counted, so that large tables stay fast.

    `changed_on` is the name of the page where they are changed, if there is one: each page of the rows leads to it.
    """

    needs = Action.REFERENCE_DATA
    changed_on = ""
    show_full_result_count = False
    list_per_page = 50

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the page is listed."""
        return may(request.user, self.needs)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether its rows are shown."""
        return may(request.user, self.needs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes here."""
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The rows, with a link to where they are changed."""
        return super().changelist_view(request, {**(extra_context or {}), "changed_on": self.changed_on})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One row, with the same link."""
        context = {**(extra_context or {}), "changed_on": self.changed_on}
        return super().changeform_view(request, object_id, form_url, context)


@admin.register(Area)
class AreaAdmin(ReadOnlyAdmin):
    """Forces, local policing areas, neighbourhoods."""

    changed_on = "orders:reference"
    list_display = ["code", "name", "level", "parent", "valid_from", "valid_until", "is_demonstration"]
    list_filter = ["level"]
    list_select_related = ["parent"]
    search_fields = ["code", "name"]


@admin.register(Postcode)
class PostcodeAdmin(ReadOnlyAdmin):
    """Postcodes and the neighbourhoods they lie in."""

    changed_on = "orders:reference"
    list_display = ["postcode", "neighbourhood", "ended_on"]
    list_select_related = ["neighbourhood"]
    search_fields = ["postcode__startswith"]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Search by the beginning, however it is typed."""
        return super().get_search_results(request, queryset, "".join(search_term.split()).upper())


@admin.register(BankHoliday)
class BankHolidayAdmin(ReadOnlyAdmin):
    """The days that the clocks of notices leave out."""

    changed_on = "orders:reference"
    list_display = ["day", "name"]
    date_hierarchy = "day"


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    """Tokens of other systems, seen and revoked here, never deleted; `issue_api_token` issues and shows them once."""

    needs = Action.API_TOKENS
    list_display = ["name", "user", "area", "state", "created_at", "expires_at", "last_used_at"]
    list_filter = [("revoked_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user", "area"]
    search_fields = ["name", "user__username"]
    fields = ("name", "user", "area", "created_at", "expires_at", "revoked_at", "last_used_at")
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
