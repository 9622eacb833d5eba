"""The workbench over HTTP: one file for each group of addresses; what they do is decided in the package above."""

from fastapi import APIRouter

from opensvh.serving.workbench.api import accounts, audit, films, readings, signing_in, studies

ROUTERS: tuple[APIRouter, ...] = (
    signing_in.router,
    accounts.router,
    films.router,
    studies.router,
    readings.router,
    audit.router,
)
