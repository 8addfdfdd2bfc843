"""The only reader of the environment.

Settings come from the process environment, then from what the demo left in its runtime folder (a
folder in which it ran stays the sandbox's), then from `.env` in the project's root. Every name is
listed in `.env.example` (a test compares them).
"""

import os
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from dotenv import dotenv_values

from klankbord.errors import SettingsError

LOCAL_ZONE = ZoneInfo("Europe/Brussels")
PROJECT_ROOT = Path(__file__).resolve().parents[2]
#: in the runtime folder: what `make demo` set, so that later commands speak to the same sandbox
DEMO_FILE = "demo.env"

#: name -> (default, what it is for). The single list that `.env.example` is checked against.
NAMES: dict[str, tuple[str, str]] = {
    "KLANKBORD_HOME": (".klankbord", "folder for everything that runs: data, secrets, logs"),
    "KLANKBORD_DSN": ("", "a PostgreSQL of your own instead of the embedded one (superuser DSN)"),
    "KLANKBORD_POSTGRES_PORT": ("15432", "port of the embedded PostgreSQL"),
    "KLANKBORD_POSTGRES_USER": ("", "unprivileged system user that runs PostgreSQL under root"),
    "KLANKBORD_AIRFLOW_PORT": ("8080", "port of Airflow"),
    "KLANKBORD_SUPERSET_PORT": ("8088", "port of Superset"),
    "KLANKBORD_SANDBOX": ("0", "1: talk to the sandbox instead of the platforms"),
    "KLANKBORD_SANDBOX_PORT": ("8765", "port of the sandbox"),
    "KLANKBORD_SANDBOX_SEED": ("2016", "seed of the sandbox's world"),
    "KLANKBORD_NOW": ("", "fixed moment (ISO 8601) instead of the clock; the demo sets it"),
    "KLANKBORD_DROP_FOLDER": ("", "folder of export files to load; empty: drop in KLANKBORD_HOME"),
    "KLANKBORD_REGISTER": ("register", "folders of the register, separated by ':'"),
    "KLANKBORD_SETTLED_STANDS": ("0", "1: a build leaves settled quarters as they are (young)"),
    "KLANKBORD_BUDGETS": ("", "the most that is spent: x=4.00usd/day youtube=9000units/day"),
    "KLANKBORD_RETENTION_AUTHOR_DAYS": ("400", "days until a citizen's message has no author"),
    "KLANKBORD_RETENTION_MESSAGE_DAYS": ("800", "days until a citizen's message has no id"),
    "KLANKBORD_RETENTION_TEXT_DAYS": ("400", "days that an organisation's own texts are kept"),
    "KLANKBORD_RETENTION_OUTCOME_DAYS": ("1100", "days that extractions and details are kept"),
    "KLANKBORD_RETENTION_QUARANTINE_DAYS": ("90", "days that quarantined rows are kept"),
    "KLANKBORD_RETENTION_FILE_DAYS": ("90", "days that files of the drop folder are kept"),
    "KLANKBORD_RETENTION_LOG_DAYS": ("90", "days that log files are kept"),
    "KLANKBORD_FACEBOOK_URL": ("https://graph.facebook.com/v26.0", "Graph API"),
    "KLANKBORD_FACEBOOK_TOKEN": ("", "page or system-user token with Page Public Content Access"),
    "KLANKBORD_X_URL": ("https://api.x.com", "X API v2"),
    "KLANKBORD_X_TOKEN": ("", "app bearer token"),
    "KLANKBORD_MASTODON_URL": ("", "empty: each account's own server"),
    "KLANKBORD_MASTODON_TOKEN": ("", "optional: some servers want one for public reads"),
    "KLANKBORD_BLUESKY_URL": ("https://public.api.bsky.app", "AppView"),
    "KLANKBORD_BLUESKY_TOKEN": ("", "not needed for public reads"),
    "KLANKBORD_INSTAGRAM_URL": ("https://graph.facebook.com/v26.0", "Graph API"),
    "KLANKBORD_INSTAGRAM_TOKEN": ("", "token of a page that is linked to an Instagram account"),
    "KLANKBORD_YOUTUBE_URL": ("https://www.googleapis.com", "YouTube Data API v3"),
    "KLANKBORD_YOUTUBE_TOKEN": ("", "API key for public data"),
    "KLANKBORD_YOUTUBE_ANALYTICS_URL": (
        "https://youtubeanalytics.googleapis.com",
        "YouTube Analytics API v2, for owners' insights",
    ),
    "KLANKBORD_LINKEDIN_URL": ("https://api.linkedin.com", "LinkedIn's versioned REST API"),
    "KLANKBORD_LINKEDIN_TOKEN": ("", "member token of an administrator of the pages"),
    "KLANKBORD_LINKEDIN_ROUTE": ("community", "way into LinkedIn: community or dma (EU)"),
    "KLANKBORD_TIKTOK_URL": ("https://open.tiktokapis.com", "TikTok Display API v2"),
    "KLANKBORD_TIKTOK_TOKEN": ("", "only owners' tokens work: see docs/platforms"),
    "KLANKBORD_THREADS_URL": ("https://graph.threads.net/v1.0", "Threads API"),
    "KLANKBORD_THREADS_TOKEN": ("", "only owners' tokens work: see README"),
    "KLANKBORD_WEBSITE_URL": ("", "empty: each feed's own address"),
    "KLANKBORD_WEBSITE_TOKEN": ("", "not needed"),
    "KLANKBORD_WIKIDATA_URL": ("https://query.wikidata.org/sparql", "proposals of accounts"),
    "KLANKBORD_ALMANAC_URL": (
        "https://organisaties.overheid.nl/archive/exportOO.xml",
        "proposals of accounts of Dutch bodies",
    ),
    "KLANKBORD_CONTACT": ("", "who asks, for Wikidata: an e-mail or web address"),
}


