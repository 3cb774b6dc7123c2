// The editor of conditions: <div data-rules> with groups [data-group] of [data-item=rule|group], and with data-branches
// a list of [data-branch] that have one group each. What it says is kept as JSON in [data-rules-json].
// The server tells what the rules mean and come to on the sample: preview.js passes it on.
import { draggable } from "./drag.js";
import { announce, each, text } from "./page.js";

const BOX = "[data-rules]";
const own = (group, selector) => group.querySelector(`:scope > ${selector}`);
const listOf = (group) => own(group, "[data-list]");
const itemsIn = (list) => [...list.children].filter((item) => item.matches("[data-item]"));
const groupIn = (item) => item.querySelector(":scope > [data-group]");
const rulesIn = (root) => [...root.querySelectorAll('[data-item="rule"]')];
const branchesIn = (box) => [...box.querySelectorAll("[data-branch]")];

function readRule(item) {
  const side = (name) => item.querySelector(`[data-${name}]`);
  const right = side("right");
  const rule = { left: side("left").value, operator: side("operator").value, right: right.value };
  // A list or number that the API gave stays one until somebody types over it.
  if (right.dataset.kept && right.value === right.defaultValue) rule.right = JSON.parse(right.dataset.kept);
  if (side("to").value) rule.to = side("to").value;
  if (side("case").checked) rule.case = true;
  return rule;
}

function readGroup(group) {
  const rules = itemsIn(listOf(group)).map((item) => (item.dataset.item === "group" ? readGroup(groupIn(item)) : readRule(item)));
  return { match: own(group, ".rules-head").querySelector("[data-match]").value, rules };
}

function readBranch(branch) {
  const title = branch.querySelector("[data-branch-title]").value;
  return { ...(branch.dataset.key && { key: branch.dataset.key }), title, rules: readGroup(own(branch, "[data-group]")) };
}

function write(box) {
  const whole = box.matches("[data-branches]") ? branchesIn(box).map(readBranch) : readGroup(box.querySelector("[data-group]"));
  box.querySelector("[data-rules-json]").value = JSON.stringify(whole);
}

// Changes that no input tells of itself.
function changed(box) {
  write(box);
  box.querySelector("[data-rules-json]").dispatchEvent(new Event("input", { bubbles: true }));
}

function depth(group) {
  let count = 0;
  for (let one = group.parentElement.closest("[data-group]"); one; one = one.parentElement.closest("[data-group]")) count++;
  return count;
}

const height = (item) => {
  const inner = groupIn(item);
  return inner ? 1 + Math.max(0, ...itemsIn(listOf(inner)).map(height)) : 0;
};

const fits = (box, group, item) => depth(group) + height(item) <= Number(box.dataset.deepest);

function make(box, name) {
  return box.querySelector(`template[data-new-${name}]`).content.firstElementChild.cloneNode(true);
}

function show(item) {
  item.dispatchEvent(new Event("webjack:added", { bubbles: true }));
}

function add(box, group, name, after = null) {
  if (rulesIn(box).length >= Number(box.dataset.most) * (branchesIn(box).length || 1)) return;
  const item = make(box, name);
  if (name === "group" && !fits(box, group, item)) return;
  after ? after.after(item) : listOf(group).append(item);
  show(item);
  changed(box);
  item.querySelector("[data-left]").focus();
}

function addBranch(box) {
  if (branchesIn(box).length >= Number(box.dataset.mostBranches)) return;
  const branch = make(box, "branch");
  box.querySelector("[data-branch-list]").append(branch);
  show(branch);
  changed(box);
  branch.querySelector("[data-branch-title]").focus();
}

function remove(box, item) {
  const group = item.closest("[data-list]")?.closest("[data-group]");
  const beside = item.nextElementSibling ?? item.previousElementSibling;
  item.remove();
  (beside?.querySelector("input:not([type=hidden])") ?? (group ?? box).querySelector("[data-add-rule], [data-add-branch]"))?.focus();
  changed(box);
}

// Past a rule, into a group that is in the way, or out of its own group.
function move(box, item, up) {
  const list = item.parentElement;
  const beside = up ? item.previousElementSibling : item.nextElementSibling;
  const inner = beside && groupIn(beside);
  if (inner && fits(box, inner, item)) up ? listOf(inner).append(item) : listOf(inner).prepend(item);
  else if (beside) up ? beside.before(item) : beside.after(item);
  else {
    const around = list.closest("[data-item]");
    if (!around || !box.contains(around)) return;
    up ? around.before(item) : around.after(item);
  }
  told(box, item);
}

function told(box, item) {
  const all = [...item.parentElement.children];
  announce(text("moved", { n: all.indexOf(item) + 1 }));
  changed(box);
}

