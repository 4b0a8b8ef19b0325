// Keeps what the page says about the run in step with what is chosen.

const form = document.getElementById("new-timetable");
const other = document.getElementById("time-other");
const favours = document.querySelectorAll("#favours li");
const expected = document.getElementById("expected-words");
const submit = form.querySelector("button.primary[type=submit]");
const isOff = submit.disabled; // the data are not ready

function duration(seconds) {
  if (!(seconds > 0)) return "as long as you chose";
  if (seconds < 90) return `${Math.round(seconds)} seconds`;
  return `${Math.round(seconds / 60)} minutes`;
}

function refresh() {
  const data = new FormData(form);
  const isOther = data.get("time") === "other";
  other.hidden = !isOther;
  expected.textContent = duration(Number(isOther ? data.get("time_other_s") : data.get("time")));
  favours.forEach((item, index) => { item.hidden = index >= Number(data.get("variants")); });
}

// What stays where it is: counted by the server after each change of the choice. Its part of the form is another one for each term.
const LOST = "What would stay could not be found out. Look at your connection, then choose again.";
const WAIT_MS = 250;
// Which parts of the form belong to which choices.
const KEPT = {
  any: ["pinned", "departments", "except_departments", "sound", "minimal"],
  departments: ["departments", "except_departments", "minimal"],
};
let timer;
let newest = 0;

function keepShow() {
  const kind = new FormData(form).get("keep") ?? "nothing";
  for (const part of form.querySelectorAll("[data-keep]")) {
    part.hidden = !(KEPT[part.dataset.keep] ?? [part.dataset.keep]).includes(kind);
  }
  for (const words of form.querySelectorAll("[data-keep-words]")) words.hidden = (words.dataset.keepWords === "minimal") !== (kind === "minimal");
  const look = document.getElementById("keep-look");
  if (look) look.hidden = true;
}

async function page(address) {
  try {
    const response = await fetch(address, { credentials: "same-origin" });
    return response.ok ? await response.text() : null;
  } catch {
    return null;
  }
}

async function staysAsk() {
  const number = ++newest;
  const stays = document.getElementById("stays");
  const query = new URLSearchParams([...new FormData(form)].filter(([name]) => name === "term" || name.startsWith("keep")));
  stays.setAttribute("aria-busy", "true");
  if (!stays.textContent.trim()) stays.textContent = "Looking what can stay";
  const words = await page(`${stays.dataset.address}?${query}`);
  if (number !== newest) return;
  if (words === null) stays.textContent = LOST;
  else stays.innerHTML = words;
  stays.removeAttribute("aria-busy");
}

async function termChange(term) {
  const words = await page(`${location.pathname}?term=${term}`);
  const fresh = words && new DOMParser().parseFromString(words, "text/html").getElementById("keeping");
  if (fresh) document.getElementById("keeping").replaceWith(document.adoptNode(fresh));
  keepShow();
}

form.addEventListener("change", (event) => {
  if (event.target.name === "term") termChange(event.target.value);
  if (!event.target.closest("#keeping") || event.target.name === "keep_leave_out") return;
  keepShow();
  clearTimeout(timer);
  if (new FormData(form).get("keep") !== "nothing") timer = setTimeout(staysAsk, WAIT_MS);
});

form.addEventListener("input", refresh);
form.addEventListener("submit", () => { submit.disabled = true; });
// Coming back by the browser's button shows the page as it was left.
window.addEventListener("pageshow", () => { submit.disabled = isOff; refresh(); keepShow(); });
