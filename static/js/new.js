// Keeps what the page says about the run in step with what is chosen.

const form = document.getElementById("new-timetable");
const other = document.getElementById("time-other");
const favours = document.querySelectorAll("#favours li");
const expected = document.getElementById("expected-words");
const submit = form.querySelector("button[type=submit]");
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

form.addEventListener("input", refresh);
form.addEventListener("submit", () => { submit.disabled = true; });
// Coming back by the browser's button shows the page as it was left.
window.addEventListener("pageshow", () => { submit.disabled = isOff; refresh(); });