document.addEventListener("click", (event) => {
  const box = event.target.closest(BOX);
  const button = event.target.closest("button");
  if (!box || !button) return;
  const group = button.closest("[data-group]");
  const item = button.closest("[data-item]");
  const branch = button.closest("[data-branch]");
  if (button.matches("[data-add-rule]")) add(box, group, "rule");
  else if (button.matches("[data-add-group]")) add(box, group, "group");
  else if (button.matches("[data-add-branch]")) addBranch(box);
  else if (button.matches("[data-remove]")) remove(box, item);
  else if (button.matches("[data-remove-branch]")) remove(box, branch);
  else if (button.matches("[data-move]")) move(box, item, button.dataset.move === "up");
  else if (button.matches("[data-move-branch]")) moveBranch(box, branch, button.dataset.moveBranch === "up");
  else return;
  if (button.isConnected && button.matches("[data-move], [data-move-branch]")) button.focus();
});

function moveBranch(box, branch, up) {
  const beside = up ? branch.previousElementSibling : branch.nextElementSibling;
  if (!beside) return;
  up ? beside.before(branch) : beside.after(branch);
  told(box, branch);
}

// Enter in the last rule of a group goes on to a new one instead of sending the form half filled.
document.addEventListener("keydown", (event) => {
  const item = event.target.closest?.('[data-rules] [data-item="rule"]');
  if (!item || event.key !== "Enter" || event.ctrlKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
  if (!event.target.matches("input:not([type=checkbox])")) return;
  event.preventDefault();
  const next = item.nextElementSibling;
  next ? next.querySelector("input").focus() : add(item.closest(BOX), item.closest("[data-group]"), "rule", item);
});

// What an operator takes on its right decides what a rule shows.
function drawRule(item) {
  const option = item.querySelector("[data-operator]").selectedOptions[0];
  item.dataset.takes = option.dataset.takes;
  item.toggleAttribute("data-cased", option.matches("[data-cased]"));
}

// The operators that fit the sample stand first; a new rule begins with the first of them.
function fitOperators(item, looks) {
  const select = item.querySelector("[data-operator]");
  const group = select.querySelector(`[data-family="${CSS.escape(looks)}"]`) ?? select.querySelector('[data-family="text"]');
  if (group !== select.firstElementChild && document.activeElement !== select) {
    const value = select.value;
    select.prepend(group);
    select.value = value;
  }
  if (!item.matches("[data-fresh]") || !item.querySelector("[data-left]").value || looks === "empty") return false;
  item.removeAttribute("data-fresh");
  const value = select.value;
  select.value = group.querySelector("option").value;
  drawRule(item);
  return select.value !== value;
}

function drawResult(whole, told) {
  const output = own(whole, "[data-told]");
  output.hidden = !told?.sentence && !told?.told;
  output.querySelector("[data-sentence]").textContent = told?.sentence ?? "";
  const result = output.querySelector("[data-result]");
  result.textContent = told?.told ?? "";
  result.className = `rules-result ${told?.met === true ? "is-met" : told?.met === false ? "is-unmet" : ""}`;
}

function drawPreview(box, answer) {
  let refit = false;
  rulesIn(box).forEach((item, index) => {
    const seen = answer.rules[index];
    if (!seen) return;
    refit = fitOperators(item, seen.looks) || refit;
    item.querySelector("[data-mark]").className = `rule-mark ${seen.met === true ? "is-met" : seen.met === false ? "is-unmet" : ""}`;
    const note = item.querySelector("[data-note]");
    note.textContent = seen.note;
    note.hidden = !seen.note;
  });
  [...box.querySelectorAll("[data-whole]")].forEach((whole, index) => {
    drawResult(whole, answer.groups[index]);
    whole.toggleAttribute("data-chosen", box.matches("[data-branches]") && answer.chosen === index);
  });
  if (refit) changed(box);
}

document.addEventListener("webjack:previewed", (event) => {
  for (const box of event.target.querySelectorAll(BOX)) {
    const answer = event.detail[box.querySelector("[data-rules-json]").name];
    if (answer) drawPreview(box, answer);
  }
});

document.addEventListener(
  "input",
  (event) => {
    const box = event.target.closest?.(BOX);
    if (!box || event.target.matches("[data-rules-json]")) return;
    const item = event.target.closest("[data-item]");
    item?.querySelector(":scope > .rule-sides > [data-problem]")?.remove();
    if (event.target.matches("[data-operator]")) {
      drawRule(item);
      item.removeAttribute("data-fresh");
    }
    write(box);
  },
  true, // before the preview is asked for
);

each("[data-rules] [data-list]", (list) => {
  const box = list.closest(BOX);
  if (!box) return;
  draggable(list, {
    group: { name: `rules-${box.id}`, put: (to, from, item) => fits(box, to.el.closest("[data-group]"), item) },
    draggable: "[data-item]",
    animation: 120,
    fallbackOnBody: true,
    swapThreshold: 0.65,
    emptyInsertThreshold: 16,
    onEnd: () => changed(box),
  });
});

each("[data-branch-list]", (list) => {
  draggable(list, {
    draggable: "[data-branch]",
    handle: "[data-handle-branch]",
    animation: 120,
    onEnd: () => changed(list.closest(BOX)),
  });
});
