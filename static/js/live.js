// Lists walked by keys (<… data-list> of [data-item]): j and k go, Enter opens, r presses [data-repeat], x selects.
// Live lists (<… data-live> polled by htmx, swap beforeend of a <template>-free fragment): see hold().
import { each } from "./page.js";

const typing = (element) => element.matches?.("input:not([type=checkbox]), textarea, select, [contenteditable]");

function step(list, way) {
  const all = [...list.querySelectorAll("[data-item]")];
  const now = all.findIndex((one) => one.matches("[aria-selected=true]"));
  const next = all[Math.min(Math.max(now + way, 0), all.length - 1)];
  if (!next) return;
  all[now]?.removeAttribute("aria-selected");
  next.setAttribute("aria-selected", "true");
  next.querySelector("a")?.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
  const list = document.querySelector("[data-list]");
  if (!list) return;
  const chosen = list.querySelector("[aria-selected=true]");
  if (event.code === "KeyJ") step(list, 1);
  else if (event.code === "KeyK") step(list, -1);
  else if (event.code === "KeyR") chosen?.querySelector("[data-repeat]")?.click();
  else if (event.code === "KeyX") chosen?.querySelector("input[type=checkbox]")?.click();
  else if (event.key === "Enter" && document.activeElement === document.body) chosen?.querySelector("a")?.click();
});

/*
 * <tbody data-live id="rows"> with <div class="live-new" data-live-new="rows" hidden><button>…<span data-count></span></button></div>.
 * Rows that htmx puts on top (afterbegin) show at once while the reader is at the top; else they wait, and are counted.
 */
each("[data-live]", (list) => {
  const bar = document.querySelector(`[data-live-new="${list.id}"]`);
  const waiting = () => [...list.querySelectorAll(":scope > [data-held]")];
  const atTop = () => list.getBoundingClientRect().top > 0;

  const show = () => {
    for (const row of waiting()) {
      row.hidden = false;
      row.removeAttribute("data-held");
    }
    if (bar) bar.hidden = true;
  };

  new MutationObserver((changes) => {
    const added = changes.flatMap((change) => [...change.addedNodes]).filter((node) => node.nodeType === 1);
    const fresh = added.filter((row) => row.matches("[data-new]"));
    for (const row of fresh) {
      row.removeAttribute("data-new");
      if (atTop() || !bar) row.classList.add("slide-in");
      else {
        row.hidden = true;
        row.dataset.held = "";
      }
    }
    if (!bar || !waiting().length) return;
    bar.querySelector("[data-count]").textContent = waiting().length;
    bar.hidden = false;
  }).observe(list, { childList: true });

  bar?.querySelector("button").addEventListener("click", () => {
    show();
    list.scrollIntoView({ block: "start" });
  });
  addEventListener("scroll", () => atTop() && show(), { passive: true });
});
