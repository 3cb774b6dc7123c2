// Sortable cards, one inside another: <div data-sort-url="…"> around <ol data-sortable data-in="<block>" data-slot="…">
// with <li data-id="…">, which may hold such lists again; [data-handle] drags, [data-move="up|down"] moves by keyboard.
// Posted after each move: order=<id>… of all cards as they are read, and moved, in and slot of the one that was moved.
import { draggable } from "./drag.js";
import { announce, each, post, text } from "./page.js";

const ROOT = "[data-sort-url]";
const cardsIn = (root) => [...root.querySelectorAll("[data-id]")];
const children = (list) => [...list.querySelectorAll(":scope > [data-id]")];
const listOf = (card) => card.closest("[data-sortable]");
const listsIn = (card) => [...card.querySelectorAll(":scope > .slot > [data-sortable]")];

async function save(card, putBack) {
  const root = card.closest(ROOT);
  const list = listOf(card);
  const body = new URLSearchParams(cardsIn(root).map((one) => ["order", one.dataset.id]));
  for (const [name, value] of [["moved", card.dataset.id], ["in", list.dataset.in], ["slot", list.dataset.slot]])
    body.append(name, value ?? "");
  const answer = await post(root.dataset.sortUrl, body);
  // What could not be saved goes back to where it was.
  if (!answer) return putBack();
  announce(text("moved", { n: cardsIn(root).indexOf(card) + 1 }));
  renumber(root);
  root.dispatchEvent(new Event("webjack:sorted", { bubbles: true }));
}

// What is switched off, or inside something that is, has no number.
function renumber(root) {
  let count = 0;
  for (const card of cardsIn(root)) {
    const number = card.querySelector(":scope > .node [data-number]");
    if (number) number.textContent = isOff(card) ? "" : ++count;
  }
}

function isOff(card) {
  for (let one = card; one; one = one.parentElement.closest("[data-id]"))
    if (one.querySelector(":scope > .node-off")) return true;
  return false;
}

// Where a card was, to put it back.
function place(card) {
  const list = listOf(card);
  const before = card.nextElementSibling;
  return () => list.insertBefore(card, before);
}

// Up: to the end of the last slot of a block above, or over the card above; from the top of a slot to the end of the one
// before it, or out of the block. Down the same way. Whether there was anywhere to go.
function move(card, up) {
  const list = listOf(card);
  const all = children(list);
  const other = all[all.indexOf(card) + (up ? -1 : 1)];
  if (other) {
    const slots = listsIn(other);
    const into = up ? slots.at(-1) : slots[0];
    if (into) up ? into.append(card) : into.prepend(card);
    else up ? other.before(card) : other.after(card);
    return true;
  }
  const block = list.parentElement.closest("[data-id]");
  if (!block) return false;
  const slots = listsIn(block);
  const beside = slots[slots.indexOf(list) + (up ? -1 : 1)];
  if (beside) up ? beside.append(card) : beside.prepend(card);
  else up ? block.before(card) : block.after(card);
  return true;
}

document.addEventListener("click", (event) => {
  const mover = event.target.closest("[data-sortable] [data-move]");
  if (!mover || mover.closest("[data-rows]")) return;
  const card = mover.closest("[data-id]");
  const putBack = place(card);
  if (!move(card, mover.dataset.move === "up")) return;
  mover.focus(); // what is moved loses it; so the same key moves on
  save(card, putBack);
});

each("[data-sortable]", (list) => {
  let putBack;
  draggable(list, {
    group: "actions",
    draggable: "[data-id]",
    animation: 150,
    fallbackOnBody: true,
    swapThreshold: 0.65,
    emptyInsertThreshold: 16,
    onStart: (event) => (putBack = place(event.item)),
    onEnd: (event) => {
      if (event.from !== event.to || event.oldIndex !== event.newIndex) save(event.item, putBack);
    },
  });
});
