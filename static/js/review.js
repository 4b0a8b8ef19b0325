// The waiver's form opens over the page; without script it could not be opened, so its button appears only here.

const dialog = document.getElementById("waiver-dialog");
if (dialog) {
  const opener = document.querySelector("[data-opens=waiver-dialog]");
  opener.hidden = false;
  opener.addEventListener("click", () => dialog.showModal());
  dialog.querySelector("[data-closes]").addEventListener("click", () => dialog.close());
  const what = dialog.querySelector("select");
  const amount = dialog.querySelector("[name=amount]");
  what.addEventListener("change", () => {
    amount.max = what.selectedOptions[0].dataset.amount;
    amount.value = amount.max;
  });
  if ("refused" in dialog.dataset) dialog.showModal();
}
