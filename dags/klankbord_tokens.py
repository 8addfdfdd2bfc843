"""Owners' tokens in Airflow: the password of a connection `klankbord_<platform>__<account_id>`.

`expires_at` in its extra says when the token ends (ISO 8601). Airflow encrypts connections and
masks their passwords in logs. A token is fetched inside a task, at the moment of the request: it is
no argument of a task, so it is in no XCom and no rendered template.
"""

from klankbord.tokens import Token, for_connectors, owner_token, read_expiry


def connection_token(platform: str, account_id: str) -> Token | None:
    """The TokenSource of Airflow; None when there is no such connection."""
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    name = f"klankbord_{platform}__{account_id}"
    try:
        found = Connection.get(name)
    except AirflowNotFoundException:
        return None
    if not found.password:
        return None
    expiry = str(found.extra_dejson.get("expires_at") or "")
    return Token(found.password, read_expiry(expiry, f"expires_at of the connection {name}"))


#: what scan tasks give to `extraction.extract(owner_token=...)`
OWNER_TOKENS = for_connectors(connection_token, owner_token)
