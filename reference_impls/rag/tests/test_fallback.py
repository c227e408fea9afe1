"""Where passages do not suffice, whole documents are read; and only then."""

from collections.abc import Iterator

import pytest

from ...language_models.base import Generation, Prompt
from ..answer import Answer
from ..pipeline import Pipeline
from ..smoke import UNANSWERABLE, Sample

FAR = "A customer returned the Bridge B1 on 3 May."
"""Stands in the last section of a document whose other sections are about the question."""


class Careful:
    """Answers only from a passage that holds the sentence, as a model does that says when passages do not suffice."""

    def __init__(self) -> None:
        self.prompts: list[Prompt] = []

    def generate(self, prompt: Prompt) -> Generation:
        """Cites the first passage that holds the sentence."""
        self.prompts.append(prompt)
        holding = [number for number, passage in enumerate(prompt.passages, start=1) if FAR in passage.text]
        return Generation(f"On 3 May. [{holding[0]}]" if holding else "")

    def stream(self, prompt: Prompt) -> Iterator[str | Generation]:
        """The answer as one piece."""
        generation = self.generate(prompt)
        if generation.text:
            yield generation.text
        yield generation


@pytest.fixture
def far(sample: Sample) -> Sample:
    (sample.documents / "log.md").write_text(
        "# Warranty log\n\n"
        + "".join(f"## Case {n}\n\nThe warranty of the Bridge B1 was asked about, case {n}.\n\n" for n in range(6))
        + f"## Elsewhere\n\n{FAR}\n",
        encoding="utf-8",
    )
    sample.index()
    return sample


def pipeline(sample: Sample, model: Careful, **rag: object) -> Pipeline:
    changed = sample.settings.rag.model_copy(update={"passages": 3, **rag})
    return Pipeline(sample.settings.model_copy(update={"rag": changed}), sample.embedder, model)


QUESTION = "Whose warranty of the Bridge B1 was asked about in the log?"


def test_whole_documents_answer_what_passages_do_not(far: Sample) -> None:
    assert pipeline(far, Careful()).ask(QUESTION).refused
    model = Careful()
    answer = pipeline(far, model, fallback="documents").ask(QUESTION)
    assert (answer.refused, answer.text) == (False, "On 3 May. [1]")
    (source,) = answer.sources
    text = (far.documents / "log.md").read_text(encoding="utf-8")
    assert (source.document, text[source.end - len(FAR) : source.end]) == ("log.md", FAR)
    assert len(model.prompts) == 2
    *_, streamed = pipeline(far, Careful(), fallback="documents").stream(QUESTION)
    assert isinstance(streamed, Answer)
    assert streamed.text == answer.text


def test_documents_that_do_not_fit_are_not_read(far: Sample) -> None:
    model = Careful()
    answer = pipeline(far, model, fallback="documents", fallback_words=10).ask(QUESTION)
    assert (answer.refused, len(model.prompts)) == (True, 1)


def test_what_suffices_or_has_no_support_is_not_asked_again(far: Sample) -> None:
    model = Careful()
    far.edit("log.md", lambda text: text.replace("case 0.", f"case 0. {FAR}"))
    assert not pipeline(far, model, fallback="documents").ask("What was asked about in case 0 of the log?").refused
    assert pipeline(far, model, fallback="documents").ask(UNANSWERABLE).refused
    assert len(model.prompts) == 1
