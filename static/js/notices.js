// A failed htmx request says why instead of doing nothing.
import { notify, reason, text } from "./page.js";

document.addEventListener("htmx:responseError", (event) => {
  // What polls by itself tries again by itself.
  if (event.detail.elt.closest("[data-quiet]")) return;
  notify(reason(event.detail.xhr.status));
});
document.addEventListener("htmx:sendError", (event) => {
  if (!event.detail.elt.closest("[data-quiet]")) notify(text("network"));
});
document.addEventListener("htmx:timeout", (event) => {
  if (!event.detail.elt.closest("[data-quiet]")) notify(text("timeout"));
});
