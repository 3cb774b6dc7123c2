// <button data-copy="#id"> or <button data-copy-text="…">; says «Скопировано» for two seconds.
import { announce, notify, text } from "./page.js";

// Without https the clipboard API is missing; the old way needs something selected.
function copyBySelection(words) {
  const area = document.createElement("textarea");
  area.value = words;
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  return copied;
}

async function copy(words) {
  try {
    await navigator.clipboard.writeText(words);
    return true;
  } catch {
    return copyBySelection(words);
  }
}

function wanted(button) {
  if (button.dataset.copyText !== undefined) return button.dataset.copyText;
  const source = document.querySelector(button.dataset.copy);
  return source.value ?? source.textContent;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-text]");
  if (!button) return;
  if (!(await copy(wanted(button)))) return notify(text("copyfailed"));
  button.dataset.copied = "";
  announce(button.querySelector(".copy-done")?.textContent ?? "");
  clearTimeout(button.copyTimer);
  button.copyTimer = setTimeout(() => delete button.dataset.copied, 2000);
});

document.addEventListener("focusin", (event) => {
  if (event.target.matches("[data-select]")) event.target.select();
});
