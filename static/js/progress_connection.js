// One tab's connection to a job: server-sent events, a WebSocket where those do not get through, snapshots where neither does.
//
// openConnection(jobId, options, { newestSeq, onRecord, onState, onRefused }) -> { close, reconnect, poll }
// Without options.mayStream (other pages of this browser hold its streams) it begins with the WebSocket: a browser keeps few
// streams to one server, and every further page would wait for them.

const REFUSALS = [401, 403, 404];

// The newest snapshot, a refusal, or how long the server wants to be left in peace; null where nothing answers.
export async function fetchSnapshot(base, jobId, answerMs) {
  const patience = new AbortController(); // a dead connection answers nothing, not even with an error
  const giveUp = setTimeout(() => patience.abort(), answerMs);
  let response;
  try {
    response = await fetch(`${base}/progress/${jobId}/`, { credentials: "same-origin", headers: { Accept: "application/json" }, signal: patience.signal });
  } catch {
    return null;
  } finally {
    clearTimeout(giveUp);
  }
  if (REFUSALS.includes(response.status)) return { refused: response.status };
  if (!response.ok) return { waitMs: 1000 * (Number(response.headers.get("Retry-After")) || 0) };
  return { record: await response.json() };
}

export function openConnection(jobId, options, { newestSeq, onRecord, onState, onRefused }) {
  const { silenceMs, pollMs, maxTries, firstRetryMs, returnMs, answerMs, base, sockets, mayStream } = options;
  let source = null;
  let socket = null;
  let tries = 0; // kept here: a connection that is rebuilt must not start counting anew
  let isOver = false;
  let polling = ""; // why: "silence", "unreachable", or not at all
  let pushedSeq = -1; // the newest that a stream or socket brought
  let numMissed = 0; // snapshots in a row that were newer
  const timers = {};

  function later(name, delay, action) {
    clearTimeout(timers[name]);
    timers[name] = setTimeout(action, delay);
  }

  function close() {
    isOver = true;
    polling = "";
    for (const name of Object.keys(timers)) clearTimeout(timers[name]);
    closeSource();
    closeSocket();
  }

  function refuse(status, detail) {
    close();
    onRefused({ status, detail });
  }

  function closeSource() {
    source?.close();
    source = null;
  }

  function closeSocket() {
    const closing = socket;
    socket = null;
    clearTimeout(timers.socket);
    closing?.close();
  }

  function notePushed(record) {
    pushedSeq = Math.max(pushedSeq, record.seq ?? 0);
    numMissed = 0;
    onRecord(record);
  }

  function pushed(record, way) {
    notePushed(record);
    if (isOver) return;
    stopPolling();
    onState("live", way === "websocket" ? { way, isFallback: mayStream } : { way });
    watchSilence();
  }

  // --- server-sent events

  function connect() {
    if (isOver) return;
    if (!mayStream) {
      connectSocket();
      return;
    }
    closeSource();
    const opened = new EventSource(`${base}/stream/${jobId}/`);
    source = opened;
    const known = newestSeq(); // a snapshot may bring the stream's first news before the stream does
    let isFirst = true;
    if (!polling && !socket) onState("connecting");
    if (!socket) watchSilence();
    opened.addEventListener("progress", (event) => {
      if (opened !== source) return;
      tries = 0;
      const record = JSON.parse(event.data);
      // A stream that was opened anew after a silence repeats the newest record, which does not end the silence.
      const isRepeat = isFirst && polling === "silence" && (record.seq ?? 0) <= known;
      isFirst = false;
      if (isRepeat) {
        notePushed(record);
        return;
      }
      closeSocket();
      pushed(record, "stream");
    });
    opened.addEventListener("done", () => {
      if (opened === source) poll(); // the end itself came as the last progress event; this asks if it was missed
    });
    opened.addEventListener("ended", (event) => {
      if (opened !== source) return;
      const { status, detail } = JSON.parse(event.data); // the right to watch is gone
      refuse(status, detail);
    });
    opened.addEventListener("error", () => {
      if (opened !== source) return;
      closeSource();
      if (socket) later("return", returnMs, connect);
      else retry();
    });
  }

  // The browser's own reconnecting neither backs off nor gives up on a refusal, so each try is ours.
  function retry() {
    clearTimeout(timers.silence);
    if (tries >= maxTries) {
      connectSocket();
      return;
    }
    const delay = firstRetryMs * 2 ** tries;
    tries += 1;
    if (!polling) onState("reconnecting", { tries, inS: Math.round(delay / 1000) });
    later("return", delay, connect);
    poll();
  }

  // --- the WebSocket

  function connectSocket() {
    if (isOver) return;
    closeSocket();
    const opened = new WebSocket(`${location.origin.replace(/^http/, "ws")}${sockets}/${jobId}/`);
    socket = opened;
    let hasSpoken = false;
    if (!polling && !mayStream) onState("connecting");
    later("socket", answerMs, () => opened.close()); // a proxy may let the handshake hang
    opened.addEventListener("message", (event) => {
      if (opened !== socket) return;
      clearTimeout(timers.socket);
      const { type, data } = JSON.parse(event.data);
      if (type === "progress") {
        if (!hasSpoken && mayStream) later("return", returnMs, connect); // whether the stream gets through again
        hasSpoken = true;
        closeSource();
        pushed(data, "websocket");
      } else if (type === "done") poll();
      else if (type === "ended") refuse(data.status, data.detail);
    });
    opened.addEventListener("close", () => {
      if (opened !== socket) return;
      socket = null;
      clearTimeout(timers.socket);
      if (hasSpoken) {
        tries = 0;
        retry();
      } else {
        startPolling("unreachable");
        later("return", returnMs, connect);
      }
    });
  }

  // A connection may be dead without a word, after sleep for one: then a new one is tried beside the snapshots.
  function watchSilence() {
    later("silence", silenceMs, () => {
      startPolling("silence");
      if (!socket || !mayStream) later("return", returnMs, connect); // else the stream's next try is due already
    });
  }

  // --- snapshots

  function startPolling(reason) {
    onState("polling", { reason });
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

  // How long the server wants to be left in peace, in ms; with an answer our own interval is enough.
  async function poll() {
    const found = await fetchSnapshot(base, jobId, answerMs);
    if (isOver) return 0;
    if (found?.refused) {
      refuse(found.refused);
      return 0;
    }
    if (!found?.record) {
      if (polling) onState("lost");
      return found?.waitMs ?? 0;
    }
    if (polling) onState("polling", { reason: polling });
    onRecord(found.record);
    numMissed = (found.record.seq ?? 0) > pushedSeq ? numMissed + 1 : 0;
    // Twice news that the silent stream did not bring: something in between holds it back.
    if (polling === "silence" && numMissed === 2 && !isOver && !socket) connectSocket();
    return 0;
  }

  function reconnect() {
    tries = 0;
    stopPolling();
    clearTimeout(timers.return);
    closeSocket();
    connect();
  }

  connect();
  return { close, reconnect, poll };
}
