"""Nothing assumes English: documents and questions in other languages, with the model that ships."""

import pytest

from ...embedding.sentence import SentenceEmbedder
from ...retrieval.access import OWNER
from ..pipeline import Pipeline, update_index
from ..settings import ProjectSettings
from .conftest import project

PAPERS = {
    "garantie.md": "# Garantie\n\nDie Garantie der Brücke läuft 36 Monate. Sie beginnt mit dem Tag der Lieferung.\n",
    "akku.md": "# Akku\n\nDer Akku des Fühlers hält zwei Jahre. Er wird vom Hersteller getauscht.\n",
    "保証.md": "# 保証\n\nブリッジの保証期間は三十六か月です。保証は納品日から始まります。\n",
    "電池.md": "# 電池\n\nセンサーの電池は二年間もちます。交換はメーカーが行います。\n",
}
QUESTIONS = [
    ("Wie lange läuft die Garantie der Brücke?", "garantie.md", "36 Monate"),
    ("Wie lange hält der Akku?", "akku.md", "zwei Jahre"),
    ("ブリッジの保証期間は何か月ですか", "保証.md", "三十六か月"),
    ("センサーの電池はどのくらいもちますか", "電池.md", "二年間"),
]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, embedder: SentenceEmbedder) -> ProjectSettings:
    folder = tmp_path_factory.mktemp("languages")
    (folder / "docs").mkdir()
    for name, text in PAPERS.items():
        (folder / "docs" / name).write_text(text, encoding="utf-8")
    made = project(folder / "docs", folder / "index", stop_words="none", context="summary")
    update_index(made, embedder)
    return made


@pytest.mark.parametrize(("question", "document", "quoted"), QUESTIONS)
def test_a_question_finds_the_document_in_its_language(
    settings: ProjectSettings, embedder: SentenceEmbedder, question: str, document: str, quoted: str
) -> None:
    pipeline = Pipeline(settings, embedder)
    by_words = pipeline.retriever.search(question, None, 4, None, "lexical")
    assert by_words[0].chunk.document == document
    answer = pipeline.ask(question, OWNER)
    assert answer.sources[0].document == document
    assert quoted in answer.text
