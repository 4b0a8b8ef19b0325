// The live run: draws each record that the stream brings. Bars, chart and connection are files of their own.
import { Bar } from "./bars.js";
import { durationWords } from "./chart.js";
import { Improvement } from "./improvement.js";
import { watchJob } from "./progress.js";

const facts = JSON.parse(document.getElementById("page-facts").textContent);
const at = (id) => document.getElementById(id);
const ENDS = ["completed", "failed", "cancelled"];
const REVIEW_AFTER_MS = 2000;
const ETA_SMOOTHING = 0.15;
const ETA_STEP_MS = 250;
const SEARCH_BEGINS_AT = 5;
const QUIET_S = 10;
const LONG_WAIT_S = 20;
const api = `/api/generation-jobs/${facts.jobId}/`;
const csrf = document.querySelector("[name=csrfmiddlewaretoken]").value;

const overallBar = new Bar(at("overall-bar"), { hasHue: true });
const stageBar = new Bar(at("stage-bar"), { acceleration: 0.06 });
const improvement = new Improvement(facts);
const view = { record: null, isFirst: true, eta: null, etaServer: null, stage: null, hasFigures: false, isWhole: null, improvedAt: null, searchBegan: null };
// This machine's clock may be wrong; what is counted from the server's times must not show it.
const clockAhead = Date.now() / 1000 - facts.now;
const serverNow = () => Date.now() / 1000 - clockAhead;

function show(record) {
  if (ENDS.includes(view.record?.status)) return; // Nothing moves after the end.
  view.record = record;
  showOverall(record);
  showStage(record);
  showFigures(record);
  showEnd(record);
  view.isFirst = false;
}

function showOverall(record) {
  at("overall").textContent = String(record.overall_progress);
  if (view.isFirst) overallBar.jump(record.status === "completed" ? 0 : record.overall_progress);
  overallBar.set(record.overall_progress);
  // Reading says nothing about the search's speed, and the search never takes longer than its limit.
  const eta = record.overall_progress < SEARCH_BEGINS_AT ? null : record.eta_seconds;
  if (record.stage !== "loading" && !view.isFirst) view.searchBegan ??= record.last_updated;
  const most = facts.timeLimit - (view.searchBegan === null ? 0 : record.last_updated - view.searchBegan);
  view.etaServer = eta === null || eta === undefined ? null : Math.max(0, Math.min(eta, most));
}

function showStage(record) {
  const index = facts.stages.findIndex((stage) => stage.id === record.stage);
  const isCompleted = record.status === "completed";
  if (record.stage !== view.stage) {
    stageBar.restart();
    if (view.isFirst) stageBar.jump(record.stage_progress);
    else if (!ENDS.includes(record.status)) announce(`Step ${index + 1} of ${facts.stages.length}: ${facts.stages[index]?.words}`);
    view.stage = record.stage;
  }
  stageBar.set(record.stage_progress);
  at("stage-number").textContent = String(record.stage_progress);
  at("steps").querySelectorAll("li").forEach((item, place) => {
    const isDone = isCompleted || place < index;
    const isNow = !isCompleted && place === index;
    item.classList.toggle("is-done", isDone);
    item.classList.toggle("is-now", isNow);
    if (isNow) item.setAttribute("aria-current", "step");
    else item.removeAttribute("aria-current");
    item.querySelector(".step-state").textContent = isDone ? "done. " : isNow ? "now. " : "";
  });
  const { completed_items: done = 0, total_items: total = 0, message = "" } = record.metadata ?? {};
  const count = total > 1 && record.stage === "cpsat_solving" ? `: group ${done.toLocaleString()} of ${total.toLocaleString()}` : "";
  // Before the search begins the message is the only thing there is to say.
  const words = record.stage === "loading" && message && !ENDS.includes(record.status) ? message : `${facts.stages[index]?.words ?? ""}${count}`;
  at("stage-words").textContent = isCompleted ? "Done" : words;
  at("message").textContent = ENDS.includes(record.status) || words === message ? "" : message;
}

