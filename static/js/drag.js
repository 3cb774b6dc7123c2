// Lists whose items are dragged by their handles. The library comes later than the page: until then the handles are dim
// (forms.css), and a list that has it says so by data-drags.
export async function draggable(list, options) {
  const { default: Sortable } = await import("../vendor/sortable.esm.js");
  Sortable.create(list, { handle: "[data-handle]", ...options });
  list.dataset.drags = "";
}
