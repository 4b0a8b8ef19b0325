// Following a job: server-sent events while they come, snapshots while they do not, and always the end.
//
//   import { watchJob } from "./progress.js";
//   const watch = watchJob(jobId, { onProgress, onDone, onConnection });
//   watch.reconnect();  // what a "Reconnect" button calls
//   watch.close();
//
// onProgress(record)        the newest record, never an older one than before
// onDone(record)            once, with the last record (completed, failed or cancelled), after its onProgress
// onConnection(state, info) "connecting", "live", "reconnecting" (info.tries, info.inS), "polling" (info.reason:
//                           "silence" or "unreachable"), "lost" (not even snapshots arrive, still trying),
//                           "refused" (info.status: 401, 403 or 404; nothing more is tried)

const ENDS = ["completed", "failed", "cancelled"];
const DEFAULTS = { silenceMs: 30000, pollMs: 5000, maxTries: 5, firstRetryMs: 1000, returnMs: 60000, base: "/api/generation" };

export function isEnded(record) {
  return ENDS.includes(record.status);
}

export function watchJob(jobId, { onProgress = () => {}, onDone = () => {}, onConnection = () => {}, ...options } = {}) {
  const { silenceMs, pollMs, maxTries, firstRetryMs, returnMs, base } = { ...DEFAULTS, ...options };
  let source = null;
  let tries = 0; // kept here: a connection that is rebuilt must not start counting anew
  let lastSeq = -1;
  let isOver = false;
  let isPolling = false;
  let state = "";
  const timers = {};

  function later(name, delay, action) {
    clearTimeout(timers[name]);
    timers[name] = setTimeout(action, delay);
  }

  function tell(newState, info = {}) {
    const text = newState + JSON.stringify(info);
    if (text === state || isOver) return;
    state = text;
    onConnection(newState, info);
  }

  function close() {
    isOver = true;
    isPolling = false;
    for (const name of Object.keys(timers)) clearTimeout(timers[name]);
    if (source) source.close();
    source = null;
  }

  function take(record) {
    if (isOver) return;
    const seq = record.seq ?? 0;
    if (seq < lastSeq && !isEnded(record)) return;
    lastSeq = Math.max(seq, lastSeq);
    onProgress(record);
    if (isEnded(record) && !isOver) {
      close();
      onDone(record);
    }
  }

  // --- server-sent events

  function connect() {
    if (isOver) return;
    if (source) source.close();
    const opened = new EventSource(`${base}/stream/${jobId}/`);
    source = opened;
    if (!isPolling) tell("connecting");
    watchSilence();
    opened.addEventListener("progress", (event) => {
      if (opened !== source) return;
      tries = 0;
      stopPolling();
      tell("live");
      watchSilence();
      take(JSON.parse(event.data));
    });
    opened.addEventListener("done", () => {
      if (opened === source) poll(); // the end itself came as the last progress event; this asks if it was missed
    });
    opened.addEventListener("error", () => {
      if (opened === source) retry();
    });
  }

  // The browser's own reconnecting neither backs off nor gives up on a refusal, so each try is ours.
  function retry() {
    source.close();
    source = null;
    clearTimeout(timers.silence);
    if (tries >= maxTries) {
      startPolling("unreachable");
      later("return", returnMs, connect);
      return;
    }
    const delay = firstRetryMs * 2 ** tries;
    tries += 1;
    if (!isPolling) tell("reconnecting", { tries, inS: Math.round(delay / 1000) });
    later("return", delay, connect);
    poll();
  }

  function reconnect() {
    tries = 0;
    clearTimeout(timers.return);
    connect();
  }

  function watchSilence() {
    later("silence", silenceMs, () => startPolling("silence"));
  }

  // --- snapshots

  function startPolling(reason) {
    tell("polling", { reason });
    if (isPolling || isOver) return;
    isPolling = true;
    pollOn();
  }

  function stopPolling() {
    isPolling = false;
    clearTimeout(timers.poll);
  }

  async function pollOn() {
    await poll();
    if (isPolling && !isOver) later("poll", pollMs, pollOn);
  }

  async function poll() {
    let response;
    try {
      response = await fetch(`${base}/progress/${jobId}/`, { credentials: "same-origin", headers: { Accept: "application/json" } });
    } catch {
      if (isPolling) tell("lost");
      return;
    }
    if (isOver) return;
    if ([401, 403, 404].includes(response.status)) {
      tell("refused", { status: response.status });
      close();
      return;
    }
    if (!response.ok) {
      if (isPolling) tell("lost");
      return;
    }
    const record = await response.json();
    if (isPolling) tell("polling", { reason: source ? "silence" : "unreachable" });
    take(record);
  }

  connect();
  return { close, reconnect };
}
