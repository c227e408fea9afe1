"""How labelled data is read, checked and split."""

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from ..project_base.settings import RoomSettings


class Settings(RoomSettings):
    """Settings of labelled data; a column that is not named is looked for under its usual names."""

    text: str = Field(default="", description="column of the text")
    label: str = Field(default="", description="column of the label, for classification")
    spans: str = Field(default="", description="column of the spans, for extraction")
    instruction: str = Field(default="", description="column of the instruction, for generation")
    input: str = Field(default="", description="column of what the instruction is about, added below it")
    response: str = Field(default="", description="column of the wanted response, for generation")
    messages: str = Field(default="", description="column of a whole conversation, for generation")
    system: str = Field(default="", description="column of the system message, for generation")
    group: str = Field(default="", description="column whose rows of one value never stand on two sides of a split")
    time: str = Field(default="", description="column of the date or time, for a split by time")

    header: Literal["auto", "yes", "no"] = Field(default="auto", description="whether the first row names the columns")
    names: str = Field(default="", description="the columns of files without a header, in order, with commas")
    delimiter: Literal["auto", "comma", "semicolon", "tab", "pipe"] = Field(
        default="auto", description="what stands between cells; auto takes what cuts the first row into most cells"
    )
    quotes: Literal["auto", "yes", "no"] = Field(
        default="auto", description="whether quotes enclose cells; auto looks at the file where tabs divide it"
    )
    encoding: str = Field(default="utf-8", description="taken for lines that are not UTF-8")
    bad_rows: Literal["refuse", "skip"] = Field(
        default="refuse", description="what becomes of training where rows cannot be used; skip leaves them out"
    )
    largest_text: int = Field(
        default=50_000, ge=100, le=20_000_000, description="longest text of an example, in characters"
    )

    split: Literal["random", "group", "time", "order"] = Field(
        default="random", description="how test data is chosen where no test file is given"
    )
    validation_share: float = Field(default=0.15, gt=0, lt=0.5, description="share of the rows for validation")
    test_share: float = Field(default=0.15, gt=0, lt=0.5, description="share of the rows for the test")
    seed: int = Field(default=0, ge=0, le=2**31 - 1, description="of the split and of the probe")
    near_duplicate: float = Field(
        default=0.8, ge=0.5, le=1, description="similarity from which two texts count as nearly the same"
    )

    personal_data: Literal["refuse", "warn", "allow"] = Field(
        default="refuse", description="what becomes of training where texts hold personal data; allow does not look"
    )
    personal_data_regions: str = Field(
        default="US, GB", description="countries whose telephone and personal numbers are looked for, with commas"
    )
    probe: Literal["refuse", "warn", "off"] = Field(
        default="refuse", description="what becomes of training where a simple model finds nothing to learn"
    )
    probe_rows: int = Field(default=2000, ge=100, le=10_000, description="most rows with which the labels are shuffled")
    permutations: int = Field(default=100, ge=100, le=10_000, description="shuffles of the labels in the probe")
    target: float = Field(default=0.9, gt=0, lt=1, description="accuracy for which the needed rows are estimated")
    fewest_per_label: int = Field(
        default=10, ge=1, le=10_000, description="labels with fewer examples are named in the check"
    )
    largest_imbalance: float = Field(
        default=20.0, ge=1, le=1e6, description="how many times the rarest label the commonest may be without a remark"
    )

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        try:
            "a".encode(value)
        except LookupError as error:
            raise ValueError("not an encoding that Python knows, for example utf-8, cp1252 or latin-1") from error
        return value

    @field_validator("personal_data_regions")
    @classmethod
    def _countries(cls, value: str) -> str:
        wrong = [name for name in listed(value) if len(name) != 2 or not name.isascii() or not name.isupper()]
        if wrong:
            raise ValueError(f"{wrong[0]!r} is no country code of two capital letters, for example US, GB, DE")
        return value

    @field_validator("names")
    @classmethod
    def _no_name_twice(cls, value: str) -> str:
        names = listed(value)
        twice = [name for name in names if names.count(name) > 1]
        if twice:
            raise ValueError(f"the column {twice[0]!r} is named twice")
        return value

    @model_validator(mode="after")
    def _something_to_train_on(self) -> Self:
        if self.validation_share + self.test_share > 0.8:
            raise ValueError("validation_share and test_share together leave less than 0.2 for training")
        if self.header == "no" and not self.names:
            raise ValueError("header: no needs the columns in names, for example names: label, text")
        return self


def listed(setting: str) -> list[str]:
    """The names in a setting that lists some, with commas between."""
    return [name.strip() for name in setting.split(",") if name.strip()]
