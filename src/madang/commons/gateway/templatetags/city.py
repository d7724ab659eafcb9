"""How templates write the city's own kinds: texts in a language, days, hours."""

from datetime import date, datetime

from django import template
from django.utils import formats, timezone
from django.utils.safestring import SafeString, mark_safe

from madang.kernel.languages import Language, Text

register = template.Library()


@register.filter
def into(text: Text, language: Language) -> str:
    """A text in ``language``, else in English, else in Korean."""
    return text.into(language)


@register.filter
def day(moment: datetime | date | None) -> SafeString | str:
    """The day in Seoul, as the reader's language writes it, readable by machines too."""
    if moment is None:
        return ""
    local = timezone.localtime(moment) if isinstance(moment, datetime) else moment
    # both parts are Django's own formats of a date
    return mark_safe(f'<time datetime="{local:%Y-%m-%d}">{formats.date_format(local, "DATE_FORMAT")}</time>')  # noqa: S308 -- both are dates of our own making


@register.filter
def moment(when: datetime | None) -> SafeString | str:
    """The day and the minute in Seoul, 24 hours, as the reader's language writes the day."""
    if when is None:
        return ""
    local = timezone.localtime(when)
    written = f"{formats.date_format(local, 'DATE_FORMAT')} {local:%H:%M}"
    return mark_safe(f'<time datetime="{local.isoformat(timespec="minutes")}">{written}</time>')  # noqa: S308 -- as above
