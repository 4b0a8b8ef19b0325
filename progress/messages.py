"""What callers are told."""

SIGN_IN = "Sign in to follow a job: send the session's cookie or an access token."
FORBIDDEN = "Your role does not include following jobs. Ask an administrator of the organization."
NO_JOB = "There is no job {job_id}. Check the address, or choose the job from the list."
FULL = "Too many progress streams are open. Ask for snapshots at /api/progress/{job_id}/ meanwhile, or try again in {retry_s} s."
DATABASE_AWAY = "The database does not answer just now. Try again in {retry_s} s."
NO_METRICS = "These figures are open to the token or the addresses in the server's settings only."
NO_SOCKET = "There is no WebSocket at this address. A job's progress is at /ws/timetable/progress/JOB_ID/."
FOREIGN_HOST = "This server does not go by that host's name. Ask its administrator to add it to ALLOWED_HOSTS."
FOREIGN_ORIGIN = (
    "A page of another site can't follow jobs by the session's cookie. Send an access token, or list the site in CSRF_TRUSTED_ORIGINS."
)
