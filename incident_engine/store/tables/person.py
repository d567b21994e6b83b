"""People affected. Their particulars are one sealed cell; what is open here names nobody."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel, UniqueConstraint


class PeopleImport(SQLModel, table=True):
    """One people file read for one incident: rows = accepted + refused + merged, always."""

    __tablename__ = "people_import"
    __table_args__ = (UniqueConstraint("incident_id", "file_sha256"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    file_sha256: str
    rows: int
    accepted: int
    refused: int
    merged: int
    merges: str = "[]"  # JSON: pairs of row numbers and the rule that joined them
    imported_at: datetime
    imported_by: str


class PersonRow(SQLModel, table=True):
    """One affected person: what decides law, language and channel, and the sealed rest."""

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("incident_id", "blind_id"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    import_id: int = Field(foreign_key="people_import.id")
    row: int  # the row of the file: why did this person get this
    public_id: str = Field(unique=True)  # random; stands for the person outside the sealed cell
    blind_id: str  # keyed hash of the organisation's own number for the person
    blind_email: str = Field(default="", index=True)
    blind_phone: str = Field(default="", index=True)
    place: str = ""
    language: str = ""
    data_types: str = "[]"  # JSON
    minor: bool = False
    under_14: bool = False
    deceased: bool = False
    do_not_contact: bool = False
    protected_address: bool = False
    sealed: bytes  # name, addresses, birth date, guardian, own fields


class RefusedRow(SQLModel, table=True):
    """A row of a people file that could not be read: somebody still to be reached."""

    __tablename__ = "refused_row"

    id: int | None = Field(default=None, primary_key=True)
    import_id: int = Field(foreign_key="people_import.id", index=True)
    row: int
    column: str
    code: str
    sentence: str  # with the value masked
