"""Recognises sentences that address a language model instead of informing a reader.

A pattern can be evaded; it is the second line of defence. The first is structural: the extractive model only quotes,
and a generated answer comes from a prompt that fences passages as data.
"""

import re

_PATTERNS = re.compile(
    r"\b(ignore|disregard|forget|override|bypass)\b.{0,40}\b(previous|prior|above|earlier|preceding|all|any|your|system)\b"
    r".{0,40}\b(instructions?|prompts?|rules?|guidelines?|directions?|context)\b"
    r"|\b(system|developer|hidden)\s+prompt\b"
    r"|\byou are (now )?(an?|the) (\w+ )?(ai|assistant|language model|chatbot|llm)\b"
    r"|\b(ai|language|virtual) (assistant|model)s?\s*[:,]\s*(please |you )?\w+"
    r"|\b(as an?|dear|attention) (ai|assistant|language model|llm)\b"
    r"|\b(when|if) (you are )?(asked|answering|responding)\b.{0,60}\b(say|answer|reply|respond|state|tell)\b"
    r"|\b(reply|respond|answer) (only )?with (only |exactly )?[\"'“]"
    r"|<\|?(im_start|im_end|system|assistant|endoftext)\|?>|\[/?INST\]|<<SYS>>",
    re.IGNORECASE | re.DOTALL,
)


def addresses_model(sentence: str) -> bool:
    """Whether a sentence reads like an instruction to a language model."""
    return _PATTERNS.search(sentence) is not None
