// Whoever stands in a part that htmx draws anew keeps standing in it: htmx finds an element of the same id, else the part itself is focused.
let left; // the part's id

document.addEventListener("htmx:beforeSwap", (event) => {
  const part = event.detail.target;
  left = part?.id && part.contains(document.activeElement) ? part.id : "";
});

document.addEventListener("htmx:afterSettle", () => {
  const part = left && document.getElementById(left);
  left = "";
  if (!part || document.activeElement !== document.body) return;
  part.tabIndex = -1;
  part.focus({ preventScroll: true });
});
