"""What can go wrong with a rubric file."""

from transcription.errors import Problem


class RubricProblem(Problem):
    """A rubric file that cannot be read, or does not have the form it should; the text names the path and the cure.

    The text is the first thing that is wrong; `every` has all of them, a line each.
    """

    def __init__(self, *every: str) -> None:
        super().__init__(every[0])
        self.every = every
