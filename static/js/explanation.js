// Why there is no complete timetable: worked out after the run's end, so it may come a few seconds after the page.

const LOOKS = 8;
const PAUSE_MS = 2000;
const place = document.querySelector("[data-why]");

async function look(left) {
  const answer = await fetch(window.location.href, { credentials: "same-origin" }).catch(() => null);
  const page = answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  const found = page?.querySelector("[data-why] > section");
  if (found) place.replaceChildren(found);
  else if (left > 1) setTimeout(look, PAUSE_MS, left - 1);
}

if (place && !place.querySelector("section")) {
  const end = document.getElementById(place.dataset.why);
  if (place.hasAttribute("data-awaited")) look(LOOKS);
  else if (end) {
    const watch = new MutationObserver(() => {
      if (end.hidden) return;
      watch.disconnect();
      setTimeout(look, PAUSE_MS / 2, LOOKS);
    });
    watch.observe(end, { attributes: true, attributeFilter: ["hidden"] });
  }
}