@cache
def _dotenv() -> dict[str, str | None]:
    return dotenv_values(PROJECT_ROOT / ".env")


@cache
def _demo(folder: Path) -> dict[str, str | None]:
    return dotenv_values(folder / DEMO_FILE)


def get(name: str) -> str:
    """The value of a setting of `NAMES`; its default when nobody set it."""
    default, _ = NAMES[name]
    found = os.environ.get(name)
    if not found and name != "KLANKBORD_HOME":
        found = _demo(home()).get(name)
    return found or _dotenv().get(name) or default


def port(name: str) -> int:
    """A setting that must be a TCP port."""
    text = get(name)
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise SettingsError(f"{name} is {text!r}: give a port number between 1 and 65535.")
    return int(text)


def days(name: str) -> int:
    """A setting that must be a number of days, one or more."""
    text = get(name)
    if not text.isdecimal() or not text.isascii() or not 0 < int(text) < 36_500:
        raise SettingsError(f"{name} is {text!r}: give a number of days, 1 or more.")
    return int(text)


def home() -> Path:
    """The runtime folder, absolute; not created here."""
    path = Path(get("KLANKBORD_HOME")).expanduser()
    return path if path.is_absolute() else PROJECT_ROOT / path


def is_sandbox() -> bool:
    """Whether the platforms are played by the sandbox."""
    return get("KLANKBORD_SANDBOX") == "1"


def settled_stands() -> bool:
    """Whether a build leaves settled quarters as they are (klankbord.horizon)."""
    return get("KLANKBORD_SETTLED_STANDS") == "1"


def register_folders() -> list[Path]:
    """Folders of register files, in the order in which they are read."""
    return [
        p if p.is_absolute() else PROJECT_ROOT / p
        for p in map(Path, get("KLANKBORD_REGISTER").split(":"))
    ]


def drop_folder() -> Path:
    """The folder in which people leave export files, absolute; not created here."""
    path = Path(get("KLANKBORD_DROP_FOLDER") or "drop").expanduser()
    return path if path.is_absolute() else home() / path


def now() -> datetime:
    """The one clock: aware, UTC. Fixed by KLANKBORD_NOW."""
    text = get("KLANKBORD_NOW")
    if not text:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise SettingsError(
            f"KLANKBORD_NOW is {text!r}: give an ISO 8601 moment such as 2026-09-30T20:00:00+00:00."
        ) from error
    if moment.tzinfo is None:
        raise SettingsError(f"KLANKBORD_NOW is {text!r}: add its offset, such as +00:00.")
    return moment.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class PlatformSettings:
    """Where a platform answers and with what token (never printed)."""

    base_url: str
    token: str

    def __repr__(self) -> str:
        return f"PlatformSettings(base_url={self.base_url!r}, token=...)"


def platform(name: str) -> PlatformSettings:
    """Address and token of a platform; the sandbox's own when the sandbox is on."""
    upper = name.upper()
    if is_sandbox():
        return PlatformSettings(
            f"http://127.0.0.1:{port('KLANKBORD_SANDBOX_PORT')}/{name}", "sandbox-token"
        )
    if f"KLANKBORD_{upper}_URL" not in NAMES:
        raise SettingsError(f"no settings for platform {name!r}: add KLANKBORD_{upper}_URL.")
    return PlatformSettings(get(f"KLANKBORD_{upper}_URL"), get(f"KLANKBORD_{upper}_TOKEN"))


def owner_token(platform: str, account_id: str) -> str | None:
    """The token that an account's owner gave us, from the environment. In the sandbox every owner
    has given one. The name is KLANKBORD_TOKEN__<PLATFORM>__<ACCOUNT_ID>, in capitals, _ for -."""
    if is_sandbox():
        return "sandbox-token"
    name = f"KLANKBORD_TOKEN__{platform}__{account_id}".upper().replace("-", "_")
    return os.environ.get(name) or None


def today() -> date:
    """The local date of `now()`: the only date that a snapshot can be of."""
    return now().astimezone(LOCAL_ZONE).date()
