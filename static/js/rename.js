// <details class="rename">: opened by the pencil, the name is ready to be typed over.
document.addEventListener("toggle", (event) => event.target.matches?.("details.rename[open]") && event.target.querySelector("input:not([type=hidden])").select(), true);
