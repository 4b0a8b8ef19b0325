// Whose week: a field that finds among thousands while one types. Without it the field is a plain one.
import { ask } from "./grid_api.js";
import { element } from "./grid_words.js";

const WAIT_MS = 120;

export function finder(form) {
  const input = form.elements.key;
  const list = document.getElementById("key-list");
  let timer = 0;
  let latest = 0;
  let chosen = -1;
  const options = () => [...list.querySelectorAll("[role=option]")];

  function close() {
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function mark(index) {
    const all = options();
    if (!all.length) return;
    chosen = (index + all.length) % all.length;
    all.forEach((option, place) => option.setAttribute("aria-selected", String(place === chosen)));
    input.setAttribute("aria-activedescendant", all[chosen].id);
    all[chosen].scrollIntoView({ block: "nearest" });
  }

  function take(option) {
    input.value = option.dataset.key;
    close();
    form.requestSubmit();
  }

  async function look() {
    const mine = ++latest;
    const query = new URLSearchParams({ by: form.elements.by.value, q: input.value });
    const found = await ask(`weeks/?${query}`).catch(() => ({ results: [] }));
    if (mine !== latest || document.activeElement !== input) return;
    list.replaceChildren(
      ...found.results.map(({ key, label }, index) => {
        const option = element("li", { role: "option", id: `key-${index}`, "aria-selected": "false", "data-key": key }, label);
        option.addEventListener("mousedown", (event) => {
          event.preventDefault();
          take(option);
        });
        return option;
      }),
    );
    if (!found.results.length) list.append(element("li", { role: "option", "aria-disabled": "true", "aria-selected": "false", class: "nothing" }, "Nothing found: type another part of the code or name"));
    list.hidden = false;
    chosen = -1;
    input.setAttribute("aria-expanded", "true");
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, WAIT_MS);
  });
  input.addEventListener("focus", () => input.select());
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) look();
      else mark(chosen + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && !list.hidden && options()[chosen]?.dataset.key) {
      event.preventDefault();
      take(options()[chosen]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.stopPropagation();
      close();
    }
  });
  if (document.activeElement === input && input.value !== input.defaultValue) look(); // typed before this file was there
  for (const name of ["by", "variant"]) {
    form.elements[name].addEventListener("change", () => {
      // Another kind has other names: the old one would only be looked for in vain.
      if (name === "by") input.disabled = true;
      form.requestSubmit();
    });
  }
}
