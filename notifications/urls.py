"""Addresses of the pages about the daily email."""

from django.urls import path

from notifications.views import email, emails

app_name = "notifications"

urlpatterns = [
    path("emails", emails, name="emails"),
    path("emails/<int:pk>", email, name="email"),
]
