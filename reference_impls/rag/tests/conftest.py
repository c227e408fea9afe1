import shutil
from pathlib import Path

import pytest
import torch

from ...corpus.settings import Settings as CorpusSettings
from ...embedding.sentence import SentenceEmbedder
from ...embedding.settings import Settings as EmbeddingSettings
from ...retrieval.settings import Settings as RetrievalSettings
from ..settings import ProjectSettings, Settings
from ..smoke import SAMPLE, Sample


def project(documents: Path, index: Path, **retrieval: object) -> ProjectSettings:
    return ProjectSettings(
        corpus=CorpusSettings(folder=str(documents)),
        retrieval=RetrievalSettings(index_folder=str(index), **retrieval),  # type: ignore[arg-type]
        embedding=EmbeddingSettings(device="cpu"),
        rag=Settings(questions=str(SAMPLE / "questions.jsonl")),
    )


@pytest.fixture(scope="session")
def embedder() -> SentenceEmbedder:
    # Two threads on two busy cores wait for each other; one is quicker whenever anything else runs beside the tests.
    torch.set_num_threads(1)
    return SentenceEmbedder(EmbeddingSettings(device="cpu"))


@pytest.fixture(scope="session")
def indexed(tmp_path_factory: pytest.TempPathFactory, embedder: SentenceEmbedder) -> Path:
    """The sample handbook with its index, made once; tests work on copies."""
    folder = tmp_path_factory.mktemp("indexed")
    made = sample_in(folder, embedder)
    made.restore()
    made.index()
    return folder


@pytest.fixture
def sample(tmp_path: Path, indexed: Path, embedder: SentenceEmbedder) -> Sample:
    """The sample handbook in a new folder, indexed."""
    shutil.copytree(indexed, tmp_path / "sample")
    return sample_in(tmp_path / "sample", embedder)


def sample_in(folder: Path, embedder: SentenceEmbedder) -> Sample:
    """The sample handbook as it stands in a folder."""
    made = Sample(project(SAMPLE / "docs", folder / "unused"), folder)
    made.__dict__["embedder"] = embedder
    return made
