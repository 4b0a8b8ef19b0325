"""Settings. Everything that differs between installations comes from the environment."""

from datetime import timedelta
from pathlib import Path

from celery.schedules import crontab
from kombu import Exchange, Queue

from erp.env import env
from erp.forks import SQLiteConnection
from erp.sockets import valkey_socket

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = env.directory("TIMELOOM_VAR", BASE_DIR / "var")

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    from erp.secret import secret_key_stored

    SECRET_KEY = secret_key_stored(VAR_DIR / "secret_key")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "erp.apps.DataEntryConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "corsheaders",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "erp.apps.ErpConfig",
    "academics",
    "generation",
    "progress",
]

# The look of the data entry: the accent of static/css/site.css under the site's own header.
UNFOLD = {
    "SITE_TITLE": "Timeloom",
    "SITE_HEADER": "Data",
    "SITE_SYMBOL": "database",
    "SITE_URL": "/admin/",
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "6px",
    "STYLES": ["/static/css/admin.css", "/static/css/header.css"],
    "SCRIPTS": ["/static/js/admin.js", "/static/js/admin_alpine.js"],
    "SIDEBAR": {"show_search": False, "navigation": "academics.admin_navigation.sidebar"},
}

MIDDLEWARE = [
    "django.middleware.gzip.GZipMiddleware",  # stays first: streams bypass it by Content-Encoding
    "django.middleware.security.SecurityMiddleware",
    "erp.security_headers.SecurityHeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "erp.cache_headers.PrivateMiddleware",
    "erp.null_bytes.NulMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "erp.errors.UserErrorMiddleware",
]

ROOT_URLCONF = "erp.urls"
ASGI_APPLICATION = "erp.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "generation.home.navigation.navigation",
            ]
        },
    }
]

