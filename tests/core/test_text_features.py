"""What is computed of a text on its way into raw is computed in a hurry: the short ways find what
the plain definitions find."""

import re
from unittest.mock import patch

from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from klankbord import privacy
from klankbord.incidents import words

URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
HASHTAG = re.compile(r"(?<!\w)#(\w+)")
WORD = re.compile(r"\w+")

marks = [" ", "  ", "\t", "\n", "\x1c", "\u00a0", "\u2003", "#", "##", "_", "-", ".", ":", "/"]
links = [
    "https://t.co/a",
    "HTTPS://x#y",
    "httpſ://a",
    "http://",
    "https:// x",
    "www.a.be",
    "WWW.b#",
]
bits = ["#gemeente", "#Été2026", "#a_b", "x#y", "é#z", "#İstanbul", "#ǰ", "in ", "open", "1", "ß"]
pieces = st.sampled_from([*marks, *links, *bits])
terms = st.sampled_from(sorted(words._terms().kinds))
tags = terms.map(lambda term: "#" + term.title().replace(" ", ""))
texts = st.lists(pieces | terms | terms.map(str.upper) | tags | st.text(max_size=3), max_size=9)


def hashtags(text):
    """The tags of a text without its links, plainly."""
    found = dict.fromkeys(tag.lower() for tag in HASHTAG.findall(URL.sub(" ", text)))
    return list(found)[: privacy.HASHTAGS_KEPT]


def may_hold(tag, known):
    """The first look at a tag, left out: all of them get the slow one."""
    return True


@hypothesis_settings(max_examples=1000)
@given(texts, st.sampled_from(["", " "]))
@example(["x#https://a #b"], "")
@example(["#taghttps://a#c #d"], "")
def test_hashtags_are_those_outside_links(parts, glue):
    text = glue.join(parts)
    assert privacy.hashtags(text) == hashtags(text)
    assert list(words._tags(text)) == HASHTAG.findall(text)


def test_only_so_many_hashtags_are_kept():
    text = " ".join(f"#t{n}" for n in range(30))
    assert privacy.hashtags(text) == [f"t{n}" for n in range(20)]


@hypothesis_settings(max_examples=1000)
@given(texts, st.sampled_from(["", " "]))
@example(["brandhttps://x.be"], "")
@example(["brandwww.x.be"], "")
@example(["#", "brand"], "")
@example(["#aan_rijding"], "")  # compact, a tag has no _
@example(["#aanr\u0130jding"], "")  # nor the dot that this letter leaves behind
@example(["#aalstaan_rijdingwww.x.be"], "")  # a link takes away the tag's end
@example(["#aalstaan_rijdinghttps://x.be"], "")
@example(["\u017ftorm"], "")  # folded, a long s is an s
def test_the_first_look_misses_no_incident(parts, glue):
    text = glue.join(parts)
    with (
        patch.object(words, "_has_nothing", lambda *_: False),
        patch.object(words, "_may_hold", may_hold),
    ):
        slow = words.mentions(text)
    assert words.mentions(text) == slow


@given(st.text())
@example("Dag @jan")
@example("a &amp; b")
@example("<p>x")
def test_a_text_without_marks_is_left_as_it_is(text):
    plain = not re.search(r"[@<&]", text)
    assert (privacy.blank_mentions(text) is text) or not plain
    if not plain and "@" in text:
        assert "@jan" not in privacy.blank_mentions(text)
