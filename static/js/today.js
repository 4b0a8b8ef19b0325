// Timetables beside the data of today: what is not known yet is fetched, one after the other, and the rest of the page does not wait.

async function fetchAll(places) {
  for (const place of places) {
    const answer = await fetch(place.dataset.today, { headers: { Accept: "text/html" } }).catch(() => null);
    const html = answer?.ok ? await answer.text() : "";
    if (html || place.tagName !== "DIV") place.innerHTML = html;
    else place.textContent = "It could not be compared with today's data just now.";
    place.removeAttribute("data-today");
  }
}

fetchAll(document.querySelectorAll("[data-today]"));
