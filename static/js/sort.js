// A sortable list of cards: <ol data-sortable data-sort-url="…"><li data-id="…">; [data-handle] drags,
// [data-move="up|down"] moves by keyboard; order=<id>… is posted after each move.
import { announce, each, post, text } from "./page.js";

const cards = (list) => [...list.querySelectorAll(":scope > [data-id]")];

async function save(list, card, before) {
  const body = new URLSearchParams(cards(list).map((one) => ["order", one.dataset.id]));
  const answer = await post(list.dataset.sortUrl, body);
  // What could not be saved goes back to where it was.
  if (!answer) return list.append(...before);
  announce(text("moved", { n: cards(list).indexOf(card) + 1 }));
  cards(list).forEach((one, index) => {
    const number = one.querySelector("[data-number]");
    if (number) number.textContent = index + 1;
  });
  list.dispatchEvent(new Event("webjack:sorted", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const mover = event.target.closest("[data-sortable] [data-move]");
  if (!mover || mover.closest("[data-rows]")) return;
  const list = mover.closest("[data-sortable]");
  const card = mover.closest("[data-id]");
  const before = [...list.children];
  const all = cards(list);
  const other = all[all.indexOf(card) + (mover.dataset.move === "up" ? -1 : 1)];
  if (!other) return;
  mover.dataset.move === "up" ? other.before(card) : other.after(card);
  const menu = mover.closest("details.menu");
  if (!menu) mover.focus();
  save(list, card, before);
});

each("[data-sortable]", async (list) => {
  const { default: Sortable } = await import("../vendor/sortable.esm.js");
  let before = [];
  Sortable.create(list, {
    draggable: "[data-id]",
    handle: "[data-handle]",
    animation: 150,
    onStart: () => (before = [...list.children]),
    onUpdate: (event) => save(list, event.item, before),
  });
});
