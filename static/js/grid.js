// The grid of a table: a click on a row edits it, Escape leaves it as it was; Ctrl+Enter and Enter save. Columns are added.
import { each } from "./page.js";

document.addEventListener("click", (event) => {
  const add = event.target.closest("[data-add-column]");
  if (add) {
    const field = add.closest("fieldset");
    const row = field.querySelector("template[data-column]").content.firstElementChild.cloneNode(true);
    field.querySelector("[data-columns]").append(row);
    row.querySelector("[name=column]").focus();
  }
  const row = event.target.closest("tr[data-edit]");
  if (row && !event.target.closest("a, button, form") && getSelection().isCollapsed) location.assign(row.dataset.edit);
});

document.addEventListener("keydown", (event) => {
  const row = event.target.closest?.("tr.grid-edit, tr.grid-new");
  if (event.key === "Escape" && row) row.querySelector("[data-cancel]")?.click();
});

each(".grid-edit input, .grid-new [aria-invalid=true]", (input) => {
  if (!document.activeElement || document.activeElement === document.body) input.focus();
});
