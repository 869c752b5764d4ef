"""The order in which SolutionPackager sorts names: Windows' comparison of texts, under the invariant culture.

Measured on 520,000 random pairs of ASCII texts against .NET Framework's rules under Mono; that other cultures of the
machine, or ICU, sort `-` and `_` alike is unconfirmed.
"""

import unicodedata
from functools import lru_cache

_PLACES = {character: place for place, character in enumerate(' !"#$%&()*,./:;?@[\\]^_`{|}~+<=>0123456789')}
_LETTERS = 100
_LEFT_OUT = "'-"

Key = tuple[tuple[int, ...], tuple[int, ...], tuple[bool, ...], tuple[tuple[int, int], ...]]


@lru_cache(maxsize=4096)
def sort_key(text: str) -> Key:
    """Give what sorts a text: its characters without case, then marks on letters, case (lower first), and at last the
    hyphens and apostrophes, which count for nothing before."""
    places: list[int] = []
    marks: list[int] = []
    upper: list[bool] = []
    left_out: list[tuple[int, int]] = []
    for character in text if text.isascii() else unicodedata.normalize("NFD", text):
        if character in _LEFT_OUT:
            left_out.append((len(places), _LEFT_OUT.index(character)))
        elif unicodedata.combining(character) and marks:
            marks[-1] = marks[-1] * 1000 + ord(character)
        else:
            lower = character.lower()
            places.append(_PLACES.get(character, _LETTERS + ord(lower[0])))
            marks.append(0)
            upper.append(lower != character)
    return tuple(places), tuple(marks), tuple(upper), tuple(left_out)
