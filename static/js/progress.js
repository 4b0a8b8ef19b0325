// Following a job: pushed by the server while that works, snapshots while it does not, and always the end.
//
//   import { watchJob } from "./progress.js";
//   const watch = watchJob(jobId, { onProgress, onDone, onConnection });
//   watch.reconnect();  // what a "Reconnect" button calls
//   watch.close();
//
// onProgress(record)        the newest record, never an older one than before
// onDone(record)            once, with the last record (completed, failed or cancelled), after its onProgress
// onConnection(state, info) "connecting", "live" (info.way: "stream" or "websocket", info.isFallback: the stream does not get
//                           through), "reconnecting" (info.tries, info.inS),
//                           "polling" (info.reason: "silence" or "unreachable"), "lost" (not even snapshots arrive, still
//                           trying), "refused" (info.status: 401, 403 or 404, info.detail: why, where the server said so
//                           while it was watched; nothing more is tried)
//
// The tabs of a browser that follow one job share the connection of one of them; when that one closes, or is hidden for a
// while, another takes over. A hidden tab holds none, and looks at once when it is shown. A browser keeps six connections
// to a server over HTTP/1.1, so few streams are held in all, and further jobs are followed by WebSockets. Tabs can agree
// only where the browser has locks (https, or localhost); elsewhere each visible tab has a connection of its own.
import { fetchSnapshot, openConnection } from "./progress_connection.js";

const ENDS = ["completed", "failed", "cancelled"];
const DEFAULTS = {
  silenceMs: 30000, pollMs: 5000, maxTries: 5, firstRetryMs: 1000, returnMs: 60000, answerMs: 10000, hiddenMs: 5000, maxStreams: 3,
  base: "/api/generation", sockets: "/ws/timetable/progress",
};

export function isEnded(record) {
  return ENDS.includes(record.status);
}

export function watchJob(jobId, { onProgress = () => {}, onDone = () => {}, onConnection = () => {}, ...given } = {}) {
  const options = { ...DEFAULTS, ...given };
  const tabs = "BroadcastChannel" in window ? new BroadcastChannel(`timeloom-job-${jobId}`) : null;
  const wakes = new AbortController();
  let newest = null;
  let lastSeq = -1;
  let isOver = false;
  let state = null; // the last one that was shown: [name, info]
  let connection = null; // where this tab holds it for all
  let claim = null; // ends this tab's waiting for the connection, or its holding it
  let hiding;

  function show(name, info) {
    if (isOver || JSON.stringify([name, info]) === JSON.stringify(state)) return;
    state = [name, info];
    onConnection(name, info);
  }

  function close() {
    isOver = true;
    wakes.abort();
    clearTimeout(hiding);
    release();
    tabs?.close();
  }

  function take(record) {
    if (isOver) return;
    const seq = record.seq ?? 0;
    if (seq < lastSeq && !isEnded(record)) return;
    lastSeq = Math.max(seq, lastSeq);
    newest = record;
    onProgress(record);
    if (isEnded(record) && !isOver) {
      close();
      onDone(record);
    }
  }

  function refused(info) {
    show("refused", info);
    close();
  }

  // --- this tab holds the connection

  const handlers = {
    newestSeq: () => lastSeq,
    onRecord(record) {
      tabs?.postMessage({ record });
      take(record);
    },
    onState(name, info = {}) {
      tabs?.postMessage({ state: [name, info] });
      show(name, info);
    },
    onRefused(info) {
      tabs?.postMessage({ refused: info });
      refused(info);
    },
  };

  async function hold() {
    if (claim || isOver) return;
    const mine = new AbortController();
    claim = mine;
    show("connecting", {});
    if (!navigator.locks || !tabs) {
      connection = openConnection(jobId, { ...options, mayStream: true }, handlers);
      return;
    }
    tabs.postMessage({ hello: true });
    await held(`timeloom-job-${jobId}`, { signal: mine.signal }, async () => {
      const mayStream = await anyOf(options.maxStreams, mine.signal);
      if (!mine.signal.aborted) connection = openConnection(jobId, { ...options, mayStream }, handlers);
      await aborted(mine.signal);
    });
  }

  function release() {
    connection?.close();
    connection = null;
    claim?.abort();
    claim = null;
  }

  // --- another tab does

  if (tabs) tabs.onmessage = ({ data }) => {
    if (isOver) return;
    if (data.hello && connection) {
      if (state) tabs.postMessage({ state });
      if (newest) tabs.postMessage({ record: newest });
    } else if (data.reconnect) connection?.reconnect();
    else if (data.record) take(data.record);
    else if (data.refused) refused(data.refused);
    else if (data.state && !connection) show(...data.state);
  };

  // --- the machine was asleep, the network away, or the tab unseen: look at once instead of at the next tick

  function reconnect() {
    if (connection) connection.reconnect();
    else if (claim) tabs?.postMessage({ reconnect: true });
    else hold();
  }

  async function look() {
    if (connection) {
      connection.poll();
      return;
    }
    const found = await fetchSnapshot(options.base, jobId, options.answerMs);
    if (isOver) return;
    if (found?.refused) refused({ status: found.refused });
    else if (found?.record) take(found.record);
  }

  window.addEventListener("online", reconnect, { signal: wakes.signal });
  window.addEventListener("pagehide", release, { signal: wakes.signal });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted && document.visibilityState === "visible") hold();
  }, { signal: wakes.signal });
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiding);
    if (document.visibilityState === "visible") {
      look();
      hold();
    } else hiding = setTimeout(release, options.hiddenMs);
  }, { signal: wakes.signal });

  if (document.visibilityState === "visible") hold();
  else look();
  return { close, reconnect };
}

// Holds a lock of this browser while the work lasts; an aborted signal ends the waiting for it.
async function held(name, options, work) {
  try {
    await navigator.locks.request(name, options, work);
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
}

function aborted(signal) {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", resolve, { once: true });
  });
}

// Whether one of the browser's few streams is free; it is kept until the signal.
async function anyOf(number, signal) {
  for (let index = 0; index < number; index += 1) {
    const isMine = await new Promise((resolve) => {
      held(`timeloom-stream-${index}`, { ifAvailable: true }, async (lock) => {
        resolve(Boolean(lock));
        if (lock) await aborted(signal);
      });
    });
    if (isMine) return true;
  }
  return false;
}
