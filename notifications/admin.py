"""Mailboxes are kept by administrators; what was sent is for reading only."""

from django.contrib import admin

from notifications.models import Mailbox


@admin.register(Mailbox)
class MailboxAdmin(admin.ModelAdmin[Mailbox]):
    """The addresses to which digests go."""

    list_display = ["address", "area", "is_active"]
    list_filter = ["is_active"]
    list_select_related = ["area"]
    search_fields = ["address", "area__code"]
    autocomplete_fields = ["area"]
    show_full_result_count = False
