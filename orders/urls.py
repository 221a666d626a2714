"""Addresses of the pages."""

from django.urls import path

from orders.views.about import accessibility_page, help_page, privacy_page
from orders.views.areas import area_page
from orders.views.arrests import arrests_page
from orders.views.audit_log import audit_export, audit_page, oddities_page, sample_page
from orders.views.documents import (
    add_document_page,
    document_file,
    document_page,
    documents_page,
    remove_document_page,
)
from orders.views.drafts import begin_page, check_page, delete_draft, done_page, draft_page, drafts_page
from orders.views.exports import export_page
from orders.views.home import home
from orders.views.import_rows import mend_page
from orders.views.imports import import_page, imports_page
from orders.views.insight import insight_csv, insight_page
from orders.views.interventions import (
    add_intervention,
    correct_intervention,
    interventions_page,
    person_interventions,
    withdraw_intervention,
)
from orders.views.likeness import AdoptPage, UndoAdoptPage
from orders.views.looks import looks_page
from orders.views.order import order_page
from orders.views.order_sections import breaches_page, history_page, reviews_page
from orders.views.person import person_page
from orders.views.person_doing import DescribePage, MergePage, MovePage, UndoMergePage
from orders.views.print_marks import print_marks
from orders.views.put_right import PutEventRight, PutHeadingRight, RestrictPage, VaryPage
from orders.views.record import RecordPage, choose_page, recorded_page
from orders.views.reference import areas_held_page, card_page, change_page, propose_page, reference_page
from orders.views.restricted import secret_addresses
from orders.views.retention import erase_page, group_page, keep_page, person_retention, retention_page
from orders.views.reviews import review_pack, review_sheet, reviews_list_page
from orders.views.safe_contact import SafeContactPage
from orders.views.saved import change_saved, edit_saved, open_saved, save_page, saved_page, start
from orders.views.search import search_page
from orders.views.users import permission_page, user_page, users_page
from orders.views.worklists import worklist_page, worklists_page

app_name = "orders"

urlpatterns = [
    path("", home, name="home"),
    path("search", search_page, name="search"),
    path("print-marks.css", print_marks, name="print-marks"),
    path("start", start, name="start"),
    path("help", help_page, name="help"),
    path("accessibility", accessibility_page, name="accessibility"),
    path("privacy", privacy_page, name="privacy"),
    path("saved", saved_page, name="saved"),
    path("saved/new", save_page, name="save-search"),
    path("saved/<str:key>", open_saved, name="open-saved"),
    path("saved/<str:key>/edit", edit_saved, name="edit-saved"),
    path("saved/<str:key>/<str:what>", change_saved, name="change-saved"),
    path("exports/new", export_page, name="export"),
    path("areas", area_page, name="areas"),
    path("areas/<str:code>", area_page, name="area"),
    path("orders/new", begin_page, name="draft-begin"),
    path("orders/drafts", drafts_page, name="drafts"),
    path("orders/drafts/<uuid:public_id>", check_page, name="draft-check"),
    path("orders/drafts/<uuid:public_id>/delete", delete_draft, name="draft-delete"),
    path("orders/drafts/<uuid:public_id>/<slug:page>", draft_page, name="draft-page"),
    path("orders/entered/<uuid:key>", done_page, name="draft-done"),
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
    path("reference/users/<int:pk>/secret-addresses", permission_page, name="user-permission"),
    path("orders/<uuid:public_id>/record", choose_page, name="order-choose"),
    path("orders/<uuid:public_id>/record/<slug:slug>", RecordPage.as_view(), name="order-record"),
    path("orders/<uuid:public_id>/recorded/<uuid:key>", recorded_page, name="order-recorded"),
    path("orders/<uuid:public_id>/vary", VaryPage.as_view(), name="order-vary"),
    path("orders/<uuid:public_id>/events/<int:event>", PutEventRight.as_view(), name="event-put-right"),
    path("orders/<uuid:public_id>/heading", PutHeadingRight.as_view(), name="order-heading"),
    path("orders/<uuid:public_id>/restrict", RestrictPage.as_view(), name="order-restrict"),
    path("orders/<uuid:public_id>/same-as/<uuid:other>", AdoptPage.as_view(), name="order-adopt"),
    path("orders/<uuid:public_id>/adoptions/<int:adoption>", UndoAdoptPage.as_view(), name="order-unadopt"),
    path("people/<uuid:public_id>/move", MovePage.as_view(), name="person-move"),
    path("people/<uuid:public_id>/description", DescribePage.as_view(), name="person-describe"),
    path("people/<uuid:public_id>/safe-contact", SafeContactPage.as_view(), name="safe-contact"),
    path("people/<uuid:public_id>/same-as/<uuid:other>", MergePage.as_view(), name="person-merge"),
    path("people/<uuid:public_id>/merges/<int:merge>", UndoMergePage.as_view(), name="person-unmerge"),
    path("orders/<uuid:public_id>/documents", documents_page, name="order-documents"),
    path("orders/<uuid:public_id>/documents/add", add_document_page, name="order-document-add"),
    path("orders/<uuid:public_id>/documents/<uuid:document_id>", document_page, name="order-document"),
    path("orders/<uuid:public_id>/documents/<uuid:document_id>/file", document_file, name="order-document-file"),
    path(
        "orders/<uuid:public_id>/documents/<uuid:document_id>/remove",
        remove_document_page,
        name="order-document-remove",
    ),
    path("imports", imports_page, name="imports"),
    path("imports/<int:pk>", import_page, name="import"),
    path("imports/<int:pk>/mend", mend_page, name="import-mend"),
    path("audit", audit_page, name="audit"),
    path("audit/oddities", oddities_page, name="audit-oddities"),
    path("audit/sample", sample_page, name="audit-sample"),
    path("audit/export", audit_export, name="audit-export"),
    path("reviews", reviews_list_page, name="reviews"),
    path("reviews/pack", review_pack, name="review-pack"),
    path("reviews/pack.pdf", review_pack, name="review-pdf"),
    path("reviews/list.xlsx", review_sheet, name="review-sheet"),
    path("worklists", worklists_page, name="worklists"),
    path("worklists/<slug:name>", worklist_page, name="worklist"),
    path("insight", insight_page, name="insight"),
    path("insight/arrests", arrests_page, name="arrests"),
    path("insight/<slug:name>.csv", insight_csv, name="insight-csv"),
    path("orders/<uuid:public_id>/secret-addresses", secret_addresses, name="secret-addresses"),
    path("retention", retention_page, name="retention"),
    path("people/<uuid:public_id>/retention", person_retention, name="person-retention"),
    path("people/<uuid:public_id>/retention/group", group_page, name="retention-group"),
    path("people/<uuid:public_id>/retention/keep", keep_page, name="retention-keep"),
    path("people/<uuid:public_id>/retention/erase", erase_page, name="retention-erase"),
    path("interventions", interventions_page, name="interventions"),
    path("interventions/<uuid:ref>/correct", correct_intervention, name="intervention-correct"),
    path("interventions/<uuid:ref>/withdraw", withdraw_intervention, name="intervention-withdraw"),
    path("people/<uuid:public_id>/interventions", person_interventions, name="person-interventions"),
    path("people/<uuid:public_id>/interventions/add", add_intervention, name="intervention-add"),
    path("people/<uuid:public_id>", person_page, name="person"),
]
