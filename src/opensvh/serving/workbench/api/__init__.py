"""The workbench over HTTP: one file for each group of addresses; what they do is decided in the package above."""

from fastapi import APIRouter

from opensvh.serving.workbench.api import accounts, audit, signing_in

ROUTERS: tuple[APIRouter, ...] = (signing_in.router, accounts.router, audit.router)
