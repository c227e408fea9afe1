"""Recognises sentences that address a language model instead of informing a reader.

A pattern can be evaded (by another language, by spaced letters, by a text that merely states something false); it is
the second line of defence. The first is structural: the extractive model only quotes, and a generated answer comes from
a prompt that fences passages as data.
"""

# ruff: noqa: RUF001 -- patterns in other alphabets, and the letters that look like those of another one

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from ..texts.sentences import sentence_spans

_KINDS: dict[str, tuple[str, ...]] = {
    # Each language: a verb of setting aside, which or whose, and a word for instructions.
    "sets instructions aside": (
        r"\b(ignore|disregard|forget|override|overrule|bypass)\b.{0,40}"
        r"\b(previous|prior|above|earlier|preceding|all|any|your|system|other)\b"
        r".{0,40}\b(instructions?|prompts?|rules?|guidelines?|directions?|context|passages?)\b",
        r"\b(ignorier\w*|missacht\w*|vergiss|vergesst|vergessen sie|übergeh\w*)\b.{0,40}"
        r"\b(alle\w*|vorherig\w*|bisherig\w*|obig\w*|vorig\w*|früher\w*|vorangeh\w*|deine\w*|ihre\w*)\b.{0,40}"
        r"\b(anweisung\w*|instruktion\w*|regeln?|vorgaben?|systemprompt)\b",
        r"\b(ignor(e|ez|er)|oubli(e|ez|er)|néglige[zr]?)\b.{0,40}\b(instructions?|consignes?|règles|directives)\b"
        r".{0,40}\b(précédent\w*|antérieur\w*|ci-dessus|système)\b",
        r"\b(ignor(e|ez)|oubli(e|ez))\b.{0,20}\b(toutes?|tous|tes|vos)\b.{0,30}\b(instructions?|consignes?|règles)\b",
        r"\b(ignor[ae]n?|olvid[ae]n?|descart[ae]n?|haz caso omiso)\b.{0,40}\b(instrucci\w+|reglas|indicaciones)\b"
        r".{0,40}\b(anterior\w*|previas?|sistema)\b",
        r"\b(ignor[ai]|ignorate|dimentica\w*)\b.{0,40}\b(istruzion\w+|regole|indicazioni)\b"
        r".{0,40}\b(precedent\w*|sopra|sistema)\b",
        r"\b(ignor[ea]m?|esque[çc]\w+|desconsider[ea]m?)\b.{0,40}\b(instruç\w+|regras|orientaç\w+)\b"
        r".{0,40}\b(anterior\w*|prévias?|sistema|acima)\b",
        r"\b(negeer|vergeet)\b.{0,40}\b(alle|vorige|eerdere|bovenstaande|jouw|uw)\b.{0,40}\b(instructies|regels)\b",
        r"\b(zignoruj|ignoruj|zapomnij)\w*\b.{0,40}\b(poprzedni\w*|wcześniejsz\w*|wszystki\w*)\b.{0,40}"
        r"\b(instrukcj\w*|polece\w*|zasad\w*)\b",
        r"\b(проигнорир|игнорир|забуд)\w*\b.{0,40}\b(предыдущ|прежн|вс[её]|ваши|твои)\w*\b.{0,40}"
        r"\b(инструкц|указан|правил)\w*\b",
        r"\b(talimat|kural)\w*\b.{0,30}\b(yok say|görmezden gel|unut)\w*\b",
        r"(忽略|无视|忽視|忘记|忘記).{0,12}(之前|以上|所有|先前|前面|你的).{0,12}(指令|指示|规则|規則|提示|说明)",
        r"(以前|上記|すべて|これまで|前)の.{0,8}(指示|命令|ルール|プロンプト).{0,8}(無視|忘れ)",
        r"(이전|위의|모든).{0,10}(지시|명령|규칙|지침).{0,8}(무시|잊)",
        r"(تجاهل|انس).{0,30}(التعليمات|الأوامر|القواعد).{0,20}(السابقة|أعلاه)",
    ),
    "poses as the system": (
        r"\b(system|developer|hidden|secret) (prompt|message|override|instructions?)\b",
        r"^\W*(system|developer|assistant|admin(istrator)?)\s*:",
        r"\b(new|updated|important|real|final) instructions?\s*(:|(for|to) (the )?(ai|assistant|model|you|llm)\b)",
        r"\b(neue|wichtige) anweisung(en)?\s*(für|an|:)|\bnouvelles? (instructions?|consignes?)\s*(pour|:)"
        r"|\bnuevas? instrucci(ón|ones)\s*(para|:)",
    ),
    "addresses an assistant": (
        r"\byou are (now )?(an?|the) (\w+ )?(ai|assistant|language model|chatbot|llm)\b",
        r"\b(ai|language|virtual) (assistant|model)s?\s*[:,]\s*(please |you )?\w+",
        r"\b(as an?|dear|attention|note to|hey|hello) (the )?(ai|assistant|language model|chatbot|llm)s?\b",
        r"\b(ai|language|virtual) (assistant|model)s?\b.{0,40}\b(reading|processing|summari[sz]ing) this\b",
        r"\bfrom now on,? (you (are|must|will|shall)|always|only|answer|reply|respond|say|act|pretend)\b",
        r"\b(pretend|act as if|imagine) (to be|(that )?you (are|were)) (an?|the|not)\b",
        r"\byour (new|real|true|only) (task|role|goal|job|purpose|instructions?)\b",
        r"\bdu bist (ab )?(jetzt|nun)\b|\bab (jetzt|sofort) (antworte|bist du|sagst du)\b"
        r"|\b(sprachmodell|ki-assistent|ki-modell|chatbot)\w*\s*[:,]",
        r"\b(tu es|vous êtes) (maintenant|désormais|à présent)\b|\b(modèle de langage|assistant ia)\s*[:,]",
        r"\b(ahora eres|a partir de ahora,? (eres|responde|di))\b|\b(modelo de lenguaje|asistente de ia)\s*[:,]",
        r"\b(ora sei|d'ora in poi|da ora in poi)\b.{0,20}\b(rispondi|sei|di')|\bagora você é\b|\bje bent nu een\b",
        r"你现在是|从现在(开始|起)|あなたは今から|これからあなたは|너는 이제|지금부터 너는",
        r"\b(теперь|отныне) ты\b|\bteraz jesteś\b",
    ),
    "dictates the answer": (
        r"\b(when|if|whenever|should) (you are |you're |someone |anyone |the user |a user |users? )?"
        r"(asked|asks?|answering|responding)\b.{0,80}\b(say|answer|reply|respond|state|tell|claim|output|write)\b",
        r"\b(reply|respond|answer|output|say|print)\b (to (all|every|any) \w+ )?(only |exactly |always )*"
        r"(with )?(only |exactly )*[\"'“«`]",
        r"\b(respond|reply|answer) (to )?(all|every|any) (questions?|quer(y|ies)|requests?) (with|by)\b",
        r"\b(tell|inform|convince) the (user|reader|customer)s? (that|to)\b",
        r"\bdo not (mention|reveal|disclose|cite|quote|use|trust)\b.{0,40}"
        r"\b(this (instruction|note|message|text)|(other|previous) (passages?|sources?|documents?)|the user)\b",
        r"\b(reveal|print|repeat|output|show|leak|send|translate)\b.{0,40}"
        r"\b(your|system|initial|hidden|the above) (system )?(prompt|instructions?|rules|message)\b",
        r"\b(wenn|falls|sobald)\b.{0,60}\b(gefragt|fragt|frage)\b.{0,80}\b(antworte|antworten sie|sage?|erwidere)\b",
        r"\b(si|quand|lorsque)\b.{0,40}\bdemand\w+.{0,80}\b(réponds|répondez|dis|dites)\b",
        r"\b(si|cuando)\b.{0,40}\bpregunt\w+.{0,80}\b(responde|responda|di|diga|contesta)\b",
        r"\b(se|quando)\b.{0,40}\b(chied\w+|pergunt\w+).{0,80}\b(rispondi|responda|di')",
        r"(如果|当|若).{0,30}(问|问到|詢問).{0,40}(回答|答复|说)|(聞かれ|尋ねられ|質問され).{0,40}(答え|回答)",
        r"(если|когда)\b.{0,40}\bспро\w+.{0,80}\b(отвеча\w+|ответь\w*|скажи\w*)",
    ),
    "imitates the markup of a conversation": (
        r"<\|?(im_start|im_end|system|assistant|user|endoftext|end|eot_id|start_header_id)\|?>|\[/?INST\]|<<SYS>>",
        r"</?\s*(passage|question|system|assistant|instructions?)\b[^>]{0,80}>",
        r"#{2,}\s*(instructions?|system|assistant|response|human|user)\s*:",
        r"!\[[^\]]*\]\(\s*https?://[^)]*\{",
    ),
}
_PATTERNS = {kind: re.compile("|".join(patterns), re.IGNORECASE | re.DOTALL) for kind, patterns in _KINDS.items()}

