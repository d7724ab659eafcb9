"""What the sandbox bank shows people: one plain page in Korean and English, without script."""

from collections.abc import Mapping
from html import escape
from typing import Any, Final

LANGUAGES: Final = ("ko", "en")

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "ko": {
        "bank": "샌드박스 은행", "note": "시험용 은행입니다. 실제 돈이 오가지 않습니다.", "payee": "받는 곳",
        "city": "서울특별시 (시범)", "amount": "금액", "pay": "결제하기", "decline": "결제하지 않고 돌아가기",
        "paid": "이미 결제되었습니다.", "declined": "결제하지 않기로 하셨습니다.", "refunded": "환급되었습니다.",
        "back": "서울시로 돌아가기", "unknown": "이런 결제가 없습니다.", "other": "English", "reference": "거래 번호",
    },
    "en": {
        "bank": "Sandbox bank", "note": "A bank for trying things out. No real money moves.", "payee": "Payee",
        "city": "Seoul (demonstration)", "amount": "Amount", "pay": "Pay", "decline": "Do not pay, go back",
        "paid": "This has been paid.", "declined": "You decided not to pay.", "refunded": "This was refunded.",
        "back": "Back to the city", "unknown": "There is no such payment.", "other": "한국어", "reference": "Reference",
    },
}

STYLE: Final = b"""
@font-face { font-family: "Bank"; unicode-range: U+1100-11FF, U+3130-318F, U+AC00-D7A3;
  src: local("Apple SD Gothic Neo"), local("Malgun Gothic"), local("Noto Sans KR"), local("Noto Sans CJK KR"),
  url("hangul.otf") format("opentype"); }
body { font: 18px/1.6 system-ui, "Bank", sans-serif; word-break: keep-all; max-width: 30rem;
  margin: 8vh auto; padding: 0 1.25rem; color: #1c1b19; background: #fff; }
h1 { font-size: 1.3rem; margin: 0; }
.note { border-left: 4px solid #8a5a00; background: #fbf3e2; padding: 0.75rem 1rem; }
dl { border-top: 1px solid #cfccc5; }
dl div { display: flex; justify-content: space-between; gap: 1rem; padding: 0.75rem 0;
  border-bottom: 1px solid #cfccc5; }
dt { color: #55524c; }
dd { margin: 0; text-align: right; overflow-wrap: anywhere; }
.amount { font-size: 1.6rem; font-weight: 600; }
button, .button { display: block; box-sizing: border-box; width: 100%; min-height: 48px; padding: 0.6rem 1rem;
  margin-top: 0.75rem; font: inherit; text-align: center; text-decoration: none; border: 1px solid #123f63;
  border-radius: 4px; background: #123f63; color: #fff; cursor: pointer; }
button.second { background: none; color: #123f63; }
:focus-visible { outline: 3px solid #b3541e; outline-offset: 2px; }
a { color: #123f63; }
.languages { text-align: right; }
.languages a { display: inline-block; min-height: 44px; line-height: 44px; }
@media (prefers-color-scheme: dark) {
  body { color: #eceae5; background: #161614; } dt { color: #b5b1a8; } .note { background: #332a17; }
  a { color: #8fc1e6; } button, .button { background: #8fc1e6; border-color: #8fc1e6; color: #10202d; }
  button.second { color: #8fc1e6; } dl, dl div { border-color: #45433e; }
}
"""


def page(payment: Mapping[str, Any], language: str) -> bytes:
    """The page of a payment: the two buttons while it is open, else what became of it."""
    words = _WORDS[language]
    facts = (
        (words["payee"], escape(words["city"])), (words["reference"], escape(str(payment["reference"])[:8])),
        (words["amount"], f'<span class="amount">₩{int(payment["amount"]):,}</span>'),
    )
    listed = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts)
    return _whole(language, f"<dl>{listed}</dl>{_decision(payment, words)}")


def unknown(language: str) -> bytes:
    """The page of a payment that is none."""
    return _whole(language, f"<p>{_WORDS[language]['unknown']}</p><p><a href=\"/\">{_WORDS[language]['back']}</a></p>")


def _decision(payment: Mapping[str, Any], words: Mapping[str, str]) -> str:
    if payment["state"] != "open":
        back = escape(str(payment["return_url"]))
        return f'<p>{words[payment["state"]]}</p><p><a class="button" href="{back}">{words["back"]}</a></p>'
    return (
        '<form method="post">'
        f'<button name="decision" value="pay">{words["pay"]}</button>'
        f'<button class="second" name="decision" value="decline">{words["decline"]}</button></form>'
    )


def _whole(language: str, content: str) -> bytes:
    words = _WORDS[language]
    other = next(one for one in LANGUAGES if one != language)
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{words["bank"]}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="stylesheet" href="../bank.css"></head><body><main>'
        f'<p class="languages"><a href="?lang={other}" lang="{other}" hreflang="{other}">{words["other"]}</a></p>'
        f'<h1>{words["bank"]}</h1><p class="note">{words["note"]}</p>{content}</main></body></html>'
    ).encode()
