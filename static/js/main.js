// Everything that every page may use. Each module listens on the document, so that it also serves what htmx brings later.
import "./dialog.js";
import "./focus.js";
import "./forms.js";
import "./live.js";
import "./menu.js";
import "./notices.js";
import "./copy.js";
import "./placeholders.js"; // it and filters.js are fetched beside the picker, which needs them, not after it
import "./filters.js";
import "./picker.js";
import "./chips.js";
import "./preview.js";
import "./rows.js";
import "./rules.js";
import "./tree.js";
import "./sort.js";
import "./tabs.js";

document.dispatchEvent(new Event("webjack:ready")); // early.js waits for it
