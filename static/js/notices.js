// A failed htmx request says why instead of doing nothing; what an answered one says comes in the corner.
import { notify, reason, text, toast } from "./page.js";

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

// The reader may be far down the page, and nothing there shall move. What came with the page itself stays in its place.
let place = document.getElementById("notices");

document.addEventListener("htmx:oobAfterSwap", () => {
  const now = document.getElementById("notices");
  if (now === place) return;
  place = now;
  const notices = [...now.querySelectorAll(":scope > .notice")];
  if (notices.length) toast(...notices);
});
