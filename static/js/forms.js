// Our own words at the field instead of the browser's bubbles; Ctrl+Enter saves; unsaved changes are asked about (<form data-guard>); a form is sent once; <select data-submit> sends at once.
import { each, text } from "./page.js";

// What a check is made on is nothing to save.
const seen = (form) => new URLSearchParams([...new FormData(form)].filter(([name]) => !name.startsWith("check-")).map(([name, value]) => [name, value.name ?? value])).toString();
const guarded = new Map();
// An input named "method" hides the form's own property.
const posts = (form) => form?.getAttribute("method")?.toLowerCase() === "post";

each("form[data-guard]", (form) => guarded.set(form, form.dataset.guard === "changed" ? "" : seen(form)));

const changed = () => [...guarded].some(([form, first]) => form.isConnected && !form.dataset.sent && seen(form) !== first);

addEventListener("beforeunload", (event) => {
  if (changed()) event.preventDefault();
});

// The server says at the field, in the page's language, what is missing.
document.addEventListener(
  "click",
  (event) => {
    const form = event.target.closest("button")?.form;
    if (posts(form)) form.noValidate = true;
  },
  true,
);

// Who mends a field need not look at its error any longer.
document.addEventListener("input", (event) => {
  event.target.closest(".field")?.querySelector(".field-errors")?.remove();
  event.target.removeAttribute("aria-invalid");
});

document.addEventListener("htmx:confirm", (event) => {
  const link = event.detail.elt;
  if (!link.matches("a") || !changed()) return;
  if (!confirm(text("unsaved"))) event.preventDefault();
});

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt;
  if (guarded.has(form) && event.detail.successful) guarded.set(form, seen(form));
});

// The form that the page is about, for who stands beside it.
function onlyForm() {
  const forms = [...document.querySelectorAll("main form[data-guard]")];
  return forms.length === 1 && !document.querySelector("dialog[open]") ? forms[0] : null;
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest?.("form") ?? onlyForm();
  if (!form) return;
  event.preventDefault();
  form.noValidate = posts(form);
  form.requestSubmit(form.querySelector("button.btn-primary:not([type=button])") ?? undefined);
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

// After the other listeners: whoever prevented the sending keeps the form alive.
addEventListener("submit", (event) => {
  const form = event.target;
  // A download leaves the page as it is.
  if (event.submitter?.matches("[data-download]")) return;
  if (event.defaultPrevented || form.method === "get" || form.method === "dialog") return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  const button = event.submitter ?? form.querySelector("button.btn-primary");
  button?.setAttribute("aria-busy", "true");
});

// Back from the browser's cache: the form may be sent again. A page that is shown for the first time may be on its way
// already, when somebody was quicker than its last image: that must not be asked about.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  }
});

// What was chosen before htmx was there, or what the browser remembered over a reload, is asked for now.
document.addEventListener("htmx:load", (event) => {
  for (const select of event.detail.elt.querySelectorAll("select[hx-get]:has(option[selected])")) {
    if (!select.selectedOptions[0]?.defaultSelected) select.dispatchEvent(new Event("change", { bubbles: true }));
  }
});
