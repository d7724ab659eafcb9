"""The eight languages that the city answers in."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    """An ISO 639-1 code; Chinese is written in simplified characters."""

    KO = "ko"
    EN = "en"
    ZH = "zh"
    JA = "ja"
    VI = "vi"
    TH = "th"
    MN = "mn"
    RU = "ru"

    @property
    def own_name(self) -> str:
        """The language's name as its speakers write it."""
        return _OWN_NAMES[self]

    @property
    def tag(self) -> str:
        """The BCP 47 tag for ``lang`` attributes and HTTP headers."""
        return "zh-Hans" if self is Language.ZH else self.value


def to_translate(english: str) -> str:
    """Mark an English text in framework-free code as a key of translations; the edge says it in a language."""
    return english


_OWN_NAMES: Mapping[Language, str] = {
    Language.KO: "한국어",
    Language.EN: "English",
    Language.ZH: "简体中文",
    Language.JA: "日本語",
    Language.VI: "Tiếng Việt",
    Language.TH: "ไทย",
    Language.MN: "Монгол",
    Language.RU: "Русский",
}


@dataclass(frozen=True, slots=True)
class Text:
    """One text in several languages; Korean, the language of the law, is always there."""

    by_language: Mapping[Language, str]

    def __post_init__(self) -> None:
        """Refuse a text without Korean."""
        if not self.by_language.get(Language.KO):
            message = "a text needs at least Korean (ko)"
            raise ValueError(message)

    def into(self, language: Language) -> str:
        """The text in ``language``, else in English, else in Korean."""
        return self.by_language[self.best(language)]

    def best(self, language: Language) -> Language:
        """The language that ``into`` answers in, so that a page can mark and explain a fallback."""
        return next(code for code in (language, Language.EN, Language.KO) if self.by_language.get(code))
