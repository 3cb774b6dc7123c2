// <textarea data-takes-file=".json">: a button below it reads a chosen file into it. Without script one pastes the text.
import { each } from "./page.js";

each("textarea[data-takes-file]", (area) => {
  const input = document.createElement("input");
  Object.assign(input, { type: "file", accept: area.dataset.takesFile, hidden: true });
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "btn btn-sm file-button", textContent: area.dataset.fileLabel });
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", async () => {
    if (!input.files[0]) return;
    area.value = await input.files[0].text();
    button.textContent = input.files[0].name;
    area.dispatchEvent(new Event("input", { bubbles: true }));
    input.value = "";
  });
  area.after(button, input);
});
