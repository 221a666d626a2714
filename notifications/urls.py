"""Addresses of the pages about the daily email."""

from django.urls import path

from notifications.views import emails, mailboxes
from notifications.views.subscriptions import subscriptions

app_name = "notifications"

urlpatterns = [
    path("subscriptions", subscriptions, name="subscriptions"),
    path("emails", emails.overview, name="emails"),
    path("emails/preview", emails.preview, name="preview"),
    path("emails/mailboxes", mailboxes.mailboxes, name="mailboxes"),
    path("emails/mailboxes/<int:pk>", mailboxes.mailbox, name="mailbox"),
    path("emails/<int:pk>", emails.email, name="email"),
    path("emails/<int:pk>/as-sent", emails.as_sent, name="as-sent"),
    path("emails/<int:pk>/message", emails.message, name="message"),
    path("health/emails", emails.health, name="health"),
]
