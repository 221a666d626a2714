"""Addresses: each application keeps its own."""

from django.contrib import admin
from django.urls import include, path

from ordersite.health import health, health_of_imports

handler400 = "ordersite.refusals.bad_request"
handler500 = "ordersite.edge.server_error"

urlpatterns = [
    path("health", health, name="health"),
    path("health/imports", health_of_imports, name="health-imports"),
    path("admin/", admin.site.urls),
    path("api/", include("orders.api.urls")),
    path("", include("signin.urls")),
    path("", include("orders.urls")),
    path("", include("notifications.urls")),
]
