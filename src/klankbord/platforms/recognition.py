"""Whether who answered is who was meant: a name may be a citizen's by now, a token somebody else's.

What a platform's id says outweighs any name. The sentence does not say who answered instead.
"""

from klankbord.verdicts import Refused


def refusal(
    title: str,
    handle: str,
    known_id: str | None,
    is_registered: bool,
    user_id: str,
    name: str | None,
) -> Refused | None:
    """Why who answered (`user_id`, and `name` where a token alone says whose account is read) is
    not the account of `handle`; None: it is, or nobody knows better. `known_id`: the platform's id
    that has to answer, by the register (`is_registered`) or by what was read before."""
    if known_id is not None:
        if user_id == known_id:
            return None
        whose = "that the register names" if is_registered else "that was read before"
        whose = f"{whose} (platform id {known_id})"
    elif name is None or name.casefold() == handle.casefold():
        return None
    else:
        whose = f"that the register names ({handle})"
    return Refused(
        f"{title} answers with another account than the one {whose}; nothing of it was stored. "
        "Correct its handle and platform_user_id in accounts.csv, or its owner's token; if the "
        "name is a stranger's now, end the account there.",
        "wrong_account",
    )
