"""How X answers: its posts as items, its two error forms, partial errors inside a 200, its limits.

Source: X's documentation of response codes and xdk's Problem models; the three forms in which it
says that the money is spent (429 usage-capped, 402 and 403 credits) were reported by its users.
"""

import html
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

import httpx

from klankbord.platforms.events import Item
from klankbord.verdicts import Gone, Kind, Refused, RequestError, ServerError, Verdict, parse_reset

_REPOST = {"retweeted", "reposted"}
_TEXTS = ("text", "note_post", "note_tweet")


def classify(response: httpx.Response) -> Verdict:
    """How X says no: problem+json, in which the type decides before the status does."""
    status = response.status_code
    if status < 300:
        return Verdict(Kind.OK)
    if status >= 500:
        return Verdict(Kind.RETRY)
    body = _object(response)
    problem = _problem_type(body)
    detail = f"{body.get('title') or 'no title'} ({problem or 'no problem type'})"
    # money: 429 usage-capped, 402 CreditsDepleted, 403 SpendCapReached. Waiting minutes is no use
    if status == 402 or problem in ("usage-capped", "credits"):
        return Verdict(Kind.THROTTLED, "usage_capped", detail, _next_cycle(body))
    if status == 429:  # problem+json, or the older errors[].code 88: the header counts in both
        return Verdict(Kind.THROTTLED, None, detail, reset(response))
    if status == 401:
        return Verdict(Kind.REFUSED, "token_expired", detail)
    if status == 403:
        return Verdict(Kind.REFUSED, "permission", detail)
    if status in (404, 410):
        return Verdict(Kind.GONE, None, detail)
    unknown = status == 400 and any(
        name in response.text for name in ("post.fields", "referenced_posts")
    )
    return Verdict(Kind.BAD_REQUEST, "unknown_names" if unknown else None, detail)


def _object(response: httpx.Response) -> Mapping[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def objects(body: Mapping[str, Any], key: str, path: str, *needs: str) -> list[dict[str, Any]]:
    """The list of objects under `key` (absent: empty); ServerError unless each has its `needs`."""
    found = body.get(key) or []
    is_whole = (
        isinstance(found, list)
        and all(isinstance(each, dict) for each in found)
        and all(each.get(need) for need in needs for each in found)
    )
    if not is_whole:
        raise ServerError(f"GET {path}: {key} is no list of objects.", "malformed_answer")
    return found


def _problem_type(problem: Mapping[str, Any]) -> str:
    """`usage-capped` of https://api.twitter.com/2/problems/usage-capped; the host has changed."""
    return str(problem.get("type") or "").rpartition("/")[2]


def is_about(problem: Mapping[str, Any], user_id: str) -> bool:
    """Whether a partial error concerns the account asked for, and not a post that it refers to."""
    return user_id in (str(problem.get("value")), str(problem.get("resource_id")))


def is_gone(problem: Mapping[str, Any]) -> str:
    """The id of the post that a partial error says is deleted; '' when it says something else."""
    if _problem_type(problem) != "resource-not-found":
        return ""
    return str(problem.get("value") or problem.get("resource_id") or "")


def refused_field(problem: Mapping[str, Any]) -> tuple[str, str]:
    """(field, type) of a partial error that refuses one field of a post; ('', '') of another."""
    kind = _problem_type(problem)
    if kind not in ("not-authorized-for-field", "field-unauthorized"):
        return "", ""
    return str(problem.get("field") or ""), kind


def refusal(problem: Mapping[str, Any] | None, path: str) -> RequestError:
    """An entry of `errors` as a typed error, in our words: X's own name people."""
    if problem is None:
        return RequestError(f"GET {path}: the answer leaves the account out.", "missing_in_answer")
    kind = _problem_type(problem)
    if kind == "resource-not-found" and "suspended" in str(problem.get("detail")):
        return Gone(f"GET {path}: X has suspended the account.", "suspended")
    if kind == "resource-not-found":
        return Gone(f"GET {path}: X knows no such account.")
    if kind == "not-authorized-for-resource":
        return Refused(f"GET {path}: X shows the account to followers only.", "protected")
    return RequestError(f"GET {path}: X answers {kind or 'without a problem type'}.")


def reset(response: httpx.Response) -> datetime | None:
    """When the endpoint's budget is filled again (epoch seconds); None when it is not said."""
    return parse_reset(response.headers.get("x-rate-limit-reset"))


def _next_cycle(body: Mapping[str, Any]) -> datetime:
    """When money flows again: the body's reset_date, else the start of the next month in UTC."""
    now = datetime.now(UTC)
    said = parse_reset(str(body.get("reset_date") or ""))
    if said and said > now:
        return said
    first = datetime.combine(now.date().replace(day=1), time.min, UTC)
    return (first + timedelta(days=32)).replace(day=1)


def own_post(account_id: str, user_id: str, post: Mapping[str, Any]) -> Item | None:
    """A timeline's item. A repost repeats somebody else's text, so it goes without."""
    if str(post.get("author_id") or user_id) != user_id:
        return None
    addressed = post.get("in_reply_to_user_id")
    references = _references(post)
    is_reply = str(addressed) != user_id if addressed else "replied_to" in references
    text = _text(post)
    if references and _REPOST & references:
        post, text = {key: post[key] for key in post if key not in _TEXTS}, None
    return Item(
        account_id,
        "posts",
        str(post["id"]),
        post,
        user_id,
        True,
        text,
        is_reply,
        created_at=created_at(post),
        answers=_answers(post),
    )


def mention(account_id: str, user_id: str, post: Mapping[str, Any]) -> Item | None:
    """What somebody else wrote to the account; reposts and the account's own posts are not that."""
    author = post.get("author_id")
    if str(author) == user_id or _REPOST & _references(post):
        return None
    author_id = str(author) if author else None
    return Item(
        account_id,
        "messages",
        str(post["id"]),
        post,
        author_id,
        False,
        _text(post),
        created_at=created_at(post),
    )


def is_repost(post: Mapping[str, Any]) -> bool:
    """Whether a post only repeats somebody else's."""
    return bool(_REPOST & _references(post))


def _references(post: Mapping[str, Any]) -> set[str]:
    """How a post refers to others: replied_to, quoted, retweeted (the name was not changed)."""
    found = post.get("referenced_posts") or post.get("referenced_tweets")
    if not found:
        return set()
    return {str(r.get("type")) for r in found if isinstance(r, dict)}


def _text(post: Mapping[str, Any]) -> str | None:
    """The whole text, unescaped: a post of more than 280 characters has it in its note."""
    note = post.get("note_post") or post.get("note_tweet")
    text = note.get("text") if isinstance(note, dict) else post.get("text")
    return html.unescape(text) if isinstance(text, str) else None


def created_at(post: Mapping[str, Any]) -> datetime | None:
    """When a post was created, aware; None where X does not say."""
    try:
        moment = datetime.fromisoformat(post["created_at"])
    except (KeyError, TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _answers(post: Mapping[str, Any]) -> int | None:
    """How many answers X counts; None where it does not say."""
    counters = post.get("public_metrics")
    count = counters.get("reply_count") if isinstance(counters, dict) else None
    return count if isinstance(count, int) and not isinstance(count, bool) else None
