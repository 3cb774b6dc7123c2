// <div data-shown-for="body_kind" data-values="json form">: shown while the input of that name has one of these values.
// Without script all editors show, and the server takes the one that the choice names.
import { each } from "./page.js";

each("[data-shown-for]", (part) => {
  const inputs = () => [...part.closest("form").elements].filter((input) => input.name === part.dataset.shownFor);
  const value = () => (inputs().find((input) => input.checked) ?? inputs().find((input) => input.type !== "radio"))?.value;
  const draw = () => (part.hidden = !part.dataset.values.split(" ").includes(value()));
  for (const input of inputs()) input.addEventListener("change", draw);
  draw();
});
