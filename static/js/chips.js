// While an input rests, its placeholders are drawn as chips with the field's label; in focus it is plain text again, and so is a copy.
import { each } from "./page.js";

const PLACEHOLDER = /\{\{.*?\}\}/gs;
const bare = (placeholder) => placeholder.replace(/\s/g, "");

const known = new WeakMap();

function labels() {
  const data = document.getElementById("picker-data");
  if (!data) return new Map();
  if (!known.has(data)) {
    const items = JSON.parse(data.textContent).groups.flatMap((group) => group.items);
    known.set(data, new Map(items.map((item) => [bare(item.placeholder), item.label || item.name])));
  }
  return known.get(data);
}

// A filter or a default may follow the name: {{ client_phone | default: "-" }}.
function chip(placeholder) {
  const [name, ...filters] = placeholder.slice(2, -2).split("|");
  const label = labels().get(bare(`{{${name}}}`));
  const element = document.createElement("span");
  element.className = label ? "chip" : "chip chip-unknown";
  element.textContent = [label ?? name.trim(), ...filters.map((filter) => filter.trim())].join(" | ");
  return element;
}

function draw(input, layer) {
  const words = input.value;
  const parts = [];
  let end = 0;
  for (const match of words.matchAll(PLACEHOLDER)) {
    parts.push(words.slice(end, match.index), chip(match[0]));
    end = match.index + match[0].length;
  }
  layer.hidden = !parts.length;
  if (!parts.length) return;
  layer.replaceChildren(...parts, words.slice(end));
  layer.classList.toggle("mono", input.matches(".mono"));
  layer.style.height = `${input.clientHeight}px`;
}

each("[data-picker]", (input) => {
  const layer = document.createElement("span");
  layer.className = "chips";
  layer.setAttribute("aria-hidden", "true");
  // The picker wraps the input before this module looks at it.
  input.after(layer);
  draw(input, layer);
  input.addEventListener("blur", () => draw(input, layer));
  input.addEventListener("change", () => draw(input, layer));
  new ResizeObserver(() => draw(input, layer)).observe(input);
});
