// Each input or textarea with data-picker gets a «{ }» button that inserts placeholders at the cursor; typed {{ opens it too.
// Inside a form with data-filters-url a field can be changed by filters before it goes in, and so can a placeholder that
// stands there: by a click on its chip, or by the button with the cursor in it.
// The data lie in <script type="application/json" id="picker-data">: {"groups": [{"title", "items": [{label, name, placeholder, sample}]}]}.
import { step } from "./filters.js";
import { each, text } from "./page.js";
import { around, data, told } from "./placeholders.js";

let panel;
let target;
let above; // on which side of the input it opened; it stays there while what it lists gets shorter
let range; // what shall be replaced: typed «{{», or the placeholder that is changed; null for the selection

function make(tag, className, words) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (words !== undefined) element.textContent = words;
  return element;
}

function build() {
  panel = make("div", "picker");
  panel.hidden = true;
  panel.tabIndex = -1;
  panel.setAttribute("role", "dialog");
  panel.setAttribute("aria-label", text("pickertitle"));
  const search = make("input", "form-control picker-search");
  search.type = "search";
  search.placeholder = text("pickersearch");
  for (const [name, value] of Object.entries({
    role: "combobox",
    "aria-label": text("pickersearch"),
    "aria-expanded": "true",
    "aria-controls": "picker-list",
    "aria-autocomplete": "list",
    autocomplete: "off",
  }))
    search.setAttribute(name, value);
  const list = make("div", "picker-list");
  list.id = "picker-list";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", text("pickertitle"));
  const fields = make("div", "picker-step");
  fields.append(search, list, make("div", "picker-keys", text("pickerkeys")));
  const filters = make("div", "picker-step picker-filters");
  filters.hidden = true;
  panel.append(fields, filters);
  search.addEventListener("input", () => {
    fill(search.value);
    put();
  });
  search.addEventListener("keydown", keys);
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (!option) return;
    if (event.target.closest(".picker-change")) change(option);
    else insert(option.dataset.placeholder);
  });
}

const filtersUrl = () => target.closest("[data-filters-url]")?.dataset.filtersUrl;

function turn(second) {
  const [fields, filters] = panel.children;
  fields.hidden = second;
  filters.hidden = !second;
  panel.classList.toggle("picker-second", second);
  put();
}

/** The second step for a field of the list, or for a placeholder that stands in the input already. */
function change(option, placeholder = null) {
  if (!filtersUrl()) return;
  const { item, name } = placeholder ? told(placeholder.text) : {};
  turn(true);
  step(panel.children[1], {
    url: filtersUrl(),
    placeholder: placeholder?.text ?? option.dataset.placeholder,
    name: item?.name ?? name ?? option.dataset.name,
    label: item?.label ?? name ?? option.dataset.label,
    editing: Boolean(placeholder),
    done: insert,
    back: () => {
      if (placeholder) return close(true);
      turn(false);
      panel.querySelector(".picker-search").focus();
    },
    changed: put,
  });
}

function option(item, number) {
  const line = make("div", "picker-item");
  line.id = `picker-${number}`;
  line.setAttribute("role", "option");
  line.dataset.placeholder = item.placeholder;
  line.dataset.name = item.name;
  line.dataset.label = item.label || item.name;
  const names = make("span");
  names.append(make("span", "picker-label", item.label || item.name));
  if (item.label && item.label !== item.name) names.append(make("span", "picker-name", item.name));
  line.append(names, make("span", "picker-sample", item.sample ?? ""));
  if (filtersUrl()) {
    const more = make("span", "picker-change", "›");
    more.title = text("pickerchange");
    line.append(more);
  }
  return line;
}

function fill(words) {
  const list = panel.querySelector(".picker-list");
  const wanted = words.trim().toLowerCase();
  const fits = (item) => !wanted || `${item.label} ${item.name} ${item.sample}`.toLowerCase().includes(wanted);
  let number = 0;
  const groups = data().groups.map((group, index) => {
    const found = group.items.filter(fits);
    if (!found.length) return null;
    const box = make("div");
    const title = make("div", "picker-title", group.title);
    title.id = `picker-group-${index}`;
    box.setAttribute("role", "group");
    box.setAttribute("aria-labelledby", title.id);
    box.append(title, ...found.map((item) => option(item, number++)));
    return box;
  });
  const shown = groups.filter(Boolean);
  list.replaceChildren(...(shown.length ? shown : [make("div", "picker-none", text("pickernone"))]));
  choose(list.querySelector("[role=option]"));
}

