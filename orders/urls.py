"""Addresses of the pages."""

from django.contrib.auth import views as auth_views
from django.urls import path

from orders.views.areas import area_page
from orders.views.home import home
from orders.views.order import order_page
from orders.views.search import search_page

app_name = "orders"

urlpatterns = [
    path("", home, name="home"),
    path("sign-in", auth_views.LoginView.as_view(template_name="orders/sign_in.html"), name="sign-in"),
    path("sign-out", auth_views.LogoutView.as_view(), name="sign-out"),
    path("search", search_page, name="search"),
    path("areas", area_page, name="areas"),
    path("areas/<str:code>", area_page, name="area"),
    path("orders/<uuid:public_id>", order_page, name="order"),
]
