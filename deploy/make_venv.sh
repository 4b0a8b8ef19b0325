#!/bin/sh
# Makes .venv with the given Python. Debian keeps a part of `venv` in a package of its own: as root it is fetched.
set -eu
python=$1

command -v "$python" >/dev/null || { echo "Timeloom needs Python 3.11 or later; there is no '$python'." >&2; exit 1; }
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Timeloom needs Python 3.11 or later, and '$python' is $("$python" -V). Choose another: make PYTHON=python3.12" >&2
    exit 1
}
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    package=$("$python" -c 'import sys; print(f"python3.{sys.version_info.minor}-venv")')
    if command -v apt-get >/dev/null && [ "$(id -u)" -eq 0 ]; then
        echo "Installing $package ..."
        DEBIAN_FRONTEND=noninteractive
        export DEBIAN_FRONTEND
        { apt-get update -qq && apt-get install -qq -y --no-install-recommends "$package"; } >/dev/null
    else
        echo "'$python' can't make virtual environments. Install $package (sudo apt-get install $package), then try again." >&2
        exit 1
    fi
fi
rm -rf .venv
"$python" -m venv .venv
