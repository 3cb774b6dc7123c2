// While an input rests, its placeholders are drawn as chips with the field's label and the filters' titles; in focus it is
// plain text again, and so is a copy. A click on a chip opens the picker at it.
import { each } from "./page.js";
import { found, told } from "./placeholders.js";

function chip(placeholder, input) {
  const { item, name, filters } = told(placeholder.text);
  const element = document.createElement("span");
  element.className = item ? "chip" : "chip chip-unknown";
  element.textContent = [item ? item.label || item.name : name, ...filters].join(" › ");
  element.title = placeholder.text;
  const changeable = () => input.closest("[data-filters-url]") && !input.matches(":disabled");
  // The input must not get the focus, or its chips would go.
  element.addEventListener("pointerdown", (event) => changeable() && event.preventDefault());
  element.addEventListener("mousedown", (event) => changeable() && event.preventDefault());
  element.addEventListener("click", () => {
    if (!changeable()) return;
    input.dispatchEvent(new CustomEvent("webjack:chip", { bubbles: true, detail: placeholder }));
  });
  return element;
}

function draw(input, layer) {
  const words = input.value;
  const parts = [];
  let end = 0;
  for (const placeholder of found(words)) {
    parts.push(words.slice(end, placeholder.from), chip(placeholder, input));
    end = placeholder.to;
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