_EMPHASIS = re.compile(r"[*_`~\\]+")
_PARAGRAPH_END = re.compile(r"\n\s*\n")
_LOOKALIKES = str.maketrans("аеорсухіјѕԁɡӏАЕОРСХІ", "aeopcyxijsdglAEOPCXI")


@dataclass(frozen=True)
class Suspicion:
    """A sentence that addresses a model, word for word, and what it seems to do."""

    sentence: str
    kind: str


def addresses_model(text: str) -> bool:
    """Whether a text reads like an instruction to a language model."""
    return _kind(text) is not None


def suspicions(text: str) -> list[Suspicion]:
    """The sentences of a text that address a model, in order."""
    found = ((text[start:end], _kind(text[start:end])) for start, end in sentence_spans(text))
    return [Suspicion(sentence, kind) for sentence, kind in found if kind is not None]


def trusted_sentences(text: str) -> list[str]:
    """The sentences of a text without those that address a model and those that follow one in its paragraph.

    What an instruction wants to be said often stands in the sentence after it, and looks like any other there.
    """
    trusted = []
    suspicious, before = False, 0
    for start, end in sentence_spans(text):
        if _PARAGRAPH_END.search(text, before, start):
            suspicious = False
        suspicious = suspicious or addresses_model(text[start:end])
        if not suspicious:
            trusted.append(text[start:end])
        before = end
    return trusted


@lru_cache(maxsize=4096)
def _kind(text: str) -> str | None:
    """The first kind of instruction in a text.

    Compatibility forms, invisible characters, emphasis and Cyrillic letters that look Latin are undone first; a text in
    Cyrillic is read as it is too.
    """
    plain = "".join(letter for letter in unicodedata.normalize("NFKC", text) if unicodedata.category(letter) != "Cf")
    # Underscores are emphasis in prose and part of the name in markup, so the plain text is searched as well.
    readings = dict.fromkeys((plain, _EMPHASIS.sub("", plain), plain.translate(_LOOKALIKES)))
    return next(
        (kind for kind, pattern in _PATTERNS.items() if any(pattern.search(reading) for reading in readings)), None
    )
