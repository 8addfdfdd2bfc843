"""Whose figures a file holds: the register's account behind a platform id, handle or page name."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from psycopg2.extensions import cursor as Cursor  # noqa: N812

from klankbord.imports.faults import listed
from klankbord.imports.understanding import Owner


class OwnerError(ValueError):
    """An account that cannot be told; the text is the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Known:
    """An account of the register, with the names of its organisation."""

    account_id: str
    platform: str
    handle: str
    platform_user_id: str | None
    names: tuple[str, ...]


class Owners:
    """The register's accounts, found by what a file says. stated: accounts that the user named,
    one a platform."""

    def __init__(self, known: Iterable[Known], stated: Sequence[str] = ()) -> None:
        self._accounts: dict[str, Known] = {}
        self._index: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        for account in known:
            self._accounts[account.account_id] = account
            names = {account.handle, *account.names}
            self._add(account, "account_ref", account.platform_user_id or "")
            self._add(account, "handle", account.handle)
            for name in names:
                self._add(account, "page_name", name)
        self.stated: dict[str, Known] = {}
        for account_id in stated:
            account = self._accounts.get(account_id)
            if account is None:
                raise OwnerError(f"the register has no account {account_id!r}: correct --account")
            if self.stated.setdefault(account.platform, account) != account:
                raise OwnerError(f"--account names two accounts on {account.platform}: give one")

    @property
    def account_ids(self) -> set[str]:
        """Every account of the register."""
        return set(self._accounts)

    def _add(self, account: Known, kind: str, text: str) -> None:
        if text:
            self._index[account.platform, kind, text.casefold().lstrip("@")].add(account.account_id)

    def of(self, owner: Owner, *, only_owner: bool) -> tuple[str, str]:
        """(account_id, platform) of a row's owner; OwnerError with the reason.

        What the file says comes first: its id, then its handle, then its name. The account that
        the user named stands in where the register does not know them, if the file is of
        `only_owner` one, and is refused where the register knows better.
        """
        stated = self._stated(owner)
        found = self._found(owner, stated)
        if stated and not found and (wrong := _contradiction(owner, stated)):
            raise OwnerError(
                f"the file is of {wrong[0]}, and the register says that {stated.account_id} is "
                f"{wrong[1]}: correct --account or the register"
            )
        if found and stated and found != stated.account_id:
            raise OwnerError(
                f"it is of {found}, as the file's “{owner}” says, and not of {stated.account_id}: "
                "correct --account"
            )
        if found:
            return found, self._accounts[found].platform
        if stated and (only_owner or not str(owner)):
            return stated.account_id, stated.platform
        if stated:
            raise OwnerError(
                f"“{owner}” is not in the register, and the file is of several: add its id or "
                "handle to the register"
            )
        if str(owner):
            # a handle that is not the account's in the register is not overruled by --account
            other = "" if owner.handle else ", or name the account with --account"
            raise OwnerError(
                f"the register has no {owner.platform} account “{owner}”: add its id or handle to "
                f"the register{other}"
            )
        raise OwnerError("the file does not say whose it is: name the account with --account")

    def _stated(self, owner: Owner) -> Known | None:
        """The account that the user named for the owner's platform."""
        if not self.stated:
            return None
        if owner.platform in self.stated:
            return self.stated[owner.platform]
        if owner.platform or len(self.stated) > 1:
            platform = owner.platform or "no platform that it names"
            raise OwnerError(
                f"the figures are of {platform}, and --account names "
                f"{listed(sorted(a.account_id for a in self.stated.values()))}: correct --account"
            )
        return next(iter(self.stated.values()))

    def _found(self, owner: Owner, stated: Known | None) -> str | None:
        for kind in ("account_ref", "handle", "page_name"):
            text = getattr(owner, kind).casefold()
            hits = self._index.get((owner.platform or "", kind, text), set()) if text else set()
            if kind == "page_name":
                # a page of the same name that has another id is another page
                hits = {hit for hit in hits if not _contradiction(owner, self._accounts[hit])}
            if stated and stated.account_id in hits:
                return stated.account_id
            if len(hits) > 1:
                raise OwnerError(
                    f"“{getattr(owner, kind)}” can be {listed(sorted(hits))}: name the account "
                    "with --account"
                )
            if hits:
                return next(iter(hits))
        return None


def _contradiction(owner: Owner, account: Known) -> tuple[str, str] | None:
    """(what the file says, what the register says) where they name two accounts by id or handle."""
    for said, known in (
        (owner.account_ref, account.platform_user_id or ""),
        (owner.handle, account.handle),
    ):
        if said and known and said.casefold() != known.casefold().lstrip("@"):
            return said, known
    return None


def registered(cursor: Cursor) -> list[Known]:
    """Every account that the register names now."""
    cursor.execute(
        "select a.account_id, a.platform, a.handle, a.platform_user_id,"
        " array_remove(array_agg(distinct n.name), null)"
        " from register.accounts as a"
        " left join register.organisations as o"
        " on o.organisation_id = a.organisation_id and o.superseded_at is null"
        " left join lateral unnest(array[o.name_nl, o.name_fr, o.name_de]) as n (name) on true"
        " where a.superseded_at is null group by 1, 2, 3, 4"
    )
    return [Known(*row[:4], tuple(row[4])) for row in cursor.fetchall()]
