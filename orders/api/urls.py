"""Addresses of the API. It brings its own authentication, so the pages' rule that one must sign in does not apply."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path

from orders.api.pages import reading_page
from orders.api.views import Orders, Schema, SearchOrders

app_name = "api"

urlpatterns = [
    path("orders", login_not_required(Orders.as_view()), name="orders"),
    path("orders/search", login_not_required(SearchOrders.as_view()), name="search"),
    path("schema", login_not_required(Schema.as_view()), name="schema"),
    path("docs", reading_page, name="docs"),
]
