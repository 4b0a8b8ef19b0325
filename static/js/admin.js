// The data entry's choosers are drawn by Select2, which gives screen readers no name: they take their field's.
"use strict";

function chooserName(select) {
  const chooser = select.nextElementSibling;
  const label = select.labels[0];
  // A table of rows has no label at each field; its name says as much.
  const words = label?.textContent.trim() || select.name.split("-").pop().replaceAll("_", " ");
  const shown = chooser.querySelector(".select2-selection__rendered");
  chooser.querySelector(".select2-search__field")?.setAttribute("aria-label", words);
  shown?.setAttribute("aria-label", words);
  const button = chooser.querySelector(".select2-selection");
  if (!label || !shown?.id) button?.setAttribute("aria-label", words);
  else {
    label.id ||= `${select.id}_label`;
    shown.removeAttribute("aria-label");
    shown.setAttribute("aria-labelledby", label.id);
    button.setAttribute("aria-labelledby", `${label.id} ${shown.id}`); // its field, and what is chosen
  }
}

// Select2 puts each chooser behind its field, at the start or when a row is added.
new MutationObserver((changes) => {
  for (const node of changes.flatMap((change) => [...change.addedNodes])) {
    if (node.classList?.contains("select2")) chooserName(node.previousElementSibling);
  }
}).observe(document.documentElement, { childList: true, subtree: true });
