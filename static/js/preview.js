// Under each [data-preview] input of a <form data-preview-url="…">: the filled value on the sample, small and grey.
import { each, post, text } from "./page.js";

const PAUSE = 350;

function lineOf(input) {
  let box = input.closest(".with-picker, .with-preview");
  if (!box) {
    box = document.createElement("span");
    box.className = "with-preview";
    input.before(box);
    box.append(input);
  }
  let line = box.querySelector(".preview");
  if (!line) {
    line = document.createElement("output");
    line.className = "preview";
    box.append(line);
  }
  return line;
}

function draw(input, answer) {
  const line = lineOf(input);
  const unknown = answer?.unknown ?? [];
  line.classList.toggle("preview-error", Boolean(answer?.error));
  line.classList.toggle("preview-unknown", !answer?.error && unknown.length > 0);
  if (answer?.error) line.textContent = answer.error;
  else if (unknown.length) line.textContent = text("unknown", { names: unknown.join(", ") });
  // A value without placeholders would only be repeated.
  else line.textContent = input.value.includes("{") ? (answer?.text ?? "") : "";
}

each("form[data-preview-url]", (form) => {
  let timer;
  let running;

  const refresh = async () => {
    running?.abort();
    running = new AbortController();
    const answer = await post(form.dataset.previewUrl, new FormData(form), { quiet: true, signal: running.signal });
    const heard = await answer?.json().catch(() => null); // null: another question has been asked meanwhile
    if (!heard) return;
    const { previews, told } = heard;
    const line = form.querySelector("[data-brings]");
    if (line) line.textContent = told ? text("sample", { told }) : "";
    for (const input of form.querySelectorAll("[data-preview]")) {
      const found = previews[input.name];
      // Rows repeat a name: their previews come as a list in document order.
      const same = [...form.querySelectorAll(`[data-preview][name="${CSS.escape(input.name)}"]`)];
      draw(input, Array.isArray(found) ? found[same.indexOf(input)] : found);
    }
    form.dispatchEvent(new CustomEvent("webjack:previewed", { bubbles: true, detail: previews }));
  };

  for (const input of form.querySelectorAll("[data-preview]")) lineOf(input);
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, PAUSE);
  };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  refresh();
});

each("[data-preview]", lineOf);
