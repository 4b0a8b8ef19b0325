"""The stream's entry in the OpenAPI schema, which the REST framework cannot know: it is a plain Django view."""

from __future__ import annotations

from typing import Any

DETAIL = {"application/json": {"schema": {"type": "object", "properties": {"detail": {"type": "string"}}, "required": ["detail"]}}}
EVENT = {
    "type": "object",
    "description": "One event.",
    "properties": {
        "event": {"type": "string", "enum": ["connected", "progress", "done", "ended"]},
        "id": {"type": "string"},
        "retry": {"type": "integer"},
        "data": {"type": "string", "description": "JSON in one line."},
    },
    "required": ["event", "data"],
}
STREAM = {
    "operationId": "progress_stream",
    "description": (
        "The job's progress as server-sent events: `connected`, then a `progress` whenever the record changed, "
        "comments as heartbeats, and `done` with the final status, after which the server closes. Where the right to watch ends "
        "meanwhile, within seconds `ended` with `status` (401, 403, 404), `reason` (`signed_out`, `forbidden`, `missing`) and `detail` "
        "comes instead."
    ),
    "parameters": [
        {"in": "path", "name": "job_id", "required": True, "schema": {"type": "string", "format": "uuid"}},
        {"in": "header", "name": "Last-Event-ID", "schema": {"type": "string"}},
    ],
    "tags": ["generation"],
    "security": [{"jwtAuth": []}, {"cookieAuth": []}],
    "responses": {
        "200": {"description": "The events.", "content": {"text/event-stream": {"schema": EVENT}}},
        "400": {"description": "It has a parameter; this address takes none.", "content": DETAIL},
        "401": {"description": "Not signed in.", "content": DETAIL},
        "403": {"description": "A role that does not follow jobs.", "content": DETAIL},
        "404": {"description": "No such job, or another organization's.", "content": DETAIL},
        "503": {"description": "Too many streams; see Retry-After.", "content": DETAIL},
    },
}


def stream_documented(result: dict[str, Any], generator: object, request: object, public: bool) -> dict[str, Any]:
    """A drf-spectacular postprocessing hook."""
    result["paths"]["/api/generation/stream/{job_id}/"] = {"get": STREAM}
    result["paths"] = dict(sorted(result["paths"].items()))
    return result
