"""Settings of the answers, and of the whole project."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from ..corpus.settings import Settings as CorpusSettings
from ..embedding.settings import Settings as EmbeddingSettings
from ..language_models.settings import Settings as LanguageModelSettings
from ..lookups.settings import Settings as LookupSettings
from ..project_base.settings import ProjectPath, RoomSettings
from ..project_base.settings import Settings as BaseSettings
from ..reranking.settings import Settings as RerankingSettings
from ..retrieval.settings import Settings as RetrievalSettings
from ..serving.settings import Settings as ServingSettings
from ..vector_stores.settings import Settings as StoreSettings


class Settings(RoomSettings):
    """Settings of retrieval-augmented answers."""

    questions: ProjectPath = Field(description="question file (JSON lines) that `evaluate` uses when none is given")
    passages: int = Field(default=5, ge=1, le=100, description="passages handed to the answering model")
    refuse_below: float = Field(
        default=0.33, ge=0, le=1, description="least support for an answer; 0 never refuses, 1 always"
    )
    fallback: Literal["none", "documents"] = Field(
        default="none", description="documents asks again with whole documents where passages do not suffice"
    )
    fallback_words: int = Field(default=8000, ge=100, le=1_000_000, description="most words of whole documents")
    require_citation: bool = Field(default=True, description="true refuses an answer that cites no passage")
    rewrite: Literal["none", "model"] = Field(
        default="none", description="model has the language model put each question into other words for the search"
    )
    rewrites: int = Field(default=3, ge=1, le=4, description="other wordings that are searched beside the question")
    question_characters: int = Field(default=2000, ge=10, le=50_000, description="longest question that is accepted")
    when_documents_change: Literal["warn", "index", "ignore"] = Field(
        default="warn", description="what `ask` does when documents are newer than the index"
    )
    cache_answers: int = Field(
        default=256,
        ge=0,
        le=100_000,
        description="answers that `serve` keeps until the index changes; with look-ups or 0 none",
    )


class ProjectSettings(RoomSettings):
    """One section for each room of the project."""

    project_base: BaseSettings = Field(default=BaseSettings())
    corpus: CorpusSettings
    vector_stores: StoreSettings = Field(default=StoreSettings())
    embedding: EmbeddingSettings = Field(default=EmbeddingSettings())
    retrieval: RetrievalSettings = Field(default=RetrievalSettings())
    reranking: RerankingSettings = Field(default=RerankingSettings())
    language_models: LanguageModelSettings = Field(default=LanguageModelSettings())
    lookups: LookupSettings = Field(default=LookupSettings())
    serving: ServingSettings = Field(default=ServingSettings())
    rag: Settings

    @model_validator(mode="after")
    def _index_outside_corpus(self) -> Self:
        if Path(self.retrieval.index_folder).resolve().is_relative_to(Path(self.corpus.folder).resolve()):
            raise ValueError("retrieval.index_folder must lie outside corpus.folder, or the index would index itself")
        return self

    @model_validator(mode="after")
    def _rewriting_needs_a_model(self) -> Self:
        if self.rag.rewrite == "model" and self.language_models.generator == "extractive":
            raise ValueError(
                "rag.rewrite: model needs a language model, and extractive only quotes: set language_models.generator "
                "to local or openai_compatible, or rag.rewrite to none"
            )
        return self
