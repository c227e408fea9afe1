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
    timeout_seconds: float = Field(default=60.0, gt=0, le=3600, description="longest wait for a sign of the endpoint")
    deadline_seconds: float = Field(
        default=180.0, gt=0, le=86_400, description="longest time for an answer, all attempts and pauses together"
    )
    retries: int = Field(default=3, ge=0, le=10, description="further attempts after a busy or failing endpoint")
    requests_per_minute: int = Field(
        default=0, ge=0, le=100_000, description="most requests that begin in a minute; 0 sets no limit"
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.generator != "extractive" and not self.model:
            raise ValueError(f"language_models.model must be set for generator: {self.generator}")
        if self.generator == "openai_compatible":
            _check_address(self.base_url)
        return self


def _check_address(base_url: str) -> None:
    address = urlsplit(base_url)
    if address.scheme not in {"http", "https"} or not address.hostname:
        raise ValueError("language_models.base_url must be an http or https address for openai_compatible")
    if address.port == 0:
        raise ValueError("language_models.base_url names port 0; allowed are 1 to 65535")
    if address.username is not None or address.query or address.fragment:
        raise ValueError(
            "language_models.base_url must end with its path, without a user name, password or question mark; "
            "the key belongs into the environment variable that language_models.api_key_variable names"
        )
