"""Addresses of the pages."""

from django.urls import path

from orders.views.areas import area_page
from orders.views.arrests import arrests_page
from orders.views.exports import export_page
from orders.views.home import home
from orders.views.import_rows import mend_page
from orders.views.imports import import_page, imports_page
from orders.views.insight import insight_csv, insight_page
from orders.views.looks import looks_page
from orders.views.order import order_page
from orders.views.order_sections import breaches_page, history_page, reviews_page
from orders.views.person import person_page
from orders.views.print_marks import print_marks
from orders.views.reference import areas_held_page, card_page, change_page, propose_page, reference_page
from orders.views.reviews import review_pack, review_sheet, reviews_list_page
from orders.views.saved import change_saved, edit_saved, open_saved, save_page, saved_page, start
from orders.views.search import search_page
from orders.views.users import user_page, users_page
from orders.views.worklists import worklist_page, worklists_page

app_name = "orders"

urlpatterns = [
    path("", home, name="home"),
    path("search", search_page, name="search"),
    path("print-marks.css", print_marks, name="print-marks"),
    path("start", start, name="start"),
    path("saved", saved_page, name="saved"),
    path("saved/new", save_page, name="save-search"),
    path("saved/<str:key>", open_saved, name="open-saved"),
    path("saved/<str:key>/edit", edit_saved, name="edit-saved"),
    path("saved/<str:key>/<str:what>", change_saved, name="change-saved"),
    path("exports/new", export_page, name="export"),
    path("areas", area_page, name="areas"),
    path("areas/<str:code>", area_page, name="area"),
    path("orders/<uuid:public_id>", order_page, name="order"),
    path("orders/<uuid:public_id>/history", history_page, name="order-history"),
    path("orders/<uuid:public_id>/breaches", breaches_page, name="order-breaches"),
    path("orders/<uuid:public_id>/reviews", reviews_page, name="order-reviews"),
    path("orders/<uuid:public_id>/who-looked", looks_page, name="order-looks"),
    path("reference", reference_page, name="reference"),
    path("reference/areas", areas_held_page, name="reference-areas"),
    path("reference/<str:kind>/change", propose_page, name="reference-propose"),
    path("reference/cards/<str:code>", card_page, name="reference-card"),
    path("reference/changes/<int:pk>", change_page, name="reference-change"),
    path("reference/users", users_page, name="users"),
    path("reference/users/add", user_page, name="user-add"),
    path("reference/users/<int:pk>", user_page, name="user"),
    path("imports", imports_page, name="imports"),
    path("imports/<int:pk>", import_page, name="import"),
    path("imports/<int:pk>/mend", mend_page, name="import-mend"),
    path("reviews", reviews_list_page, name="reviews"),
    path("reviews/pack", review_pack, name="review-pack"),
    path("reviews/pack.pdf", review_pack, name="review-pdf"),
    path("reviews/list.xlsx", review_sheet, name="review-sheet"),
    path("worklists", worklists_page, name="worklists"),
    path("worklists/<slug:name>", worklist_page, name="worklist"),
    path("insight", insight_page, name="insight"),
    path("insight/arrests", arrests_page, name="arrests"),
    path("insight/<slug:name>.csv", insight_csv, name="insight-csv"),
    path("people/<uuid:public_id>", person_page, name="person"),
]
