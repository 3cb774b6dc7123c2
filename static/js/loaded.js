// An input with what the account has beside it: <div data-loaded="stage"><input><details data-loaded-menu>…<output
// data-loaded-label></div> inside <form data-options-url="…">. The list comes when the menu is opened, for what stands in
// the form then; a choice is put into the input, which takes anything else as well.
import { each, post } from "./page.js";

const inputOf = (box) => box.querySelector("input:not([type=search])");
const optionsOf = (box) => [...box.querySelectorAll(".loaded-option")];

function label(box) {
  const wanted = inputOf(box).value.trim();
  const found = optionsOf(box).find((option) => option.dataset.value === wanted);
  box.querySelector("[data-loaded-label]").textContent = found && found.dataset.label !== wanted ? found.dataset.label : "";
  for (const option of optionsOf(box)) option.toggleAttribute("data-chosen", option === found);
}

function choose(box, option) {
  const input = inputOf(box);
  input.value = option.dataset.value;
  for (const name of ["input", "change"]) input.dispatchEvent(new Event(name, { bubbles: true }));
  box.querySelector("[data-loaded-menu]").open = false;
  label(box);
  box.querySelector("summary").focus();
}

function search(box, words) {
  const wanted = words.trim().toLowerCase();
  for (const group of box.querySelectorAll("[data-loaded-group]")) {
    const options = [...group.querySelectorAll(".loaded-option")];
    for (const option of options) option.hidden = !`${option.textContent} ${option.dataset.value}`.toLowerCase().includes(wanted);
    group.hidden = options.every((option) => option.hidden);
  }
}

async function load(form, box, refresh = false) {
  const list = box.querySelector("[data-loaded-list]");
  const asked = new FormData(form);
  asked.set("options-field", box.dataset.loaded);
  if (refresh) asked.set("options-refresh", "1");
  list.setAttribute("aria-busy", "true");
  const answer = await post(form.dataset.optionsUrl, asked);
  list.removeAttribute("aria-busy");
  if (!answer) return (box.querySelector("[data-loaded-menu]").open = false);
  list.innerHTML = await answer.text();
  label(box);
  if (box.querySelector("[data-loaded-menu]").open) (list.querySelector("input, .loaded-option, button") ?? list).focus();
}

async function ask(form, box, code) {
  const asked = new FormData(form);
  asked.set("options-field", box.dataset.loaded);
  if (code) asked.set("options-code", code);
  const answer = await post(form.dataset.optionsUrl.replace("/options/", "/find/"), asked);
  return answer && answer.status === 200 ? answer.text() : "";
}

// Shows a code and waits until something of the account has sent it, as long as the menu stays open, but not for ever.
const PATIENCE = 5 * 60 * 1000;

async function find(form, box) {
  const list = box.querySelector("[data-loaded-list]");
  const shown = await ask(form, box);
  if (!shown) return;
  list.innerHTML = shown;
  const code = list.querySelector("[data-loaded-code]")?.dataset.loadedCode;
  const waits = () => code && box.querySelector("[data-loaded-menu]").open && list.querySelector(`[data-loaded-code="${code}"]`);
  const ends = Date.now() + PATIENCE;
  while (waits() && Date.now() < ends) {
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const told = waits() && (await ask(form, box, code));
    if (!waits()) return;
    const piece = document.createRange().createContextualFragment(told || "");
    const option = piece.querySelector("[data-loaded-found]");
    if (option) {
      list.replaceChildren(piece);
      return choose(box, option);
    }
    const said = list.querySelector("[data-loaded-said]");
    if (said.textContent !== piece.textContent) said.replaceChildren(piece); // said anew only where it changed
  }
  if (!waits()) return;
  list.querySelector("[data-loaded-waits]").hidden = true;
  list.querySelector("[data-loaded-over]").hidden = false;
}

each("[data-loaded]", (box) => {
  const form = box.closest("form[data-options-url]");
  if (!form || box.closest("fieldset:disabled")) return;
  const menu = box.querySelector("[data-loaded-menu]");
  menu.hidden = false;
  menu.addEventListener("toggle", () => menu.open && load(form, box));
  inputOf(box).addEventListener("input", () => label(box));
  menu.addEventListener("input", (event) => {
    event.stopPropagation(); // searching changes no setting
    search(box, event.target.value);
  });
  menu.addEventListener("keydown", (event) => event.key === "Enter" && event.target.type === "search" && event.preventDefault());
  menu.addEventListener("click", (event) => {
    const option = event.target.closest(".loaded-option");
    if (option) choose(box, option);
    else if (event.target.closest("[data-loaded-find]")) find(form, box);
    else if (event.target.closest("[data-loaded-refresh]")) load(form, box, true);
  });
});
