// <div data-shown-for="body_kind" data-values="json form">: shown while the input of that name has one of these values.
// Several inputs are joined by a plus, and so are their values: "body_kind+json_as", "json+text".
// Without script all editors show, and the server takes the one that the choice names.
import { each } from "./page.js";

const inputs = (form, name) => [...form.elements].filter((input) => input.name === name);

function value(form, name) {
  const found = inputs(form, name);
  return (found.find((input) => input.checked) ?? found.find((input) => input.type !== "radio"))?.value ?? "";
}

each("[data-shown-for]", (part) => {
  const form = part.closest("form");
  const names = part.dataset.shownFor.split("+");
  const wanted = part.dataset.values.split(" ");
  const draw = () => {
    const shown = wanted.includes(names.map((name) => value(form, name)).join("+"));
    part.hidden = !shown;
    // An option that cannot be chosen must not be offered by the keyboard either.
    if (part.matches("option")) part.disabled = !shown && !part.selected;
  };
  for (const name of names) for (const input of inputs(form, name)) input.addEventListener("change", draw);
  draw();
});
