"""The ASGI handler."""

from io import BytesIO

from erp.asgi import StreamingHandler


def test_a_body_in_chunks_has_the_length_that_came() -> None:
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": [(b"transfer-encoding", b"chunked")]}

    request, _ = StreamingHandler().create_request(scope, BytesIO(b'{"variants": 2}'))

    assert request is not None
    assert request.META["CONTENT_LENGTH"] == "15"
    assert request.body == b'{"variants": 2}'
