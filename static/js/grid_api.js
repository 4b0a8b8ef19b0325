// What the grid asks the server, and what it sends.

const page = document.getElementById("grid-page");
const base = page ? `/api/timetable/variants/${page.dataset.variant}/` : "";
const LOST = "The server did not answer. Look at your connection, then try again.";

async function answered(response) {
  const data = await response.json().catch(() => ({}));
  if (response.ok) return data;
  const error = new Error(words(data) || LOST);
  error.status = response.status;
  error.data = data;
  throw error;
}

function words(data) {
  if (data.detail) return String(data.detail);
  return Object.values(data).flat().join(" ");
}

async function fetched(address, options) {
  let response;
  try {
    response = await fetch(address, { credentials: "same-origin", ...options });
  } catch {
    throw new Error(LOST);
  }
  return answered(response);
}

export const ask = (path) => fetched(base + path, { headers: { Accept: "application/json" } });

export const send = (path, body) =>
  fetched(base + path, {
    method: "POST",
    headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": document.querySelector("[name=csrfmiddlewaretoken]").value },
    body: JSON.stringify(body),
  });
