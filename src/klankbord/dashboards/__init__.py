"""Superset's dashboards as files: rendered, checked, deployed, compared, photographed."""

from klankbord.dashboards.bundle import Address, AssetError, Bundle, render
from klankbord.dashboards.deployment import Report, deploy, drift
from klankbord.dashboards.pictures import Picture, take_pictures
from klankbord.dashboards.validation import validate

__all__ = [
    "Address",
    "AssetError",
    "Bundle",
    "Picture",
    "Report",
    "deploy",
    "drift",
    "render",
    "take_pictures",
    "validate",
]
