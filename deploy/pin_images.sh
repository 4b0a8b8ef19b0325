#!/bin/sh
# Looks up the digests of the base images at their registry and writes them into .env, so that every later build and start takes these very images.
# Run it again to take up newer ones. Needs docker with buildx and the network.
#   deploy/pin_images.sh [.env]
set -eu
env=${1:-.env}

pin() {
    name=$1 image=$2
    digest=$(docker buildx imagetools inspect --format '{{.Manifest.Digest}}' "$image")
    case $digest in
        sha256:????????????????????????????????????????????????????????????????) ;;
        *) echo "The registry names no digest of $image, but '$digest'." >&2; exit 1 ;;
    esac
    if [ -f "$env" ]; then
        grep -v "^$name=" "$env" >"$env.new" || true
    else
        : >"$env.new"
    fi
    echo "$name=$image@$digest" >>"$env.new"
    chmod 600 "$env.new"
    mv "$env.new" "$env"
    echo "$name=$image@$digest"
}

pin PYTHON_IMAGE python:3.11-slim-trixie
pin NGINX_IMAGE nginx:1.28-alpine
pin POSTGRES_IMAGE postgres:17-alpine
pin REDIS_IMAGE redis:7.4-alpine
