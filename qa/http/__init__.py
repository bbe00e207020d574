"""The HTTP interface. Nothing outside this package imports litestar or uvicorn.

app          `create_app`: the routes put together over one store
server       `serve`: the same behind uvicorn, until it is told to stop
calls        recordings in, their state and results out
transcripts  transcripts in, scored at once
audit        who read, changed or deleted what
finding      a call by any of its names, the worst calls, the agents
outcomes     what became of calls
teams        teams, comparisons, and how the server is
parameters   query parameters that no route knows
forms        multipart forms, streamed
recordings   recordings out, by byte ranges
requests     a line in the log for each request
problems     every error as problem+json
page         the description of all this, as a page that needs no network
"""

from qa.http.app import create_app
from qa.http.server import serve

__all__ = ["create_app", "serve"]
