// The check of the data may take a second, and the rest of the page does not wait for it.

const summary = document.getElementById("readiness-summary");

if (summary) {
  fetch(summary.dataset.address, { headers: { Accept: "text/html" } })
    .then((response) => (response.ok ? response.text() : Promise.reject(new Error(String(response.status)))))
    .then((html) => { summary.innerHTML = html; })
    .catch(() => { summary.querySelector("p").textContent = "The data could not be looked through just now."; });
}
