// The picker's second step: filters put on a field one behind the other, with what each gives on the sample. The server
// computes everything (actions/filter_menu.py): {text, start, result, calls: [...], themes: [...]}.
import { announce, post, text } from "./page.js";

const PAUSE = 250;

function make(tag, className, words) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (words !== undefined) element.textContent = words;
  return element;
}

/**
 * Fills `box` with the second step for `placeholder`. `done(text)` is called with the whole placeholder, `back()` to leave.
 * `editing`: it stands in the input already. `changed()` is called when the size may have changed.
 */
export function step(box, { url, placeholder, name, label, editing, done, back, changed }) {
  let calls = null; // [{key, arguments}]; null: as the placeholder has them
  let now = null; // the server's last answer
  let timer;
  let running;
  let dirty = false; // the last answer does not know all that was typed

  const head = make("div", "filters-head");
  const leave = make("button", "btn btn-quiet btn-icon filters-back", "‹");
  leave.type = "button";
  leave.setAttribute("aria-label", text("pickerback"));
  leave.addEventListener("click", back);
  const named = make("div", "filters-name");
  named.append(make("strong", "", label || name), make("span", "filters-start"));
  head.append(leave, named);

  const chain = make("ol", "filters-chain");
  const search = make("input", "form-control picker-search");
  search.type = "search";
  search.placeholder = text("pickerfilter");
  for (const [key, value] of Object.entries({
    role: "combobox",
    "aria-label": text("pickerfilter"),
    "aria-expanded": "true",
    "aria-controls": "filters-list",
    "aria-autocomplete": "list",
    autocomplete: "off",
  }))
    search.setAttribute(key, value);
  const list = make("div", "picker-list");
  list.id = "filters-list";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", text("pickerfilter"));
  const foot = make("div", "filters-foot");
  const result = make("output", "filters-result");
  const insert = make("button", "btn btn-primary btn-sm", text(editing ? "pickersave" : "pickerinsert"));
  insert.type = "button";
  // What was typed a moment ago counts as well.
  const finish = async () => {
    if (dirty && !(await ask())) return;
    if (now) done(now.text);
  };
  insert.addEventListener("click", finish);
  foot.append(result, insert);
  box.replaceChildren(head, chain, search, list, foot);

  const ask = async () => {
    clearTimeout(timer);
    running?.abort();
    const mine = (running = new AbortController());
    const body = new FormData();
    body.set("text", placeholder);
    body.set("name", name ?? "");
    if (calls) body.set("calls", JSON.stringify(calls));
    const answer = await post(url, body, { quiet: true, signal: mine.signal });
    if (mine.signal.aborted || box.hidden) return false;
    if (!answer) {
      // Not one that clicks can change: it goes in as it is.
      if (!now) done(placeholder);
      return false;
    }
    const heard = await answer.json().catch(() => null); // null: another question has been asked meanwhile
    if (!heard) return false;
    now = heard;
    dirty = false;
    calls = now.calls.map(({ key, arguments: given }) => ({ key, arguments: given.map((one) => one.value) }));
    return true;
  };

  const results = () => {
    box.querySelector(".filters-start").textContent = now.start.text || text("pickerempty");
    now.calls.forEach((call, index) => show(chain.children[index]?.querySelector(".filters-gives"), call.result));
    show(result, now.result);
    announce(result.textContent);
  };

  const show = (place, given) => {
    if (!place) return;
    place.classList.toggle("preview-error", Boolean(given.error));
    place.textContent = given.error || (given.text ? `= ${given.text}` : `= ${text("pickerempty")}`);
  };

  const refresh = async (focus) => {
    if (!(await ask())) return;
    chain.replaceChildren(...now.calls.map(row));
    results();
    options();
    changed();
    if (focus === "new" && chain.lastElementChild?.querySelector("input, select") && !matchMedia("(pointer: coarse)").matches)
      chain.lastElementChild.querySelector("input, select").focus();
    else if (focus && !matchMedia("(pointer: coarse)").matches) search.focus();
    chain.lastElementChild?.scrollIntoView({ block: "nearest" });
  };

  const later = () => {
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(async () => {
      if (await ask()) results();
    }, PAUSE);
  };

  const row = (call, index) => {
    const line = make("li", "filters-call");
    const title = make("div", "filters-call-head");
    const drop = make("button", "btn btn-quiet btn-icon btn-sm", "×");
    drop.type = "button";
    drop.setAttribute("aria-label", text("pickerremove", { title: call.title }));
    drop.addEventListener("click", () => {
      calls.splice(index, 1);
      refresh(true);
    });
    title.append(make("span", "filters-call-title", call.title), drop);
    title.title = call.about;
    const inputs = call.arguments.map((argument, place) => field(argument, (value) => {
      calls[index].arguments[place] = value;
      later();
    }));
    line.append(title, ...inputs, make("output", "filters-gives"));
    return line;
  };

  const field = (argument, changedTo) => {
    const line = make("label", "filters-argument");
    line.append(make("span", "", argument.title));
    const own = argument.choices.length && !argument.choices.some(({ value }) => String(value) === String(argument.value));
    const input = argument.choices.length && !own ? chooser(argument) : make("input", "form-control");
    if (input.matches("input")) {
      input.value = argument.value ?? "";
      input.spellcheck = false;
      if (argument.number) input.inputMode = "decimal";
    }
    input.addEventListener("input", () => {
      if (input.matches("select") && input.value === "\0") {
        const typed = make("input", "form-control");
        typed.value = argument.value ?? "";
        typed.spellcheck = false;
        typed.addEventListener("input", () => changedTo(typed.value));
        input.replaceWith(typed);
        typed.focus();
        typed.select();
      } else changedTo(input.value);
    });
    line.append(input);
    return line;
  };

  const chooser = (argument) => {
    const select = make("select", "form-select");
    for (const { value, title } of argument.choices) select.append(new Option(title, value, false, String(value) === String(argument.value)));
    select.append(new Option(text("pickerown"), "\0"));
    return select;
  };

  const options = () => {
    const wanted = search.value.trim().toLowerCase();
    let number = 0;
    const option = (filter) => {
      const line = make("div", "picker-item");
      line.id = `filter-${number++}`;
      line.setAttribute("role", "option");
      line.dataset.key = filter.key;
      line.title = filter.about;
      const names = make("span");
      names.append(make("span", "picker-label", filter.title));
      if (wanted) names.append(make("span", "filters-about", filter.about));
      line.append(names, make("span", "picker-sample", filter.result));
      return line;
    };
    const group = (title, filters, index) => {
      if (!filters.length) return null;
      const block = make("div");
      const heading = make("div", "picker-title", title);
      heading.id = `filters-group-${index}`;
      block.setAttribute("role", "group");
      block.setAttribute("aria-labelledby", heading.id);
      block.append(heading, ...filters.map(option));
      return block;
    };
    const has = (theme) => (filter) => !wanted || `${theme.title} ${filter.title} ${filter.about} ${filter.key}`.toLowerCase().includes(wanted);
    const themes = now.themes.map((theme) => ({ title: theme.title, filters: theme.filters.filter(has(theme)) }));
    const blocks = themes.map((theme, index) => group(theme.title, theme.filters.filter((one) => one.fits), index));
    const rest = themes.flatMap((theme) => theme.filters.filter((one) => !one.fits));
    blocks.push(group(text("pickerother"), rest, "rest"));
    const shown = blocks.filter(Boolean);
    list.replaceChildren(...(shown.length ? shown : [make("div", "picker-none", text("pickernone"))]));
    choose(wanted ? list.querySelector("[role=option]") : null);
    list.scrollTop = 0;
  };

  const choose = (line) => {
    list.querySelector("[aria-selected=true]")?.removeAttribute("aria-selected");
    if (!line) return search.removeAttribute("aria-activedescendant");
    line.setAttribute("aria-selected", "true");
    line.scrollIntoView({ block: "nearest" });
    search.setAttribute("aria-activedescendant", line.id);
  };

  const add = (line) => {
    calls.push({ key: line.dataset.key });
    search.value = "";
    refresh("new");
  };

  search.addEventListener("input", () => now && options());
  search.addEventListener("keydown", (event) => {
    const all = [...list.querySelectorAll("[role=option]")];
    const at = all.findIndex((line) => line.matches("[aria-selected=true]"));
    if (event.key === "ArrowDown") choose(all[(at + 1) % all.length]);
    else if (event.key === "ArrowUp") choose(all[(at < 0 ? all.length : at) - 1] ?? all.at(-1));
    else if (event.key === "Enter" && all[at] && !event.ctrlKey) add(all[at]);
    else if (event.key === "Backspace" && !search.value && calls?.length) {
      calls.pop();
      refresh(true);
    } else if (event.key === "ArrowLeft" && !search.value) back();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const line = event.target.closest("[role=option]");
    if (line && now) add(line);
  });
  box.onkeydown = (event) => {
    if (event.key === "Escape") back();
    else if (event.key === "Enter" && !event.target.matches("button")) finish();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  refresh(true);
}
