// <details class="rename">: opened by the pencil, the name is ready to be typed over.
// By hand and not on "toggle", which comes too late for the first letters.
document.addEventListener("click", (event) => {
  const rename = event.target.closest("details.rename > summary")?.parentElement;
  if (!rename) return;
  event.preventDefault();
  rename.open = true;
  const name = rename.querySelector("input:not([type=hidden])");
  name.focus();
  name.select();
});
