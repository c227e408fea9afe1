"""Who writes the answers."""

from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from ..project_base.settings import RoomSettings


class Settings(RoomSettings):
    """Settings of the answering model."""

    generator: Literal["extractive", "local", "openai_compatible"] = Field(
        default="extractive",
        description="extractive quotes sentences; local runs a causal model; openai_compatible calls an endpoint",
    )
    answer_sentences: int = Field(default=2, ge=1, le=20, description="most sentences that extractive quotes")
    model: str = Field(default="", description="local: hub name or folder; openai_compatible: name of the model there")
    device: Literal["auto", "cpu", "cuda", "mps"] = Field(default="auto", description="where a local model runs")
    max_new_tokens: int = Field(default=300, ge=1, le=100_000, description="longest generated answer, in tokens")
    temperature: float = Field(default=0.0, ge=0, le=2, description="0 always takes the likeliest token")
    base_url: str = Field(default="", description="openai_compatible: address up to and including /v1")
    api_key_variable: str = Field(
        default="OPENAI_API_KEY",
        pattern=r"^([A-Za-z_][A-Za-z0-9_]*)?$",
        description="name of the environment variable that holds the key, never the key itself",
    )
    timeout_seconds: float = Field(default=60.0, gt=0, le=3600, description="longest wait for the endpoint")
    retries: int = Field(default=3, ge=0, le=10, description="further attempts after a busy or failing endpoint")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.generator != "extractive" and not self.model:
            raise ValueError(f"language_models.model must be set for generator: {self.generator}")
        if self.generator == "openai_compatible":
            address = urlsplit(self.base_url)
            if address.scheme not in {"http", "https"} or not address.hostname:
                raise ValueError("language_models.base_url must be an http or https address for openai_compatible")
        return self
