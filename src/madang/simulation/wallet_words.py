"""What the played wallet says, in its two languages."""

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "ko": {
        "lang": "ko", "title": "지갑 (시험용)", "note": "시험용 지갑입니다. 실제 사람은 없습니다.",
        "number": "발급 화면에 보이는 번호 (6자리)", "take": "지갑에 담기", "taken": "지갑에 담았습니다.",
        "back": "내 문서로 돌아가기", "held": "지갑에 있는 문서", "empty": "지갑이 비어 있습니다.",
        "none": "보여 줄 수 있는 문서가 지갑에 없습니다.", "show": "무엇을 보여 주시겠습니까? 아래 항목만 전달됩니다.",
        "yes": "보여 주기", "no": "보여 주지 않기", "not_taken": "받아들여지지 않았습니다.",
        "wrong": "이 요청에는 응답할 수 없습니다.",
    },
    "en": {
        "lang": "en", "title": "Wallet (sandbox)", "note": "A wallet for trying things out. Nobody in it exists.",
        "number": "Number on the page that offers it (6 digits)", "take": "Put it in the wallet",
        "taken": "It lies in the wallet.", "back": "Back to my documents", "held": "In the wallet",
        "empty": "The wallet is empty.", "none": "Nothing in the wallet fits this question.",
        "show": "What do you want to show? Only these lines are told.", "yes": "Show it", "no": "Do not show it",
        "not_taken": "It was not taken.", "wrong": "This cannot be answered.",
    },
}
