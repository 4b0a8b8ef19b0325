// Small things: a size check before an upload, fields that follow a choice, and the progress of what is large.
document.documentElement.classList.add("has-script");

const upload = document.getElementById("upload");
if (upload) {
  const most = Number(upload.dataset.mostMb);
  const error = document.getElementById("files-error");
  upload.addEventListener("submit", (event) => {
    const size = [...upload.querySelector("[type=file]").files].reduce((sum, file) => sum + file.size, 0);
    error.hidden = size <= most * 1024 * 1024;
    if (error.hidden) return;
    error.textContent = `The files are ${Math.ceil(size / 1024 / 1024)} MB together; at most ${most} MB are read at once. Import a few at a time.`;
    event.preventDefault();
  });
}

// An archive goes into a new institution, which has a code, or into one that is there, which may have to be replaced.
const target = document.getElementById("target");
if (target) {
  const follow = () => {
    const option = target.selectedOptions[0];
    document.getElementById("new-field")?.toggleAttribute("hidden", option.value !== "");
    document.getElementById("replace-field").hidden = !("hasData" in option.dataset);
  };
  target.addEventListener("change", follow);
  follow();
}

for (const select of document.querySelectorAll("[data-kind]")) {
  select.addEventListener("change", () => select.form.requestSubmit(select.form.querySelector('[value="look"]')));
}

const running = document.getElementById("running");
if (running) {
  const words = document.getElementById("words");
  const percent = document.getElementById("percent");
  const bar = document.getElementById("bar");

  function show(progress) {
    words.textContent = progress.words;
    percent.textContent = `${progress.percent} %`;
    bar.setAttribute("aria-valuenow", progress.percent);
    bar.firstElementChild.style.transform = `scaleX(${progress.percent / 100})`;
  }

  async function ask() {
    try {
      const response = await fetch(running.dataset.address, { credentials: "same-origin", signal: AbortSignal.timeout(10000) });
      if (response.ok) {
        const found = await response.json();
        if (found.status !== running.dataset.status) return location.reload();
        if (found.progress) show(found.progress);
      }
    } catch {
      // The server does not answer just now; the next question may get through.
    }
    setTimeout(ask, 1000);
  }
  ask();
}
