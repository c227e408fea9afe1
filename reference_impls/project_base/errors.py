"""The errors that a person at the terminal may see."""


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
