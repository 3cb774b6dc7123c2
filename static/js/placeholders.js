// Placeholders as text: where they stand, what they begin with and which filters follow. The server reads them properly.

const PLACEHOLDER = /\{\{(?:"[^"]*"|'[^']*'|(?!\}\})[\s\S])*\}\}/g;
const PIECE = /(?:"[^"]*"|'[^']*'|[^|"'])+/g;

/** Every placeholder of a text: {text, from, to}. */
export const found = (words) =>
  [...words.matchAll(PLACEHOLDER)].map((match) => ({ text: match[0], from: match.index, to: match.index + match[0].length }));

/** The one a cursor stands in. */
export const around = (words, cursor) => found(words).find(({ from, to }) => from < cursor && cursor < to);

const bare = (placeholder) => placeholder.replace(/\s/g, "");

export const data = () => JSON.parse(document.getElementById("picker-data")?.textContent ?? '{"groups": []}');

const read = new WeakMap();

function known() {
  const script = document.getElementById("picker-data");
  if (!script) return { items: new Map(), filters: {} };
  if (!read.has(script)) {
    const { groups, filters = {} } = data();
    const items = groups.flatMap((group) => group.items).map((item) => [bare(item.placeholder), item]);
    read.set(script, { items: new Map(items), filters });
  }
  return read.get(script);
}

/** What people call a placeholder: {item, name, filters: [titles]}; item is null for an unknown field. */
export function told(placeholder) {
  const [name = "", ...calls] = placeholder.slice(2, -2).replace(/^-|-$/g, "").match(PIECE) ?? [];
  const { items, filters } = known();
  const item = items.get(bare(`{{${name}}}`)) ?? null;
  const titles = calls.map((call) => {
    const [, key, given = ""] = call.trim().match(/^([\w-]+)\s*:?\s*([\s\S]*)$/) ?? [null, call.trim()];
    return filters[key] ? filters[key] + (given ? ` (${given})` : "") : call.trim();
  });
  return { item, name: name.trim(), filters: titles };
}
