// A book that a worker makes: how far it is, and then the way to it.

const card = document.querySelector("[data-book]");
const bar = card.querySelector("[role=progressbar]");
const words = card.querySelector("[data-words]");
const download = card.querySelector("[data-download]");
const ASK_AGAIN_MS = 1000;

async function ask() {
  const address = new URL(location.href);
  address.searchParams.set("progress", "1");
  let state = null;
  try {
    const answer = await fetch(address);
    if (answer.ok) state = await answer.json();
  } catch {
    words.textContent = "The connection is lost; trying again.";
  }
  if (state) show(state);
  if (!state || state.status === "pending" || state.status === "running") setTimeout(ask, ASK_AGAIN_MS);
}

function show(state) {
  bar.setAttribute("aria-valuenow", String(Math.round(state.progress)));
  bar.firstElementChild.style.transform = `scaleX(${state.progress / 100})`;
  card.querySelector("[data-pages]").textContent = state.pages ? `${state.pages_done} of ${state.pages} pages` : "";
  words.textContent = { pending: "Waiting for a free worker.", running: "Being made.", done: "The book is ready.", failed: state.detail, cancelled: state.detail }[state.status];
  const isOver = state.status !== "pending" && state.status !== "running";
  download.hidden = !isOver;
  download.textContent = isOver && state.status !== "done" ? "Try again" : "Download";
  if (isOver) card.querySelector("[data-give-up]")?.remove();
}

ask();