function choose(line) {
  panel.querySelector("[aria-selected=true]")?.removeAttribute("aria-selected");
  const search = panel.querySelector(".picker-search");
  if (!line) return search.removeAttribute("aria-activedescendant");
  line.setAttribute("aria-selected", "true");
  line.scrollIntoView({ block: "nearest" });
  search.setAttribute("aria-activedescendant", line.id);
}

function keys(event) {
  const all = [...panel.querySelectorAll("[role=option]")];
  const now = all.findIndex((line) => line.matches("[aria-selected=true]"));
  if (event.key === "ArrowDown") choose(all[(now + 1) % all.length]);
  else if (event.key === "ArrowUp") choose(all[(now - 1 + all.length) % all.length]);
  else if (event.key === "ArrowRight" && all[now] && filtersUrl() && event.target.selectionStart === event.target.value.length)
    change(all[now]);
  else if (event.key === "Enter") all[now] && insert(all[now].dataset.placeholder);
  else if (event.key === "Escape" || event.key === "Tab") close(true);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function open(input, replaced = null, placeholder = null) {
  if (!panel) build();
  target = input;
  range = replaced;
  above = undefined;
  // Inside a modal dialog everything outside of it is dead.
  (input.closest("dialog") ?? document.body).append(panel);
  panel.hidden = false;
  button(input).setAttribute("aria-expanded", "true");
  const search = panel.querySelector(".picker-search");
  search.value = "";
  fill("");
  panel.querySelector(".picker-keys").hidden = !filtersUrl();
  turn(false);
  if (placeholder) return change(null, placeholder);
  // A phone's keyboard would cover the sheet before anything was seen of it.
  (matchMedia("(pointer: coarse)").matches ? panel : search).focus();
}

function put() {
  const box = target.getBoundingClientRect();
  const size = panel.getBoundingClientRect();
  const below = box.bottom + 6;
  above ??= below + size.height > innerHeight && box.top > size.height;
  const top = above ? box.top - size.height - 6 : below;
  panel.style.top = `${Math.max(8, Math.min(top, innerHeight - size.height - 8))}px`;
  panel.style.left = `${Math.max(12, Math.min(box.right - size.width, innerWidth - size.width - 12))}px`;
}

function close(back = false) {
  if (!panel || panel.hidden) return;
  panel.hidden = true;
  button(target).setAttribute("aria-expanded", "false");
  if (back) target.focus();
}

function insert(placeholder) {
  const input = target;
  close(true);
  const from = range?.from ?? input.selectionStart ?? input.value.length;
  const to = range?.to ?? Math.max(from, input.selectionEnd ?? input.value.length);
  input.setSelectionRange(from, to);
  // execCommand keeps the browser's own undo; setRangeText is for where it does not work.
  if (!document.execCommand("insertText", false, placeholder)) {
    input.setRangeText(placeholder, from, to, "end");
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

/** At the cursor; a placeholder that it stands in is changed. */
function pick(input) {
  const placeholder = input.closest("[data-filters-url]") && around(input.value, input.selectionStart ?? 0);
  open(input, placeholder || null, placeholder || null);
}

const button = (input) => input.closest(".with-picker").querySelector(".picker-open");

each("[data-picker]", (input) => {
  const box = make("span", "with-picker");
  input.before(box);
  const opener = make("button", "picker-open", "{ }");
  opener.type = "button";
  opener.title = text("pickertitle");
  opener.setAttribute("aria-label", text("pickertitle"));
  opener.setAttribute("aria-haspopup", "dialog");
  opener.setAttribute("aria-expanded", "false");
  opener.addEventListener("click", () => (panel && !panel.hidden && target === input ? close(true) : pick(input)));
  box.append(input, opener);
  input.addEventListener("input", (event) => {
    const at = input.selectionStart;
    if (event.data === "{" && input.value.slice(at - 2, at) === "{{") open(input, { from: at - 2, to: at });
  });
  input.addEventListener("webjack:chip", ({ detail }) => open(input, detail, detail));
});

document.addEventListener("pointerdown", (event) => {
  if (!panel || panel.hidden || panel.contains(event.target) || event.target === button(target)) return;
  close();
});
addEventListener("resize", () => panel && !panel.hidden && put());
// A preview that comes late moves what lies below it.
new ResizeObserver(() => panel && !panel.hidden && put()).observe(document.body);
addEventListener("scroll", (event) => panel && !panel.hidden && !panel.contains(event.target) && put(), true);
