// The history's list and one operation: selection, what is unfolded and what is focused outlive each refresh.

const boxes = () => [...document.querySelectorAll("#rows input[name=id]")];
const opened = new Map(); // whether a fold that the reader touched is open, by its id

function count() {
  const place = document.querySelector("[data-selected]");
  if (!place) return;
  const chosen = boxes().filter((box) => box.checked).length;
  place.textContent = chosen;
  const all = document.querySelector("[data-check-all]");
  all.checked = chosen > 0 && chosen === boxes().length;
  all.indeterminate = chosen > 0 && !all.checked;
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-check-all]")) {
    for (const box of boxes()) box.checked = event.target.checked && !box.closest("[data-held]");
  }
  if (event.target.matches("[data-check-all], #rows input[name=id]")) count();
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-check-none]")) return;
  for (const box of boxes()) box.checked = false;
  count();
});

// A row that is drawn again stays selected, and the reader stays on it.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const old = event.detail.target;
  if (!old.matches?.("[data-item]")) return;
  const fresh = event.detail.fragment.querySelector("[data-item]");
  if (!fresh) return;
  if (old.getAttribute("aria-selected")) fresh.setAttribute("aria-selected", "true");
  const box = fresh.querySelector("input[name=id]");
  if (box) box.checked = old.querySelector("input[name=id]")?.checked ?? false;
  const focused = old.contains(document.activeElement) && document.activeElement.matches("a, input") && document.activeElement.tagName;
  if (focused) setTimeout(() => document.getElementById(old.id)?.querySelector(focused)?.focus({ preventScroll: true }));
});
document.addEventListener("htmx:afterSettle", count);

// A page that is kept open for hours stays a page of a length one can scroll.
const MOST = 100;

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id !== "rows") return;
  const rows = [...event.detail.target.querySelectorAll("[data-item]")];
  const extra = rows.slice(MOST).filter((row) => !row.querySelector("input:checked") && !row.contains(document.activeElement));
  if (!extra.length || scrollY > 200) return;
  for (const row of extra) row.remove();
  const last = [...document.querySelectorAll("#rows [id^=row-]")].pop();
  for (const link of document.querySelectorAll(".pager [rel=next]")) {
    const url = new URL(link.href);
    url.searchParams.set("before", last.id.replace("row-", ""));
    link.href = url;
  }
});

// What the reader has unfolded stays so when the timeline is drawn again.
document.addEventListener("click", (event) => {
  const fold = event.target.closest("#timeline summary")?.parentElement;
  if (fold?.id) opened.set(fold.id, !fold.open);
});

document.addEventListener("htmx:oobBeforeSwap", (event) => {
  if (event.detail.target.id !== "timeline") return;
  for (const fold of event.detail.fragment.querySelectorAll("details[id]")) {
    if (opened.has(fold.id)) fold.open = opened.get(fold.id);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.code !== "KeyR" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input, textarea, select") || document.querySelector("dialog[open], [data-list]")) return;
  document.querySelector("#headline [data-repeat]")?.click();
});

// «12 новых»: the word follows the number by the rules of the page's language.
const number = document.querySelector("[data-count]");
const word = document.querySelector("[data-count-word]");
if (number && word) {
  const rules = new Intl.PluralRules(document.documentElement.lang);
  new MutationObserver(() => {
    word.textContent = word.dataset[rules.select(Number(number.textContent))] ?? word.dataset.other;
  }).observe(number, { childList: true });
}
