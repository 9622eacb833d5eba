"""The workbench over HTTP: one file for each group of addresses; what they do is decided in the package above."""

from fastapi import APIRouter

from opensvh.serving.workbench.api import (
    accounts,
    audit,
    films,
    marking,
    marks_exchange,
    provider,
    readings,
    score,
    signing_in,
    studies,
)

ROUTERS: tuple[APIRouter, ...] = (
    signing_in.router,
    provider.router,
    accounts.router,
    films.router,
    studies.router,
    readings.router,
    marking.router,
    marks_exchange.router,
    score.router,
    audit.router,
)
