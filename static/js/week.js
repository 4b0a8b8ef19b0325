// The week: a choice shows at once, without losing the place on the page.

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

// The reasons of a mark: beside the lecture where there is room, outside the frame that would cut them off.
function reasonsPlace(lecture) {
  const reasons = lecture.querySelector(".reasons");
  const at = lecture.getBoundingClientRect();
  reasons.style.position = "fixed";
  const fits = at.bottom + reasons.offsetHeight < window.innerHeight;
  reasons.style.top = `${fits ? at.bottom : Math.max(8, at.top - reasons.offsetHeight)}px`;
  reasons.style.left = `${Math.max(8, Math.min(at.left, document.documentElement.clientWidth - reasons.offsetWidth - 8))}px`;
}

// The grid draws its week again after each change, so the document listens.
document.addEventListener("mouseover", (event) => {
  const lecture = event.target.closest(".lecture:has(.reasons)");
  if (lecture) reasonsPlace(lecture);
});
document.addEventListener("focusin", (event) => {
  const lecture = event.target.closest(".lecture:has(.reasons)") ?? event.target.querySelector?.(".lecture:has(.reasons)");
  if (lecture && event.target.closest(".week")) reasonsPlace(lecture);
});
const placeShown = () => document.querySelectorAll(".lecture:has(.reasons):is(:hover, :focus), td:focus > .lecture:has(.reasons)").forEach(reasonsPlace);
document.addEventListener("scroll", placeShown, { capture: true, passive: true });
