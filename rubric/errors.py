"""What can go wrong with a rubric file."""

from transcription.errors import Problem


class RubricProblem(Problem):
    """A rubric file that cannot be read, or does not have the form it should; the text names the path and the cure."""
