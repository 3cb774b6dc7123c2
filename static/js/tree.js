// Rows inside rows (<div data-rows data-tree>): a row of type object or list holds the deeper rows that follow it.
// Adding, moving and removing is rows.js's; here are what only a tree has: rows inside, and what a type means for them.
import { each } from "./page.js";
import { add, depthOf, familyOf } from "./rows.js";

const HOLDERS = ["object", "list"];
const typeOf = (row) => row.querySelector("select").value;

function setDepth(row, depth) {
  row.dataset.depth = depth;
  row.querySelector("[name$='-depth']").value = depth;
}

// Each row knows its type, and whether it is an element of a list and so has no name.
function draw(box) {
  const around = [];
  for (const row of box.querySelectorAll("[data-row-item]")) {
    around.length = Math.min(around.length, depthOf(row));
    setDepth(row, around.length);
    row.toggleAttribute("data-in-list", around.at(-1) === "list");
    row.dataset.type = typeOf(row);
    if (HOLDERS.includes(typeOf(row)) && around.length < Number(box.dataset.deepest)) around.push(typeOf(row));
  }
}

each("[data-tree]", (box) => {
  box.addEventListener("click", (event) => {
    const row = event.target.closest("[data-add-inside]")?.closest("[data-row-item]");
    if (row) add(box, familyOf(box, row).at(-1), depthOf(row) + 1);
  });
  box.addEventListener("change", (event) => event.target.matches("select") && draw(box));
  box.addEventListener("webjack:added", () => draw(box));
  box.addEventListener("webjack:moved", () => draw(box));
  draw(box);
});
