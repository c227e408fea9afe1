"""The errors that a person at the terminal may see."""

import errno

_SYSTEM_HINTS = {
    errno.ENOSPC: "free some space on that disk, or change the path in config.yaml",
    errno.EDQUOT: "free some of your disk quota, or change the path in config.yaml",
    errno.EFBIG: "raise the limit on the size of files (ulimit -f), or change the path in config.yaml",
    errno.EACCES: "change the permissions, or the path in config.yaml",
    errno.EPERM: "change the permissions, or the path in config.yaml",
    errno.EROFS: "choose a path on a disk that can be written",
}


class UserError(Exception):
    """Something that the user can mend; the command line prints it without a traceback and exits with code 1.

    Attributes:
        message: What is wrong, where, and what is allowed.
        next_step: What to do now, as one sentence or one command.
    """

    def __init__(self, message: str, next_step: str) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step


class QuestionError(UserError):
    """Something about a question that whoever asks can mend; other errors are for the owner of the project."""


def system_error(error: OSError) -> UserError:
    """What a user is told of a failure of the system: a full disk, missing rights and the like."""
    return UserError(
        f"{error.filename or 'writing'}: {error.strerror or error}",
        _SYSTEM_HINTS.get(error.errno or 0, "mend that path and run the command again"),
    )
