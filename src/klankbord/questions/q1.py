"""Rule set q1, frozen: beside links, mentions and tags there is a word and a question mark.

Its patterns are its own, so that no change elsewhere can move a figure that names q1.
"""

import re

_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_MENTION = re.compile(r"(?<![\w.])@[\w.-]+(?:@[\w.-]+)?")
_HASHTAG = re.compile(r"(?<!\w)#(\w+)")
_WORD = re.compile(r"[^\W\d_]{2,}")


def is_question(text: str) -> bool:
    """Whether a text asks, in any language."""
    if "?" not in text and "？" not in text and "؟" not in text:
        return False
    bare = _HASHTAG.sub(" ", _MENTION.sub(" ", _URL.sub(" ", text)))
    return bool(("?" in bare or "？" in bare or "؟" in bare) and _WORD.search(bare))
