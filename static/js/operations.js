// The figures refresh themselves: the page is fetched again, and its figures replace the old ones.
const EVERY_MS = 5000;
const LOST_MS = 15000;
const figures = document.getElementById("figures");
const state = document.getElementById("refresh-state");

async function refresh() {
  const response = await fetch(location.pathname, { credentials: "same-origin", signal: AbortSignal.timeout(LOST_MS) });
  if (!response.ok || response.redirected) throw new Error(String(response.status));
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  // Somebody who reads a table by keyboard is not thrown out of it.
  if (!figures.contains(document.activeElement)) figures.replaceChildren(...page.getElementById("figures").childNodes);
}

async function refreshOn() {
  // What nobody looks at is not fetched.
  if (!document.hidden) {
    try {
      await refresh();
      if (state.textContent) state.textContent = "";
    } catch {
      const words = "The server does not answer; the figures below are old. Trying again.";
      if (state.textContent !== words) state.textContent = words;
    }
  }
  setTimeout(refreshOn, EVERY_MS);
}

setTimeout(refreshOn, EVERY_MS);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) refresh().catch(() => {});
});
