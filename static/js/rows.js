// Rows of inputs: <div data-rows><ul data-list-of-rows>[data-row-item]…</ul><template data-row>…</template>
// <button data-add-row>; in a row: [data-remove-row], [data-move="up|down"], [data-handle].
// <button data-add-all hidden>: shows itself when the picker knows fields of the source, and makes a row of each.
// The values are read in document order, so that moving a row is all that ordering needs.
import { draggable } from "./drag.js";
import { announce, each, text } from "./page.js";

const rowsOf = (box) => [...box.querySelectorAll("[data-row-item]")];
const inputs = (row) => [...row.querySelectorAll("input:not([type=hidden]), textarea, select")];
// In a tree (tree.js) the deeper rows behind a row stand inside it and go with it.
export const depthOf = (row) => Number(row.dataset.depth ?? 0);
const changed = (box) => box.dispatchEvent(new Event("input", { bubbles: true }));

function place(box) {
  return box.querySelector("[data-row-list]") ?? rowsOf(box)[0]?.parentElement ?? box;
}

// A copied row may not share ids with another, or labels point at the wrong input.
function fresh(row) {
  const mark = crypto.getRandomValues(new Uint32Array(1))[0].toString(36);
  for (const element of row.querySelectorAll("[id]")) element.id += `-${mark}`;
  for (const label of row.querySelectorAll("label[for]")) label.htmlFor += `-${mark}`;
}

export function familyOf(box, row) {
  const all = rowsOf(box);
  const behind = all.slice(all.indexOf(row) + 1);
  const end = behind.findIndex((other) => depthOf(other) <= depthOf(row));
  return [row, ...(end < 0 ? behind : behind.slice(0, end))];
}

function insert(box, after = null, depth = 0) {
  const template = box.querySelector("template[data-row]");
  const row = template.content.firstElementChild.cloneNode(true);
  fresh(row);
  const list = place(box);
  if (row.dataset.depth !== undefined) {
    row.dataset.depth = depth;
    row.querySelector("[name$='-depth']").value = depth;
  }
  if (after) after.after(row);
  else list === box ? template.before(row) : list.append(row);
  row.dispatchEvent(new Event("webjack:added", { bubbles: true }));
  return row;
}

export function add(box, after = null, depth = 0) {
  const row = insert(box, after, depth);
  inputs(row).find((input) => input.checkVisibility())?.focus();
  changed(box);
}

function sourceFields() {
  const data = document.getElementById("picker-data");
  const groups = data ? JSON.parse(data.textContent).groups : [];
  return groups.find((group) => group.source)?.items ?? [];
}

// A dot in the name of a field is a part of the name; in JSON it would begin an object inside.
function nameFor(row, field) {
  const dotted = field.placeholder.includes("[") && row.querySelector("select");
  return dotted ? field.name.replaceAll(".", "\\.") : field.name;
}

function addAll(box) {
  const name = (row) => row.querySelector("[name$='-name']");
  const value = (row) => row.querySelector("[name$='-value']");
  const blank = (row) => !name(row).value && !value(row).value;
  for (const row of rowsOf(box).filter(blank)) row.remove();
  const there = new Set(rowsOf(box).map((row) => value(row).value.replace(/\s/g, "")));
  const missing = sourceFields().filter((field) => !there.has(field.placeholder.replace(/\s/g, "")));
  for (const field of missing) {
    const row = insert(box);
    name(row).value = nameFor(row, field);
    value(row).value = field.placeholder;
    value(row).dispatchEvent(new Event("change", { bubbles: true }));
  }
  name(rowsOf(box).at(-missing.length || -1))?.focus();
  changed(box);
}

function remove(box, row) {
  const all = rowsOf(box);
  const family = familyOf(box, row);
  const next = all[all.indexOf(family.at(-1)) + 1] ?? all[all.indexOf(row) - 1];
  for (const each of family) each.remove();
  (next ? inputs(next).find((input) => input.checkVisibility()) : box.querySelector("[data-add-row]"))?.focus();
  changed(box);
}

function siblingOf(box, row, way) {
  const all = rowsOf(box);
  const others = way === "up" ? all.slice(0, all.indexOf(row)).reverse() : all.slice(all.indexOf(row) + 1);
  const level = others.find((other) => depthOf(other) <= depthOf(row));
  return level && depthOf(level) === depthOf(row) ? level : undefined;
}

function move(box, row, way, button) {
  const other = siblingOf(box, row, way);
  if (!other) return;
  const family = familyOf(box, row);
  way === "up" ? other.before(...family) : familyOf(box, other).at(-1).after(...family);
  button.focus();
  announce(text("moved", { n: rowsOf(box).indexOf(row) + 1 }));
  row.dispatchEvent(new Event("webjack:moved", { bubbles: true }));
  changed(box);
}

document.addEventListener("click", (event) => {
  const box = event.target.closest("[data-rows]");
  if (!box) return;
  const row = event.target.closest("[data-row-item]");
  const mover = event.target.closest("[data-move]");
  if (event.target.closest("[data-add-row]")) add(box);
  else if (event.target.closest("[data-add-all]")) addAll(box);
  else if (row && event.target.closest("[data-remove-row]")) remove(box, row);
  else if (row && mover) move(box, row, mover.dataset.move, mover);
});

// Enter in the last row goes on to a new one instead of sending the form half filled.
document.addEventListener("keydown", (event) => {
  const row = event.target.closest?.("[data-row-item]");
  if (!row || event.key !== "Enter" || event.ctrlKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
  if (event.target.matches("textarea, button, select")) return;
  event.preventDefault();
  const box = row.closest("[data-rows]");
  const all = rowsOf(box);
  const next = all[all.indexOf(row) + 1];
  next ? inputs(next).find((input) => input.checkVisibility())?.focus() : add(box, row, depthOf(row));
});

each("[data-add-all]", (button) => (button.hidden = sourceFields().length < 2));

each("[data-rows]", (box) => {
  if (!box.querySelector("[data-handle]") && !box.querySelector("template[data-row]")?.content.querySelector("[data-handle]")) return;
  draggable(place(box), { draggable: "[data-row-item]", animation: 120, onUpdate: () => changed(box) });
});
