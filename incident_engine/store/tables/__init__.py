"""The rows. One file a noun; importing this package registers every table with SQLModel."""

from incident_engine.store.tables.announcement import Announcement, AnnouncementVersion
from incident_engine.store.tables.campaign import Approval, Campaign, FrozenWording
from incident_engine.store.tables.delivery import Attempt, Delivery
from incident_engine.store.tables.entry import Entry
from incident_engine.store.tables.incident import FactRow, Incident
from incident_engine.store.tables.law_text import LawText
from incident_engine.store.tables.obligation import Alert, Obligation
from incident_engine.store.tables.packet import ControllerPacket
from incident_engine.store.tables.person import PeopleImport, PersonRow, RefusedRow
from incident_engine.store.tables.receipt import ReceiptRow
from incident_engine.store.tables.report import AuthorityAnswer, Filing
from incident_engine.store.tables.user import User

__all__ = [
    "Alert",
    "Announcement",
    "AnnouncementVersion",
    "Approval",
    "Attempt",
    "AuthorityAnswer",
    "Campaign",
    "ControllerPacket",
    "Delivery",
    "Entry",
    "FactRow",
    "Filing",
    "FrozenWording",
    "Incident",
    "LawText",
    "Obligation",
    "PeopleImport",
    "PersonRow",
    "ReceiptRow",
    "RefusedRow",
    "User",
]
