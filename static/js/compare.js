// Two weeks in step: scrolling one scrolls the other by the same share.

const frames = [...document.querySelectorAll("[data-in-step] .week-frame")];
const share = (at, whole, seen) => (whole > seen ? at / (whole - seen) : 0);

let leader = null;
for (const frame of frames) {
  for (const event of ["pointerenter", "focusin", "touchstart", "wheel"]) frame.addEventListener(event, () => (leader = frame), { passive: true });
  frame.addEventListener("scroll", () => {
    if (leader !== null && leader !== frame) return;  // moved by the other one, not by a person
    for (const other of frames) {
      if (other === frame) continue;
      other.scrollLeft = share(frame.scrollLeft, frame.scrollWidth, frame.clientWidth) * (other.scrollWidth - other.clientWidth);
      other.scrollTop = share(frame.scrollTop, frame.scrollHeight, frame.clientHeight) * (other.scrollHeight - other.clientHeight);
    }
  });
}
