"""The lines for TLS in deploy/nginx.conf, under a real nginx: it speaks HTTP/2."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import ssl
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.processes import REPOSITORY, SOON_S, free_port, start, wait_until

pytestmark = pytest.mark.processes
NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
OPENSSL = shutil.which("openssl")


def protocol_at(port: int, *offered: str) -> str | None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(list(offered))
    with socket.create_connection(("127.0.0.1", port), timeout=SOON_S) as plain, context.wrap_socket(plain) as secure:
        return secure.selected_alpn_protocol()


def answers(port: int) -> bool:
    with contextlib.suppress(OSError):
        return protocol_at(port, "http/1.1") is not None
    return False


def test_nginx_speaks_http_2_and_redirects_plain_http_once_the_marks_are_taken_away(tmp_path: Path) -> None:
    if NGINX is None or OPENSSL is None:
        pytest.skip("nginx or openssl is not installed (Debian: apt-get install nginx-light openssl)")
    key, certificate, port, plain_port = tmp_path / "site.key", tmp_path / "site.pem", free_port(), free_port()
    request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost", "-keyout", str(key)]
    subprocess.run([OPENSSL, *request, "-out", str(certificate)], check=True, capture_output=True)
    rules = (REPOSITORY / "deploy" / "nginx.conf").read_text()
    assert rules.count("#TLS ") == 4
    rules = (
        rules.replace("#TLS ", "")
        .replace("listen 80;", f"listen 127.0.0.1:{plain_port};")
        .replace("listen 443 ", f"listen 127.0.0.1:{port} ")
    )
    rules = rules.replace("/etc/nginx/tls/site.pem", str(certificate)).replace("/etc/nginx/tls/site.key", str(key))
    temporary = "".join(f"{kind}_temp_path {tmp_path}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root;\n" if os.geteuid() == 0 else ""
    conf = tmp_path / "nginx.conf"
    conf.write_text(
        f"{user}daemon off;\npid {tmp_path}/nginx.pid;\nerror_log {tmp_path}/error.log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{temporary}{rules}\n}}\n"
    )
    process = start([NGINX, "-c", str(conf)], log=tmp_path / "nginx.log")
    try:
        wait_until(lambda: answers(port), what="nginx")
        assert protocol_at(port, "h2", "http/1.1") == "h2"
        # A password goes by no plain HTTP, whichever page was called.
        plain = httpx.get(f"http://localhost:{plain_port}/accounts/login/?next=/", timeout=SOON_S)
        assert (plain.status_code, plain.headers["Location"]) == (301, "https://localhost/accounts/login/?next=/")
    finally:
        process.stop()
