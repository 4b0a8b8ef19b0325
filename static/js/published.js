// A long list: only what holds the typed letters stays in sight.
"use strict";

for (const tool of document.querySelectorAll("[data-narrow]")) {
  const items = [...document.getElementById(tool.dataset.narrow).children].map((item) => ({ item, text: item.textContent.toLowerCase() }));
  const count = tool.querySelector("[data-count]");
  const input = tool.querySelector("input");
  tool.hidden = false;
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const { item, text } of items) {
      item.hidden = !words.every((word) => text.includes(word));
      shown += item.hidden ? 0 : 1;
    }
    count.textContent = words.length ? `${shown} of ${items.length}` : "";
  });
}
