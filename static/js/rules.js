// The form of a rule: codes are looked up while one types, days and periods are marked at once, and a weight shows where it counts.

const form = document.getElementById("rule-form");

function lookUp(input) {
  const list = document.createElement("ul");
  list.className = "suggestions";
  list.id = `${input.id}_list`;
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", document.querySelector(`label[for=${input.id}]`).textContent);
  input.after(list);
  const attributes = { role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list" };
  for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value);
  const isSeveral = "several" in input.dataset;
  let chosen = -1;
  let newest = 0;

  const typed = () => (isSeveral ? input.value.split(",").pop() : input.value).trim();

  function close() {
    newest += 1; // an answer on its way is no longer wanted
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function mark(index) {
    chosen = index;
    [...list.children].forEach((item, each) => item.setAttribute("aria-selected", String(each === index)));
    const item = list.children[index];
    if (!item) return;
    input.setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({ block: "nearest" });
  }

  function take(item) {
    const before = isSeveral ? input.value.split(",").slice(0, -1).map((part) => part.trim()).filter(Boolean) : [];
    input.value = [...before, item.dataset.code].join(", ") + (isSeveral ? ", " : "");
    close();
    input.focus();
  }

  async function ask() {
    const mine = ++newest;
    const text = typed();
    if (!text) return close();
    const query = new URLSearchParams({ of: input.dataset.of, q: text });
    const response = await fetch(`${form.dataset.choices}?${query}`).catch(() => null);
    if (mine !== newest || !response || !response.ok) return;
    const { choices } = await response.json();
    if (mine !== newest) return;
    list.replaceChildren(...choices.map(({ code, name }, index) => {
      const item = document.createElement("li");
      item.id = `${list.id}_${index}`;
      item.dataset.code = code;
      item.setAttribute("role", "option");
      item.textContent = name ? `${code}  ${name}` : code;
      item.addEventListener("mousedown", (event) => { event.preventDefault(); take(item); });
      return item;
    }));
    list.hidden = choices.length === 0;
    input.setAttribute("aria-expanded", String(choices.length > 0));
    mark(choices.length ? 0 : -1);
  }

  input.addEventListener("input", ask);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const last = list.children.length - 1;
    if (event.key === "ArrowDown") mark(chosen >= last ? 0 : chosen + 1);
    else if (event.key === "ArrowUp") mark(chosen <= 0 ? last : chosen - 1);
    else if (event.key === "Enter" && chosen >= 0) take(list.children[chosen]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
}

function headings(table) {
  const marker = (heading, cells) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    button.ariaLabel = heading.ariaLabel; // a day's whole name where a part of it is shown
    button.addEventListener("click", () => {
      const isOn = !cells().every((box) => box.checked);
      cells().forEach((box) => { box.checked = isOn; });
    });
    heading.append(button);
  };
  const rows = [...table.tBodies[0].rows];
  [...table.tHead.rows[0].cells].slice(1).forEach((heading, day) => {
    marker(heading, () => rows.map((row) => row.querySelectorAll("input")[day]));
  });
  rows.forEach((row) => marker(row.cells[0], () => [...row.querySelectorAll("input")]));
  const help = form.querySelector("[data-week-help]");
  if (help) help.hidden = false;
}

function refreshWeight() {
  const field = document.getElementById("weight-field");
  const strength = form.querySelector("[name=strength]:checked");
  if (field && strength) field.hidden = strength.value === "hard";
}

if (form) {
  form.querySelectorAll("input[data-of]").forEach(lookUp);
  form.querySelectorAll(".pick-week.is-several").forEach(headings);
  form.addEventListener("change", refreshWeight);
  refreshWeight();
}
document.getElementById("errors")?.focus();
document.querySelectorAll("[data-confirm]").forEach((button) => {
  button.addEventListener("click", (event) => { if (!window.confirm(button.dataset.confirm)) event.preventDefault(); });
});