function showFigures(record) {
  const { broken, unplaced, placed, num_lectures: total, improved_at: improvedAt, variants = [], variant } = record.metadata ?? {};
  improvement.take(record);
  if (at("stop") && variants.length > 0 && record.status === "running") {
    at("stop").disabled = false;
    at("stop-words").hidden = true;
  }
  if (broken === undefined) return;
  view.hasFigures = true;
  view.improvedAt = improvedAt ?? view.improvedAt;
  at("broken").textContent = broken.toLocaleString();
  at("broken").classList.toggle("is-bad", broken > 0);
  at("unplaced").textContent = unplaced.toLocaleString();
  at("unplaced").classList.toggle("is-bad", unplaced > 0 && record.stage !== "cpsat_solving");
  at("placed").textContent = `${placed.toLocaleString()} of ${total.toLocaleString()}`;
  const best = variants.find((each) => each.label === variant);
  const rules = Object.entries(best?.breakdown ?? {}).filter(([id]) => id in facts.rules);
  at("broken-words").hidden = rules.length === 0 || broken === 0;
  at("broken-words").textContent = rules.map(([id, amount]) => `${facts.rules[id]}: broken ${amount.toLocaleString()} ${amount === 1 ? "time" : "times"}`).join("; ");
  if (broken === 0 && unplaced === 0 && view.isWhole === false) announce("Every lecture has a place, and no rule is broken.");
  view.isWhole = broken === 0 && unplaced === 0;
}

// For screen readers, and only what a person would want to know: a new step, the first whole timetable, the connection.
function announce(words) {
  at("announcement").textContent = words;
}

function showEnd(record) {
  const controls = at("controls");
  if (record.status === "cancelling" && controls) {
    controls.querySelectorAll("button").forEach((button) => { button.disabled = true; });
    at("control-words").textContent = "The run is being cancelled.";
  }
  if (!ENDS.includes(record.status)) return;
  if (controls) controls.hidden = at("stop-words").hidden = true;
  if (at("confirm").open) at("confirm").close("no");
  at("control-words").textContent = "";
  at("chart-card").hidden = !improvement.hasLines;
  at("figures-card").hidden = !view.hasFigures;
  at(`end-${record.status}`).hidden = false;
  if (record.status === "failed") at("failed-reason").textContent = record.metadata?.error || facts.error || "No reason was recorded.";
  if (record.status === "completed") showCompleted(record);
  showClock();
}

function showCompleted(record) {
  const { broken, soft, unplaced, variant, is_partial: isPartial, lower_bound: bound } = record.metadata ?? {};
  const parts = [];
  if (isPartial || facts.isPartial) parts.push("Stopped early; the best so far was kept.");
  if (unplaced > 0) parts.push(`${unplaced.toLocaleString()} ${unplaced === 1 ? "lecture has" : "lectures have"} no place yet.`);
  if (broken === 0) parts.push("No rule is broken.");
  if (broken > 0) parts.push(`Rules broken: ${broken.toLocaleString()}.`);
  if (soft !== undefined) parts.push(`${variant ? `The best variant, “${variant}”, has a` : "The best has a"} cost of ${soft.toLocaleString()} by your institution's weights${broken === 0 && !unplaced && bound >= soft ? ": no timetable that keeps the rules has less by the wishes that this run weighed" : ""}.`);
  // Who opens the page after the end came to look at the run, not to be sent away.
  if (!ENDS.includes(facts.status)) {
    leaveForReview();
  }
  at("completed-words").textContent = parts.join(" ");
}

function leaveForReview() {
  at("leaving").hidden = false;
  const going = setTimeout(() => location.assign(facts.review), REVIEW_AFTER_MS);
  at("stay").addEventListener("click", () => {
    clearTimeout(going);
    at("leaving").hidden = true;
    at("review-link").focus();
  });
}

function showClock() {
  const record = view.record;
  if (!record) return;
  const isEnded = ENDS.includes(record.status);
  const now = isEnded ? record.last_updated : serverNow();
  at("elapsed").textContent = durationWords(now - record.started_at);
  at("elapsed-label").textContent = isEnded ? "It took" : "Running for";
  at("improved").parentElement.hidden = isEnded;
  if (view.improvedAt !== null) at("improved").textContent = `${durationWords(now - view.improvedAt)} ago`;
  improvement.tick(now, record.started_at, isEnded);
  at("eta").textContent = isEnded ? { completed: "Completed", failed: "Failed", cancelled: "Cancelled" }[record.status] : etaWords(record);
}

