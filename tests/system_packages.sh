#!/usr/bin/env bash
# The Debian packages that the tests want: a real browser, PostgreSQL, nginx, a reader of PDF files, and FET with its examples. Asks apt for nothing that is there.
set -eu

missing=()
command -v chromium >/dev/null || missing+=(chromium)
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing+=(postgresql)
PATH="$PATH:/usr/sbin" command -v nginx >/dev/null || missing+=(nginx-light)
command -v pdftotext >/dev/null || missing+=(poppler-utils)
command -v fet-cl >/dev/null || missing+=(fet)
[ -d /usr/share/doc/fet-data/examples ] || missing+=(fet-data)
[ ${#missing[@]} -eq 0 ] && exit 0

reason=""
if ! command -v apt-get >/dev/null; then
    reason="this system has no apt-get"
elif [ "$(id -u)" -ne 0 ]; then
    reason="installing them needs root: sudo apt-get install ${missing[*]}"
else
    export DEBIAN_FRONTEND=noninteractive
    echo "Installing ${missing[*]} for the tests ..."
    { apt-get update -qq && apt-get install -qq -y --no-install-recommends "${missing[@]}"; } >/dev/null || reason="apt-get could not install them"
fi
if [ -n "$reason" ]; then
    echo "Not to be had: ${missing[*]} ($reason). The tests that need them are skipped." >&2
    [ "${CI:-}" != "true" ] || exit 1
fi
