"""Superset's configuration, read by Superset's own Python (.venv-superset), not by Klankbord's.

Addresses and secrets come from `klankbord.json` in SUPERSET_HOME, which `klankbord.superset` writes
with mode 0600: {"metadata_uri": ..., "secret_key": ...}. Superset looks every capital name up.
"""

import json
import os
from pathlib import Path

HOME = Path(os.environ["SUPERSET_HOME"])
_given = json.loads((HOME / "klankbord.json").read_text(encoding="utf-8"))

SQLALCHEMY_DATABASE_URI = _given["metadata_uri"]
SECRET_KEY = _given["secret_key"]
DATA_DIR = str(HOME)

APP_NAME = "Klankbord"
# Airflow runs on the same host, and browsers do not keep cookies of two ports apart.
SESSION_COOKIE_NAME = "klankbord_superset"
SESSION_COOKIE_SAMESITE = "Lax"
WTF_CSRF_ENABLED = True
AUTH_USER_REGISTRATION = False
ENABLE_PROXY_FIX = False

BABEL_DEFAULT_LOCALE = "nl"
LANGUAGES = {
    "nl": {"flag": "nl", "name": "Nederlands"},
    "en": {"flag": "us", "name": "English"},
    "fr": {"flag": "fr", "name": "Français"},
    "de": {"flag": "de", "name": "Deutsch"},
}
_CONTINENTAL = {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["€ ", ""]}
_FRENCH = {"decimal": ",", "thousands": "\u202f", "grouping": [3], "currency": ["", " €"]}
_ENGLISH = {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["€", ""]}
D3_FORMAT = _CONTINENTAL


def COMMON_BOOTSTRAP_OVERRIDES_FUNC(data):  # noqa: N802 (Superset's name)
    """The number format of the reader's language: a Dutch decimal comma, an English point."""
    formats = {"nl": _CONTINENTAL, "de": _CONTINENTAL, "fr": _FRENCH, "en": _ENGLISH}
    return {"d3_format": formats.get(data["locale"], _CONTINENTAL)}


# One process serves everything, so its memory is the cache. Figures are not cached: the published
# tables are small, and yesterday's figure after a publication would be a wrong figure.
_MEMORY = {"CACHE_TYPE": "SimpleCache", "CACHE_DEFAULT_TIMEOUT": 86_400, "CACHE_THRESHOLD": 2_000}
CACHE_CONFIG = {**_MEMORY, "CACHE_KEY_PREFIX": "meta_"}
DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
FILTER_STATE_CACHE_CONFIG = {**_MEMORY, "CACHE_KEY_PREFIX": "filter_"}
EXPLORE_FORM_DATA_CACHE_CONFIG = {**_MEMORY, "CACHE_KEY_PREFIX": "explore_"}
RATELIMIT_STORAGE_URI = "memory://"
RESULTS_BACKEND = None

# Nothing leaves the house: no fonts, maps, avatars, and not the telemetry pixel of the front end.
# 'unsafe-eval' is what Handlebars tiles compile their templates with; scripts still need a nonce.
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "font-src": ["'self'"],
        "script-src": ["'self'", "'strict-dynamic'", "'unsafe-eval'"],
        "frame-ancestors": ["'self'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "session_cookie_secure": False,
}
THEME_FONT_URL_ALLOWED_DOMAINS: list[str] = []
# Our tiles set classes and draw bars; scripts, handlers and inline styles stay forbidden.
HTML_SANITIZATION = True
HTML_SANITIZATION_SCHEMA_EXTENSIONS = {
    "tagNames": ["progress"],
    "attributes": {"*": ["className", "role", "ariaLabel"], "progress": ["value", "max"]},
}

FEATURE_FLAGS = {"ENABLE_TEMPLATE_PROCESSING": False, "ALERT_REPORTS": False}

# Okabe and Ito's palette, which the colour-blind can tell apart; yellow, too light on white, left
# out. A scheme named in a chart must exist here.
EXTRA_CATEGORICAL_COLOR_SCHEMES = [
    {
        "id": "klankbord",
        "description": "Okabe-Ito without yellow",
        "label": "Klankbord",
        "isDefault": True,
        "colors": ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#4D4D4D"],
    },
    {
        "id": "klankbord_steps",
        "description": "Fast to slow in one hue; grey for no answer",
        "label": "Klankbord, steps",
        "isDefault": False,
        "colors": [
            "#08306B",
            "#08519C",
            "#2171B5",
            "#4292C6",
            "#6BAED6",
            "#9ECAE1",
            "#C6DBEF",
            "#8C8C8C",
        ],
    },
]
_TOKENS = {
    "brandAppName": APP_NAME,
    "brandLogoAlt": APP_NAME,
    "brandLogoUrl": "/static/assets/images/superset-logo-horiz.png",
    "brandLogoHref": "/",
    "colorPrimary": "#0072B2",
    "colorLink": "#005A8C",
    "fontUrls": [],
    "fontFamily": "Inter, Helvetica, Arial, sans-serif",
}
THEME_DEFAULT = {"token": _TOKENS, "algorithm": "default"}
# Tiles are drawn for a light page; a dark one would make their contrast anybody's guess.
THEME_DARK = None
ENABLE_UI_THEME_ADMINISTRATION = False
