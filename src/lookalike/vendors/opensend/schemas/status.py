"""Health and the public status page."""

from typing import Literal

from lookalike.models import ResponseModel


class Health(ResponseModel):
    status: Literal["ok"]
    db: Literal["connected"]


class Uptime(ResponseModel):
    percentage: float
    windowDays: int
    source: str
    label: str


class Component(ResponseModel):
    id: str
    name: str
    description: str
    status: Literal["operational", "unknown"]
    message: str
    lastCheckedAt: str
    statusLabel: str
    uptime: Uptime


class Day(ResponseModel):
    id: str
    date: str
    title: str
    summary: str
    impact: str


class Source(ResponseModel):
    type: str
    description: str


class Link(ResponseModel):
    label: str
    href: str
    note: str


class Links(ResponseModel):
    subscribe: Link
    report: Link
    history: Link


class Status(ResponseModel):
    status: Literal["operational"]
    headline: str
    message: str
    generatedAt: str
    components: list[Component]
    history: list[Day]
    incidentSource: Source
    actions: Links
