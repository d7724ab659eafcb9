"""How a text is written down for comparing, so that spacing, accents, case and half-typed syllables do not matter.

Hangul becomes the keys that one presses for it on the standard two-set keyboard (KS X 5002, 1982): a slip of one key is
then a difference of one letter, and ``주민ㄷ`` is the beginning of ``주민등록``.
"""

import re
import unicodedata

LONGEST = 80
"""Characters of a query that are read; the longest name of a service has 60. More would only cost time."""

_LEADING = tuple("ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ")
_VOWELS = (
    *("ㅏ", "ㅐ", "ㅑ", "ㅒ", "ㅓ", "ㅔ", "ㅕ", "ㅖ", "ㅗ", "ㅗㅏ", "ㅗㅐ", "ㅗㅣ", "ㅛ"),
    *("ㅜ", "ㅜㅓ", "ㅜㅔ", "ㅜㅣ", "ㅠ", "ㅡ", "ㅡㅣ", "ㅣ"),
)
_TRAILING = (
    *("ㄱ", "ㄲ", "ㄱㅅ", "ㄴ", "ㄴㅈ", "ㄴㅎ", "ㄷ", "ㄹ", "ㄹㄱ", "ㄹㅁ", "ㄹㅂ", "ㄹㅅ", "ㄹㅌ", "ㄹㅍ", "ㄹㅎ"),
    *("ㅁ", "ㅂ", "ㅂㅅ", "ㅅ", "ㅆ", "ㅇ", "ㅈ", "ㅊ", "ㅋ", "ㅌ", "ㅍ", "ㅎ"),
)
_CONSONANTS = frozenset(_LEADING)
_KEYS_LATIN = "qwertyuiopasdfghjklzxcvbnmQWERTOP"
_KEYS_HANGUL = "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡㅃㅉㄸㄲㅆㅒㅖ"

_FOLD = {
    **{0x1100 + index: keys for index, keys in enumerate(_LEADING)},
    **{0x1161 + index: keys for index, keys in enumerate(_VOWELS)},
    **{0x11A8 + index: keys for index, keys in enumerate(_TRAILING)},
    **dict.fromkeys(range(0x0300, 0x0370), ""),  # accents: a Vietnamese or Russian word is often typed without them
    **{katakana: chr(katakana - 0x60) for katakana in range(0x30A1, 0x30F7)},
    ord("đ"): "d",
    ord("ı"): "i",
    ord("’"): "",
    ord("'"): "",
}
# Thai vowels and the marks of kana are letters, too
_GAPS = re.compile(r"(?:[^\w\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u3099\u309a]|_)+")
_TO_HANGUL = str.maketrans(_KEYS_LATIN, _KEYS_HANGUL)
_TO_LATIN = str.maketrans(_KEYS_HANGUL, _KEYS_LATIN.lower())
_SYLLABLES = re.compile("[가-힣]")


def words(text: str) -> list[str]:
    """The words of ``text`` as they are compared. At most ``LONGEST`` characters of it are read."""
    plain = unicodedata.normalize("NFKC", text[:LONGEST]).casefold()
    letters = unicodedata.normalize("NFD", plain).translate(_FOLD)
    return _GAPS.sub(" ", letters).split()


def initials(text: str) -> str:
    """The first consonants of the Hangul syllables in ``text``: ``ㅈㅁㄷㄹ`` for ``주민등록``."""
    syllables = _SYLLABLES.findall(unicodedata.normalize("NFC", text[:LONGEST]))
    return "".join(_LEADING[(ord(syllable) - 0xAC00) // 588] for syllable in syllables)  # 588 = 21 vowels x 28 endings


def are_initials(key: str) -> bool:
    """Whether a compared text is consonants only, as people type who abbreviate: every syllable has a vowel."""
    return bool(key) and _CONSONANTS.issuperset(key)


def retyped(text: str) -> list[str]:
    """The words again, as if the keyboard had stood in the other of Korean and English; none when it cannot have."""
    query = text[:LONGEST]
    if query.isascii() and any(letter.isalpha() for letter in query):
        return words(query.translate(_TO_HANGUL))
    read = words(query)
    return [word.translate(_TO_LATIN) for word in read] if set("".join(read)) <= set(_KEYS_HANGUL) else []