// The estimate jumps about; a seventh of the way at each step reads calmer.
function smoothEta() {
  if (view.etaServer === null) view.eta = null;
  else view.eta = (view.eta ?? view.etaServer) + (view.etaServer - (view.eta ?? view.etaServer)) * ETA_SMOOTHING;
}

function etaWords(record) {
  if (record.status === "cancelling") return "Being cancelled";
  const quietFor = serverNow() - record.last_updated;
  if (record.status === "pending" || record.status === "initializing") return quietFor > LONG_WAIT_S ? "Still waiting: no worker is free yet" : "Waiting to start";
  if (quietFor > QUIET_S) return "At work; no news yet";
  if (view.eta === null && record.stage === "loading") return "Getting ready";
  if (view.eta === null) return "Measuring the time left";
  return view.eta < 1.5 ? "Nearly done" : `About ${durationWords(view.eta)} left`;
}

const CONNECTION_LOOKS = { live: "live", polling: "polling", reconnecting: "offline", lost: "offline", refused: "offline" };

function showConnection(state, info = {}) {
  const look = CONNECTION_LOOKS[state] ?? state;
  at("connection").dataset.state = look;
  at("connection-words").textContent = connectionWords(state, info);
  const isAway = look === "polling" || look === "offline";
  at("reconnect").hidden = !isAway || state === "refused";
  if (isAway && !view.wasAway) announce(at("connection-words").textContent);
  if (look === "live" && view.wasAway) announce("Live again");
  view.wasAway = isAway;
}

function connectionWords(state, info) {
  switch (state) {
    case "connecting": return "Connecting";
    case "live": return info.way === "websocket" && info.isFallback ? "Live over a WebSocket: the usual stream does not get through" : "Live";
    case "reconnecting": return `Connection lost, trying again (${info.tries} of 5)`;
    case "polling": return info.reason === "silence" ? "Not live: nothing came for a while, asking every 5 seconds" : "Not live: asking every 5 seconds";
    case "lost": return "No connection to the server, still trying";
    case "refused": return info.detail ? info.detail : info.status === 401 ? "You are signed out: load the page again" : "You may not watch this run";
    case "ended": return "The run has ended";
    default: return state;
  }
}

async function ask(title, words, yes) {
  const dialog = at("confirm");
  at("confirm-title").textContent = title;
  at("confirm-words").textContent = words;
  at("confirm-yes").textContent = yes;
  dialog.returnValue = "no";
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  return dialog.returnValue === "yes";
}

async function send(action) {
  const answer = await fetch(`${api}${action}/`, { method: "POST", headers: { "X-CSRFToken": csrf, Accept: "application/json" } });
  if (answer.ok) return "";
  const body = await answer.json().catch(() => ({}));
  return body.detail ?? "The server did not accept it. Load the page again and look at the status.";
}

async function statusNow() {
  const answer = await fetch(api, { headers: { Accept: "application/json" } });
  return answer.ok ? (await answer.json()).status : null;
}

async function control(action, title, words, yes) {
  try {
    const status = await statusNow();
    if (ENDS.includes(status)) {
      at("control-words").textContent = `The run has already ended: ${status}.`;
      return;
    }
    if (!(await ask(title, words, yes))) return;
    at("control-words").textContent = (await send(action)) || (action === "stop" ? "Stopping; the best timetables so far are being kept." : "The run is being cancelled.");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // fetch's word for: no connection
    at("control-words").textContent = "The server can't be reached. The run goes on; try again in a moment.";
  }
}

at("stop")?.addEventListener("click", () => control("stop", "Stop and keep the best so far?", "The run ends now, and you review the best timetables found so far.", "Stop and keep the best so far"));
at("cancel")?.addEventListener("click", () => control("cancel", "Cancel the run?", "Everything this run has found is given up. To keep the best so far, choose Stop instead.", "Cancel the run"));

setInterval(showClock, 1000);
setInterval(smoothEta, ETA_STEP_MS);
if (facts.progress?.status) show({ ...facts.progress, status: ENDS.includes(facts.status) ? facts.status : facts.progress.status });
if (!ENDS.includes(view.record?.status)) {
  const watch = watchJob(facts.jobId, { onProgress: show, onDone: () => showConnection("ended"), onConnection: showConnection });
  at("reconnect").addEventListener("click", () => watch.reconnect());
} else showConnection("ended");
showClock();