DATABASE_CONNECT_TIMEOUT_S = env.int("DATABASE_CONNECT_TIMEOUT_S", default=5)
DATABASES = {"default": env.database("DATABASE_URL", f"sqlite:///{VAR_DIR / 'timeloom.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        "factory": SQLiteConnection,
    }
    # A file for the tests too: a database in memory knows no waiting for another thread's lock.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
elif DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # A server that accepts nothing and refuses nothing would otherwise hold a thread for minutes.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", DATABASE_CONNECT_TIMEOUT_S)
# Connections to PostgreSQL of one web process at most (0: as many as there are requests), and how long a request waits for one.
DATABASE_POOL_SIZE = env.int("DATABASE_POOL_SIZE", default=10)
DATABASE_POOL_WAIT_S = env.float("DATABASE_POOL_WAIT_S", default=5)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [{"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"}]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

# In files, so that every process of the site sees the same: the throttle's counts and the rendered exports.
# What lies there names classes by their modules: a release that moves some counts on, and finds nothing of the one before.
CACHE_VERSION = 2
CACHES = {
    "default": {"BACKEND": "erp.file_cache.SpareFileCache", "LOCATION": VAR_DIR / "cache"},
    "exports": {
        "BACKEND": "erp.file_cache.SpareFileCache",
        "LOCATION": VAR_DIR / "exports",
        "TIMEOUT": 7 * 24 * 3600,
        "OPTIONS": {"MAX_ENTRIES": 300},
    },
    # Variants rescored and compared: each entry names the revisions that it was made from.
    "figures": {
        "BACKEND": "erp.file_cache.SpareFileCache",
        "LOCATION": VAR_DIR / "figures",
        "TIMEOUT": 7 * 24 * 3600,
        "OPTIONS": {"MAX_ENTRIES": 500},
    },
}

for each in CACHES.values():
    each["VERSION"] = CACHE_VERSION

# Imports: what is read at most, from which size on the worker does it, and how long unfinished ones are kept.
IMPORT_MAX_MB = env.int("IMPORT_MAX_MB", default=100)
IMPORT_MAX_UNPACKED_MB = env.int("IMPORT_MAX_UNPACKED_MB", default=600)
IMPORT_MAX_ROWS = env.int("IMPORT_MAX_ROWS", default=1_000_000)
IMPORT_INLINE_KB = env.int("IMPORT_INLINE_KB", default=512)
IMPORT_KEPT_DAYS = env.int("IMPORT_KEPT_DAYS", default=7)

LANGUAGE_CODE = "en"
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True

# What a request may contain, and how long anything is waited for: erp/door.py, erp/http_protocol.py,
# generation/publication/response_cache.py.
BODY_MAX_KB = env.int("BODY_MAX_KB", default=1024)
BODY_STRANGER_MAX_KB = env.int("BODY_STRANGER_MAX_KB", default=64)
BODY_WAIT_S = env.float("BODY_WAIT_S", default=10)
BODY_MIN_KB_S = env.float("BODY_MIN_KB_S", default=8)
BODY_MAX_S = env.float("BODY_MAX_S", default=900)
BODIES_MAX_MB = env.int("BODIES_MAX_MB", default=64)
UPLOADS_AT_ONCE = env.int("UPLOADS_AT_ONCE", default=4)
PUBLISHED_WAIT_S = env.float("PUBLISHED_WAIT_S", default=10)
DATA_UPLOAD_MAX_MEMORY_SIZE = BODY_MAX_KB * 1024

# Proxies of our own in front, whose X-Forwarded-For is believed: erp/client_address.py.
NUM_PROXIES = env.int("NUM_PROXIES", default=0)
# Failed attempts at one account's password, and from one address (a campus may be behind one): erp/throttles.py.
SIGN_IN_RATE = env.rate("SIGN_IN_RATE", default="20/minute")
SIGN_IN_ADDRESS_RATE = env.rate("SIGN_IN_ADDRESS_RATE", default="200/minute")

REST_PERMISSIONS = ["erp.permissions.ByTable", "erp.strict.AsDescribed"]
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework_simplejwt.authentication.JWTAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "EXCEPTION_HANDLER": "erp.errors.api_error",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["erp.parsers.LimitedJSONParser", "erp.parsers.LimitedFormParser", "rest_framework.parsers.MultiPartParser"],
    # In this order: who may call, then whether the request holds only what the description names.
    "DEFAULT_PERMISSION_CLASSES": REST_PERMISSIONS,
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "erp.strict.NamedFormats",
    "DEFAULT_PAGINATION_CLASS": "generation.web.pagination.RowPages",
    "PAGE_SIZE": 50,
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_RATES": {"selftest": env.str("SELFTEST_RATE", default="6/minute")},
    "NUM_PROXIES": 0,  # erp.client_address has read the header already, or left it
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Timeloom",
    "DESCRIPTION": "Timetables of an institution: generate, review, publish.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": REST_PERMISSIONS,
    # The page's own script and style come from this host, never from another one.
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "progress.schema.stream_documented",
        "erp.schema.answers_documented",
    ],
    "ENUM_NAME_OVERRIDES": {
        "ExceptionKind": "generation.models.LectureException.Kind",
        "JobStatus": "generation.models.GenerationJob.Status",
        "WorkflowStatus": "generation.models.Workflow.Status",
        "ImportStatus": "academics.import_models.ImportBatch.Status",
        "UpOrDown": [("up", "up"), ("down", "down")],
        "OrganizationRole": "academics.models.Membership.Role",
    },
}
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(hours=1),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=7),
    # Tokens carry a digest of the password's hash: a new password ends them all.
    "CHECK_REVOKE_TOKEN": True,
}
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])

