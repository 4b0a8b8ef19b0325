"""Settings for the tests: the site's own, in a data directory that no developer uses.

Read by `--ds` in pyproject.toml, before any conftest; each process of a parallel run has a directory of its own.
"""

import os
import tempfile

os.environ["TIMELOOM_VAR"] = tempfile.mkdtemp(prefix="timeloom-tests-")
# Of the run as a whole: the first process makes it, and those that it starts are given its name.
os.environ.setdefault("TIMELOOM_TESTS", os.environ["TIMELOOM_VAR"])
os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 50)

from erp.settings import *  # noqa: F403

# A run of several processes migrates once; what the tests of each use begins as a copy (tests/conftest.py, tests/test_postgresql.py).
if os.environ.get("TIMELOOM_TESTS_TEMPLATE"):
    DATABASES["default"]["TEST"] = {"TEMPLATE": os.environ["TIMELOOM_TESTS_TEMPLATE"]}  # noqa: F405

# Signing in costs real installations a deliberate tenth of a second of hashing; no test is about that.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
