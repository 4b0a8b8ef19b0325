// A long list: only what holds the typed letters stays in sight.

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

// Copying is offered only where the browser can.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
    button.textContent = "Copied";
  });
}