# Two spellings of one address: redis-py says unix://PATH, kombu redis+socket://PATH.
REDIS_URL = env.str("REDIS_URL", default=f"unix://{valkey_socket(VAR_DIR)}")
# How far imports are. Without Redis nobody sees it, and nothing waits for it.
CACHES["live"] = {
    "BACKEND": "django.core.cache.backends.redis.RedisCache",
    "LOCATION": REDIS_URL,
    "KEY_PREFIX": "timeloom",
    "OPTIONS": {"socket_connect_timeout": 0.25, "socket_timeout": 0.5, "pool_class": "erp.forks.RedisPool"},
}
# Published pages, and the versions of each institution: generation/publication/redis_cache.py.
CACHES["published"] = CACHES["live"] | {"KEY_PREFIX": "published", "VERSION": CACHE_VERSION + 1}
RENDERINGS_KEPT_DAYS = env.int("RENDERINGS_KEPT_DAYS", default=7)  # books that nobody has requested since
PUBLISHED_CHECK_S = env.float("PUBLISHED_CHECK_S", default=300)  # see generation.publication.current
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
# A worker listens to both and keeps a process for what is short: erp/worker_slots.py. What no route names is short.
CELERY_TASK_QUEUES = [Queue(name, Exchange(name), routing_key=name) for name in ("short", "searches")]
CELERY_TASK_DEFAULT_QUEUE = "short"
CELERY_TASK_ROUTES = {"generation.tasks.generate": {"queue": "searches"}}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = env.int("JOB_HARD_LIMIT_S", default=2 * 3600)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3 * 3600,
    "unacked_restore_throttle": 1,
    # A POST answers within seconds when Redis is down; the sweep queues the job later.
    "socket_connect_timeout": 2,
    "socket_timeout": 10,
}
# At night, by TIME_ZONE: see erp.retention.
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE = {"retention": {"task": "erp.tasks.retention", "schedule": crontab(hour="3", minute="40")}}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# Jobs. Intervals are settings so that tests can shrink them.
JOB_LEASE_S = env.float("JOB_LEASE_S", default=20)
JOB_LEASE_RENEW_S = env.float("JOB_LEASE_RENEW_S", default=5)
JOB_SWEEP_S = env.float("JOB_SWEEP_S", default=10)
JOB_REQUEUE_AFTER_S = env.float("JOB_REQUEUE_AFTER_S", default=20)
JOB_ATTEMPTS = env.int("JOB_ATTEMPTS", default=3)
JOB_REQUEST_POLL_S = env.float("JOB_REQUEST_POLL_S", default=0.5)  # how soon a worker sees a cancel or a stop
JOB_CANCEL_GRACE_S = env.float("JOB_CANCEL_GRACE_S", default=1)  # then the job is cancelled without waiting for its search
JOB_HANDOVER_S = env.float("JOB_HANDOVER_S", default=6)  # so long a worker that is stopped waits for its searches to give their jobs back
JOB_CHECKPOINT_S = env.float("JOB_CHECKPOINT_S", default=5)
JOB_EXPLAIN_S = env.float("JOB_EXPLAIN_S", default=10)  # for the proof why there is no complete timetable, after the end
JOB_TIME_LIMIT_S = env.float("JOB_TIME_LIMIT_S", default=60)
JOB_TIME_LIMIT_MIN_S = env.float("JOB_TIME_LIMIT_MIN_S", default=1)
JOB_TIME_LIMIT_MAX_S = env.float("JOB_TIME_LIMIT_MAX_S", default=3600)
DEMO_ORGANIZATION = env.str("DEMO_ORGANIZATION", default="demo")
JOB_WORKERS = env.int("JOB_WORKERS", default=2)  # threads of one search
COPIES_LIMIT = env.int("COPIES_LIMIT", default=50)  # of one run's timetables, to change by hand: each is a whole timetable in the database
# Whose job is next, see generation.worker.dispatch. More waiting than allowed: 429. The slots are the workers' own count
# unless they are set.
JOBS_PENDING_PER_ORGANIZATION = env.int("JOBS_PENDING_PER_ORGANIZATION", default=100)
JOBS_RUNNING_PER_ORGANIZATION = env.int("JOBS_RUNNING_PER_ORGANIZATION", default=4)
JOBS_SMALL_S = env.float("JOBS_SMALL_S", default=120)  # a job with a shorter time limit is a small one
JOBS_SLOTS_FOR_SMALL = env.int("JOBS_SLOTS_FOR_SMALL", default=1)  # that large jobs leave free, but for the last slot
JOBS_SLOTS = env.int("JOBS_SLOTS", default=0)
JOB_MIN_COURSES = env.int("JOB_MIN_COURSES", default=5)
JOB_MIN_INSTRUCTORS = env.int("JOB_MIN_INSTRUCTORS", default=3)
JOB_MIN_ROOMS = env.int("JOB_MIN_ROOMS", default=3)

# For how many days what is over is kept, 0 for ever; what is in review, approved or published, and what that is compared with, stays.
JOBS_KEPT_DAYS = env.int("JOBS_KEPT_DAYS", default=400)
VARIANTS_KEPT_DAYS = env.int("VARIANTS_KEPT_DAYS", default=400)  # with their entries, of runs that nobody put forward
IMPORTS_KEPT_DAYS = env.int("IMPORTS_KEPT_DAYS", default=400)  # what was imported, with its undo; archives that were read
NOTICES_KEPT_DAYS = env.int("NOTICES_KEPT_DAYS", default=400)
SESSIONS_KEPT_DAYS = env.int("SESSIONS_KEPT_DAYS", default=1)  # after they have run out

