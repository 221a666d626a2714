"""The administration pages as a Django application, with the register's rule of who may open them."""

from django.contrib.admin import apps


class AdminConfig(apps.AdminConfig):
    """Django's administration on the register's own site."""

    default_site = "orders.administration.RegisterAdminSite"
