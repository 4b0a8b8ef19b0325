#!/bin/sh
# Runs manage.py as the services of deploy/systemd run: as the user timeloom, with the settings of /etc/timeloom.env. As root:
#   deploy/manage.sh backup /backups/timeloom.backup
# systemd reads the file: a shell makes something else of a value with a blank, an & or a $.
set -eu
through=--pipe
if [ -t 0 ] && [ -t 1 ]; then through=--pty; fi
exec systemd-run --quiet --collect --wait "$through" --uid=timeloom --working-directory=/srv/timeloom \
    --property=EnvironmentFile=/etc/timeloom.env --setenv=TIMELOOM_VAR=/var/lib/timeloom \
    /srv/timeloom/.venv/bin/python manage.py "$@"