# E-mail notices. By default files in the data directory, so that an installation without a mail server shows what it would send.
globals().update(env.email("EMAIL_URL", f"filemail:///{VAR_DIR / 'mail'}"))
EMAIL_TIMEOUT = env.float("EMAIL_TIMEOUT_S", default=10)
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="Timeloom <timeloom@localhost>")
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")  # of links in e-mails
NOTICES_AGAIN_S = env.float("NOTICES_AGAIN_S", default=60)  # between attempts at one e-mail
NOTICES_LATE_S = env.float("NOTICES_LATE_S", default=20)  # then the sweep sends what no worker took up

CONSTRAINT_COSTS = "generation.engine.model.problem.WEIGHT_IDS"  # what an institution may give a cost; academics knows no engine
INSTITUTION_READER = "erp.published_files.PublishedFiles"  # who knows the formats of other programs; academics knows none
TIMETABLE_STORE = "generation.existing.store.ExistingTimetables"  # who keeps timetables that are imported; academics knows none

# Progress.
PROGRESS_TTL_S = env.int("PROGRESS_TTL_S", default=7200)
PROGRESS_ASK_AGAIN_S = env.int("PROGRESS_ASK_AGAIN_S", default=2)  # suggested to those who poll
PROGRESS_JOB_SOURCE = env.str("PROGRESS_JOB_SOURCE", default="generation.timetable.job_selectors.JobSource")
if PROGRESS_JOB_SOURCE == "generation.selectors.JobSource":  # where it was in the release before; an installation may name it
    PROGRESS_JOB_SOURCE = "generation.timetable.job_selectors.JobSource"
STREAM_POLL_S = env.float("STREAM_POLL_S", default=1)
STREAM_HEARTBEAT_S = env.float("STREAM_HEARTBEAT_S", default=15)
STREAM_DB_FALLBACK_S = env.float("STREAM_DB_FALLBACK_S", default=3)
STREAM_BACKOFF_MAX_S = env.float("STREAM_BACKOFF_MAX_S", default=30)
STREAM_RIGHTS_S = env.float("STREAM_RIGHTS_S", default=4)  # whether those who watch still may: a right that ended is noticed within 5 s
STREAM_LIMIT = env.int("STREAM_LIMIT", default=5000)
STREAM_LIMIT_PER_USER = env.int("STREAM_LIMIT_PER_USER", default=50)
# A record is written at most so often to Redis and to the job's row; changes of stage and ends at once.
PROGRESS_WRITE_S = env.float("PROGRESS_WRITE_S", default=0.1)
PROGRESS_ROW_S = env.float("PROGRESS_ROW_S", default=2)
PROGRESS_REDIS_TIMEOUT_S = env.float("PROGRESS_REDIS_TIMEOUT_S", default=0.25)
PROGRESS_REDIS_RETRY_S = env.float("PROGRESS_REDIS_RETRY_S", default=0.5)
PROGRESS_REDIS_RETRY_MAX_S = env.float("PROGRESS_REDIS_RETRY_MAX_S", default=5)
STREAM_REDIS_TIMEOUT_S = env.float("STREAM_REDIS_TIMEOUT_S", default=1)
# A running record that stayed the same for so long is compared with the job's row: its worker may be gone.
STREAM_STALE_S = env.float("STREAM_STALE_S", default=10)
# The workers are pinged at most so often for the health address, and so long an answer is waited for.
HEALTH_WORKERS_S = env.float("HEALTH_WORKERS_S", default=10)
HEALTH_PING_S = env.float("HEALTH_PING_S", default=2)
# How often the figures of the Operations page are sampled.
OPERATIONS_SAMPLE_S = env.float("OPERATIONS_SAMPLE_S", default=10)
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
METRICS_ADDRESSES = env.list("METRICS_ADDRESSES", default=[])

SESSION_ENGINE = "erp.sessions"

# Security, where the site is served over https.
if env.bool("BEHIND_HTTPS", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 31_536_000
X_FRAME_OPTIONS = "DENY"

LOG_FORMAT = env.choice("LOG_FORMAT", ("line", "json"), default="line")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "erp.logs.LineFormatter"}, "json": {"()": "erp.logs.JsonFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO").upper()},
    # Django's own console handler speaks only under DEBUG; the root's speaks always.
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "psycopg.pool": {"level": "WARNING"},  # tells of each connection that a request takes and gives back
        "fontTools": {"level": "WARNING"},  # tells of each table of each font that a PDF takes
    },
}
