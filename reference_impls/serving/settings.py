"""How the HTTP service listens, what it limits and whom it believes."""

from typing import Annotated, Literal

from pydantic import Field

from ..project_base.settings import RoomSettings

_HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")]


class Settings(RoomSettings):
    """Settings of the HTTP service."""

    host: str = Field(default="127.0.0.1", min_length=1, description="address to listen on")
    port: int = Field(default=8000, ge=0, le=65_535, description="port to listen on; 0 lets the system choose")
    allowed_hosts: str = Field(
        default="", description="names in the Host header, with commas; empty allows this machine and serving.host"
    )
    most_concurrent: int = Field(default=8, ge=1, le=1000, description="requests in work at once")
    body_kilobytes: int = Field(default=64, ge=1, le=100_000, description="longest body of a request in KB")
    timeout_seconds: int = Field(default=60, ge=1, le=3600, description="longest time for one request")
    identity: Literal["none", "header"] = Field(
        default="none", description="none is nobody in particular; header trusts the headers of a reverse proxy"
    )
    user_header: _HeaderName = Field(default="X-Forwarded-User", description="header with the name of the user")
    groups_header: _HeaderName = Field(default="X-Forwarded-Groups", description="header with the groups, with commas")
    tenant_header: _HeaderName = Field(default="X-Forwarded-Tenant", description="header with the tenant of the user")
    secret_header: _HeaderName = Field(default="X-Proxy-Secret", description="header with the secret of the proxy")
    secret_variable: str = Field(default="", description="environment variable with the secret of the proxy")
    log_texts: bool = Field(default=False, description="true writes what is asked into the log too")
