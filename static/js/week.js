// The week: a choice shows at once, without losing the place on the page.
"use strict";

const PLACE = "week-scroll";

for (const form of document.querySelectorAll("[data-submit-on-change]")) {
  form.querySelector("button[type=submit]").hidden = true;
  form.addEventListener("change", (event) => {
    // Another kind has other names: the old one would only be looked for in vain.
    if (event.target.name === "by") form.elements.key.disabled = true;
    sessionStorage.setItem(PLACE, String(window.scrollY));
    form.submit();
  });
}
const place = sessionStorage.getItem(PLACE);
if (place !== null) {
  sessionStorage.removeItem(PLACE);
  window.scrollTo(0, Number(place));
}
