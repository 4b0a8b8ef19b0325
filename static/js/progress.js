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
//                           "refused" (info.status: 401, 403 or 404, info.detail: why, where the server said so
//                           while it was watched; nothing more is tried)

const ENDS = ["completed", "failed", "cancelled"];
const DEFAULTS = { silenceMs: 30000, pollMs: 5000, maxTries: 5, firstRetryMs: 1000, returnMs: 60000, answerMs: 10000, base: "/api/generation" };

export function isEnded(record) {
  return ENDS.includes(record.status);
}

export function watchJob(jobId, { onProgress = () => {}, onDone = () => {}, onConnection = () => {}, ...options } = {}) {
  const { silenceMs, pollMs, maxTries, firstRetryMs, returnMs, answerMs, base } = { ...DEFAULTS, ...options };
  let source = null;
  let tries = 0; // kept here: a connection that is rebuilt must not start counting anew
  let lastSeq = -1;
  let isOver = false;
  let polling = ""; // why: "silence", "unreachable", or not at all
  let state = "";
  const timers = {};
  const wakes = new AbortController();

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
    polling = "";
    wakes.abort();
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
    const known = lastSeq; // a snapshot may bring the stream's first news before the stream does
    let isFirst = true;
    if (!polling) tell("connecting");
    watchSilence();
    opened.addEventListener("progress", (event) => {
      if (opened !== source) return;
      tries = 0;
      const record = JSON.parse(event.data);
      // A stream that was opened anew after a silence repeats the newest record, which does not end the silence.
      const isRepeat = isFirst && polling === "silence" && (record.seq ?? 0) <= known;
      isFirst = false;
      take(record);
      if (isOver || isRepeat) return;
      stopPolling();
      tell("live");
      watchSilence();
    });
    opened.addEventListener("done", () => {
      if (opened === source) poll(); // the end itself came as the last progress event; this asks if it was missed
    });
    opened.addEventListener("ended", (event) => {
      if (opened !== source) return;
      const { status, detail } = JSON.parse(event.data); // the right to watch is gone
      tell("refused", { status, detail });
      close();
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
    if (!polling) tell("reconnecting", { tries, inS: Math.round(delay / 1000) });
    later("return", delay, connect);
    poll();
  }

  function reconnect() {
    tries = 0;
    stopPolling();
    clearTimeout(timers.return);
    connect();
  }

  // A connection may be dead without a word, after sleep for one: then a new one is tried beside the snapshots.
  function watchSilence() {
    later("silence", silenceMs, () => {
      startPolling("silence");
      later("return", returnMs, connect);
    });
  }

  // --- snapshots

  function startPolling(reason) {
    tell("polling", { reason });
    const isStarting = !polling;
    polling = reason;
    if (isStarting && !isOver) pollOn();
  }

  function stopPolling() {
    polling = "";
    clearTimeout(timers.poll);
  }

  async function pollOn() {
    const waitMs = await poll();
    if (polling && !isOver) later("poll", Math.max(pollMs, waitMs), pollOn);
  }

  // How long the server wants to be left in peace, in ms.
  async function poll() {
    let response;
    const patience = new AbortController(); // a dead connection answers nothing, not even with an error
    later("answer", answerMs, () => patience.abort());
    try {
      response = await fetch(`${base}/progress/${jobId}/`, { credentials: "same-origin", headers: { Accept: "application/json" }, signal: patience.signal });
    } catch {
      if (polling) tell("lost");
      return 0;
    }
    clearTimeout(timers.answer);
    if (isOver) return 0;
    if ([401, 403, 404].includes(response.status)) {
      tell("refused", { status: response.status });
      close();
      return 0;
    }
    const waitMs = 1000 * (Number(response.headers.get("Retry-After")) || 0);
    if (!response.ok) {
      if (polling) tell("lost");
      return waitMs;
    }
    const record = await response.json();
    if (polling) tell("polling", { reason: polling });
    take(record);
    return 0; // with an answer the suggestion is a lower bound that our own interval keeps
  }

  // --- the machine was asleep, the network away, or the tab unseen: look at once instead of at the next tick

  window.addEventListener("online", reconnect, { signal: wakes.signal });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") poll();
  }, { signal: wakes.signal });

  connect();
  return { close, reconnect };
}
