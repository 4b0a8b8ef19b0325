"""The one environment reader; every setting that may differ between installations goes through it."""

import environ

env = environ.Env()
