"""The record: one file a concept. Actions write it, querysets read it, the law explains it."""

from orders.models.api_use import ApiUse
from orders.models.area import Area, BankHoliday, Level, Postcode
from orders.models.asked import AskedSearch
from orders.models.audit import AuditEntry, Category
from orders.models.document import Document, DocumentSort, DocumentType
from orders.models.entry import Adoption, Draft, Merge, SentForm, ToldApart
from orders.models.event import Event
from orders.models.grant import AccessGrant, GrantKind, SecretOpening
from orders.models.imports import ArrestCount, ImportRun, LastRead, PutRight, QuarantinedOrder
from orders.models.intervention import Intervention, InterventionKind
from orders.models.listing import OrderList
from orders.models.naming import NameToken, PartyName, PartyNamePast, PartyNameRow
from orders.models.order import Condition, Order, Party
from orders.models.oversight import AuditSeal, LookReview, Verdict
from orders.models.pace import Pace
from orders.models.person import Person, Residence
from orders.models.place import Place, PlaceAsKnown, PlacePast, PlaceRow
from orders.models.recording import Recording
from orders.models.reference import (
    AreaBoundary,
    LegalCard,
    ReferenceChange,
    ReferenceKind,
    ReferenceLine,
    ReferenceState,
    StaleOrder,
)
from orders.models.retention import RetentionDecision, RetentionGroup, RetentionStep
from orders.models.roles import Role
from orders.models.safe_contact import SafeContact
from orders.models.saved import SavedSearch
from orders.models.sealing import SealingKey
from orders.models.tally import PlaceTally
from orders.models.upload import OWED, Upload, UploadState
from orders.models.user import ApiToken, FactorReset, Theme, User
from orders.models.work import WorkEntry, WorkStep

__all__ = [
    "OWED",
    "AccessGrant",
    "Adoption",
    "ApiToken",
    "ApiUse",
    "Area",
    "AreaBoundary",
    "ArrestCount",
    "AskedSearch",
    "AuditEntry",
    "AuditSeal",
    "BankHoliday",
    "Category",
    "Condition",
    "Document",
    "DocumentSort",
    "DocumentType",
    "Draft",
    "Event",
    "FactorReset",
    "GrantKind",
    "ImportRun",
    "Intervention",
    "InterventionKind",
    "LastRead",
    "LegalCard",
    "Level",
    "LookReview",
    "Merge",
    "NameToken",
    "Order",
    "OrderList",
    "Pace",
    "Party",
    "PartyName",
    "PartyNamePast",
    "PartyNameRow",
    "Person",
    "Place",
    "PlaceAsKnown",
    "PlacePast",
    "PlaceRow",
    "PlaceTally",
    "Postcode",
    "PutRight",
    "QuarantinedOrder",
    "Recording",
    "ReferenceChange",
    "ReferenceKind",
    "ReferenceLine",
    "ReferenceState",
    "Residence",
    "RetentionDecision",
    "RetentionGroup",
    "RetentionStep",
    "Role",
    "SafeContact",
    "SavedSearch",
    "SealingKey",
    "SecretOpening",
    "SentForm",
    "StaleOrder",
    "Theme",
    "ToldApart",
    "Upload",
    "UploadState",
    "User",
    "Verdict",
    "WorkEntry",
    "WorkStep",
]
