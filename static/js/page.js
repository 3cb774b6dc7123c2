// What the other modules share: texts in the reader's language, announcements, posts in our own voice.

const texts = () => document.getElementById("texts").dataset;

export function text(name, values = {}) {
  return Object.entries(values).reduce((said, [key, value]) => said.replace(`{${key}}`, value), texts()[name]);
}

/** Runs `attach` on every match, now and in whatever htmx brings; each element once. */
export function each(selector, attach) {
  const done = new WeakSet();
  const look = (root) => {
    const found = [...root.querySelectorAll(selector)];
    if (root.matches?.(selector)) found.unshift(root);
    for (const element of found) {
      if (done.has(element)) continue;
      done.add(element);
      attach(element);
    }
  };
  look(document);
  document.addEventListener("htmx:load", (event) => look(event.detail.elt));
  document.addEventListener("webjack:added", (event) => look(event.target));
}

/** Says it to screen readers only. */
export function announce(words) {
  const live = document.getElementById("live");
  live.textContent = "";
  setTimeout(() => (live.textContent = words), 50);
}

/** A notice in the corner; it passes by itself unless it is an error or something can be done there. */
export function toast(...notices) {
  for (const notice of notices) {
    const lasting = notice.matches(".notice-error, :has(form)");
    const close = document.createElement("button");
    close.type = "button";
    close.className = "btn btn-quiet btn-sm";
    close.textContent = text("close");
    close.addEventListener("click", () => notice.remove());
    notice.append(close);
    if (!lasting) setTimeout(() => notice.remove(), 6000);
  }
  document.getElementById("toasts").replaceChildren(...notices);
}

export function notify(words, kind = "error") {
  const notice = document.createElement("div");
  notice.className = `notice notice-${kind}`;
  const said = document.createElement("div");
  said.className = "notice-text";
  said.textContent = words;
  notice.append(said);
  toast(notice);
}

/** Why a request failed, in words; `status` 0 means that no answer came. */
export function reason(status) {
  if (!status) return text("network");
  if (status === 403) return text("forbidden");
  if (status === 404 || status === 409) return text("gone");
  if (status === 429) return text("many");
  return text("server");
}

export function csrf() {
  return JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
}

/** Posts and gives back the answer; a failure is told to the reader, and null returned. */
export async function post(url, body, { quiet = false, signal } = {}) {
  try {
    const answer = await fetch(url, { method: "POST", body, signal, headers: { "X-CSRFToken": csrf() } });
    if (answer.ok) return answer;
    if (!quiet) notify(reason(answer.status));
  } catch (error) {
    if (error.name !== "AbortError" && !quiet) notify(reason(0));
  }
  return null;
}
