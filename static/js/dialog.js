// <button data-open="id"> opens <dialog id="id">, <button data-close> closes the one around it.
// <dialog data-opened> is open when the page comes (a form came back with errors).
import { each } from "./page.js";

function open(dialog) {
  dialog.showModal();
  (dialog.querySelector("[autofocus], [aria-invalid=true]") ?? dialog.querySelector("input:not([type=hidden]), textarea"))?.focus();
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) {
    opener.closest("details.menu")?.removeAttribute("open");
    open(document.getElementById(opener.dataset.open));
  } else if (event.target.closest("[data-close]")) {
    event.target.closest("dialog").close();
  }
});

// A press and a release both on the backdrop: selecting text out of the dialog must not close it.
document.addEventListener("pointerdown", (event) => {
  if (!event.target.matches?.("dialog.dialog")) return;
  const dialog = event.target;
  dialog.addEventListener("pointerup", (end) => end.target === dialog && dialog.close(), { once: true });
});

each("dialog[data-opened]", open);
