import pytest

from ..words import content_words, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The Fox's 2 dens", ["the", "fox", "s", "2", "dens"]),
        ("Größe der Brücke", ["größe", "der", "brücke"]),
        ("Die Gro\u0308\u00dfe", ["die", "größe"]),
        ("保証期間は二年です。", ["保証", "証期", "期間", "間は", "は二", "二年", "年で", "です"]),
        ("電池", ["電池"]),
        ("橋", ["橋"]),
        ("USBケーブル3本", ["usb", "ケー", "ーブ", "ブル", "3", "本"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("การรับประกัน"[:4], ["กา", "าร", "รร"]),
        ("гарантия на мост", ["гарантия", "на", "мост"]),
        ("الضمان سنتان", ["الضمان", "سنتان"]),
        ("??? 🙂 \u0301 \ufe0f ...", []),
    ],
)
def test_words_of_many_scripts(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_stop_words_are_left_out() -> None:
    assert content_words("The fox AND the hen", frozenset({"the", "and"})) == ["fox", "hen"]
