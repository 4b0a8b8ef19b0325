"""Exits 0 when the web server in this container answers.

A 503 counts: it is how the health page says that Redis or the worker is away, which a restart of the web server
would not mend.
"""

import os
import sys
import urllib.error
import urllib.request

port = os.environ.get("BIND", "127.0.0.1:8000").rpartition(":")[2]
host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].lstrip(".").replace("*", "localhost")
request = urllib.request.Request(f"http://127.0.0.1:{port}/api/generation/health/", headers={"Host": host})
try:
    status = urllib.request.urlopen(request, timeout=4).status  # noqa: S310
except urllib.error.HTTPError as error:
    status = error.code
except OSError:
    status = 0
sys.exit(0 if status in (200, 503) else 1)
