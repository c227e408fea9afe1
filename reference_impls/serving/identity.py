"""Who asks: nobody in particular, or whom a reverse proxy names in headers."""

import hmac
import ipaddress
import os
from dataclasses import dataclass, field
from http import HTTPStatus

from fastapi import Request

from ..project_base.errors import UserError
from .problems import Refused
from .settings import Settings


@dataclass(frozen=True)
class Caller:
    """On whose behalf a request is made; nothing set means nobody in particular."""

    user: str | None = None
    groups: frozenset[str] = field(default_factory=frozenset)
    tenant: str | None = None


def caller_of(request: Request) -> Caller:
    """Who asks, for routes: `Depends(caller_of)`. `Identify` has found it out before."""
    caller: Caller = request.state.caller
    return caller


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Identify:
    """Finds out who asks, as the settings say; a dependency of every route that does work.

    With `identity: header` the headers are believed, so nobody but the proxy may reach the service: it listens on
    this machine alone, or the proxy proves itself by a secret.

    Args:
        settings: `identity` with its headers.

    Raises:
        UserError: The secret of the proxy is wanted and not there.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._secret = b""
        if settings.identity == "none":
            return
        if not settings.secret_variable and not is_loopback(settings.host):
            raise UserError(
                f"with serving.identity: header, everybody who reaches {settings.host} could name himself anybody",
                "set serving.secret_variable to an environment variable whose value the proxy sends in "
                f"{settings.secret_header}, or serving.host to 127.0.0.1",
            )
        if settings.secret_variable:
            self._secret = os.environ.get(settings.secret_variable, "").encode()
            if not self._secret:
                raise UserError(
                    f"the environment variable {settings.secret_variable} (serving.secret_variable) is not set",
                    "set it to a long random text, and have the proxy send the same",
                )

    async def __call__(self, request: Request) -> None:
        """Leaves the caller in the request's state.

        Raises:
            Refused: The proxy did not prove itself, or did not say who asks.
        """
        if self._settings.identity == "none":
            request.state.caller = Caller()
            return
        if self._secret and not hmac.compare_digest(self._bytes(request, self._settings.secret_header), self._secret):
            raise Refused(
                HTTPStatus.UNAUTHORIZED, "this service is asked through its proxy", "use the address of the proxy"
            )
        user = self._text(request, self._settings.user_header)
        if not user:
            raise Refused(
                HTTPStatus.UNAUTHORIZED,
                f"the header {self._settings.user_header} does not say who asks",
                "sign in at the proxy; its owner sees to it that it sends this header",
            )
        groups = (name.strip() for name in self._text(request, self._settings.groups_header).split(","))
        request.state.caller = Caller(
            user, frozenset(filter(None, groups)), self._text(request, self._settings.tenant_header) or None
        )

    def _text(self, request: Request, name: str) -> str:
        try:
            return self._bytes(request, name).decode("utf-8").strip()
        except UnicodeDecodeError as error:
            raise Refused(HTTPStatus.BAD_REQUEST, f"the header {name} is not UTF-8", "mend the proxy") from error

    def _bytes(self, request: Request, name: str) -> bytes:
        wanted = name.lower().encode("ascii")
        found = [value for header, value in request.headers.raw if header == wanted]
        if len(found) > 1:
            # One of them came from whoever asks: the proxy must replace the header, not add to it.
            raise Refused(
                HTTPStatus.BAD_REQUEST, f"the header {name} comes more than once", "have the proxy replace it"
            )
        return found[0] if found else b""
