"""A project on the sample in a temporary folder, with a local server as its endpoint."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from ...project_base.rooms import PACKAGE_NAME
from ..items.reading import read_items
from ..measuring.opening import Opened
from ..settings import ProjectSettings
from .endpoint import Answer, Conversation

SAMPLE = Path(__file__).parents[1] / "sample"
_INPUT = re.compile(r"<(input|document)>\n(.*)\n</\1>\Z", re.DOTALL)

METHODS: Mapping[str, Mapping[str, object]] = {
    "few_shot": {
        "prompt": str(SAMPLE / "prompts" / "route_message.md"),
        "items": str(SAMPLE / "messages.jsonl"),
        "examples": str(SAMPLE / "message_examples.jsonl"),
    },
    "whole_corpus": {
        "prompt": str(SAMPLE / "prompts" / "answer_question.md"),
        "items": str(SAMPLE / "questions.jsonl"),
        "examples": "",
    },
    "map_reduce": {
        "prompt": str(SAMPLE / "prompts" / "read_report.md"),
        "reduce_prompt": str(SAMPLE / "prompts" / "word_result.md"),
        "question": "Which fault is the most frequent?",
        "items": str(SAMPLE / "report_fields.jsonl"),
        "examples": "",
    },
}
_FOLDERS = {"few_shot": "handbook", "whole_corpus": "handbook", "map_reduce": "reports"}


def sample_settings(
    settings: ProjectSettings, folder: Path, method: str, base_url: str = "", **changes: object
) -> ProjectSettings:
    """The project's settings on the sample of a method.

    Args:
        settings: Those of the project; embedder and window are taken as they are.
        folder: Where runs are kept.
        method: few_shot, whole_corpus or map_reduce.
        base_url: Of the endpoint; empty for the stand-in.
        changes: Other values of `prompting`.
    """
    own = {"method": method, "runs_folder": str(folder / "runs"), **METHODS[method], **changes}
    models: dict[str, object] = {"generator": "extractive"}
    if base_url:
        models = {
            "generator": "openai_compatible",
            "base_url": base_url,
            "model": "stands-for-an-endpoint",
            "api_key_variable": "",
            "retries": 3,
            "requests_per_minute": 0,
        }
    return settings.model_copy(
        update={
            "corpus": settings.corpus.model_copy(update={"folder": str(SAMPLE / _FOLDERS[method])}),
            "language_models": settings.language_models.model_copy(update=models),
            "prompting": settings.prompting.model_copy(update=own),
        }
    )


def opened(settings: ProjectSettings, **options: Any) -> Opened:
    """The project, opened."""
    return Opened(settings, **options)


def last_input(messages: Conversation) -> str:
    """The input of a conversation, as it was before it was fenced."""
    for turn in reversed(messages):
        found = _INPUT.search(turn["content"])
        if turn["role"] == "user" and found:
            return found.group(2)
    return ""


def answers_of(items: Mapping[str, str], otherwise: str = "") -> Answer:
    """An answering function that gives each input its output."""

    def answer(messages: Conversation) -> str:
        return items.get(last_input(messages), otherwise)

    return answer


def wanted_outputs(path: Path) -> dict[str, str]:
    """The wanted output of each input."""
    return {item.input: item.wanted() for item in read_items(path)}


def write_config(settings: ProjectSettings, folder: Path) -> Path:
    """A config.yaml with these settings."""
    file = folder / "config.yaml"
    file.write_text(yaml.safe_dump(settings.model_dump(mode="json"), sort_keys=False), encoding="utf-8")
    return file


def command(config: Path, *arguments: str) -> list[str]:
    """The command line that runs a command of this project in a process of its own."""
    return [sys.executable, "-m", PACKAGE_NAME, "prompting", *arguments, "--config", str(config)]


def start(config: Path, *arguments: str) -> subprocess.Popen[str]:
    """Starts a command of this project."""
    return subprocess.Popen(
        command(config, *arguments),
        cwd=Path(__file__).parents[3],
        env={**os.environ, "NO_PROXY": "127.0.0.1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def copied(path: Path, folder: Path, change: Callable[[str], str] = lambda text: text) -> Path:
    """A copy of a sample file, changed."""
    target = folder / path.name
    shutil.copyfile(path, target)
    target.write_text(change(target.read_text(encoding="utf-8")), encoding="utf-8")
    return target
