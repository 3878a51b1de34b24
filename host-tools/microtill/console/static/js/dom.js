// dom.js: small helpers for elements. Text goes in as text, never as markup. They cannot fail on a page that has its parts.
const SVG = "http://www.w3.org/2000/svg";

/** The element with this id. */
export const at = (id) => document.getElementById(id);
export const all = (query, under = document) => [...under.querySelectorAll(query)];

/** h("button.btn", {onclick, "aria-label": words}, kids...): an element; kids are elements, texts, lists of them, or nothing (null, false). */
export function h(name, traits = {}, ...kids) {
  const [tag, ...classes] = name.split(".");
  const made = document.createElement(tag);
  if (classes.length) made.className = classes.join(" ").trim();
  for (const [trait, value] of Object.entries(traits)) set(made, trait, value);
  made.append(
    ...kids
      .flat(3)
      .filter((kid) => kid !== null && kid !== undefined && kid !== false)
      .map((kid) => (kid instanceof Node ? kid : String(kid))),
  );
  return made;
}

function set(made, trait, value) {
  if (value === null || value === undefined || value === false) return;
  if (trait.startsWith("on")) made.addEventListener(trait.slice(2), value);
  else if (trait === "class") made.className = `${made.className} ${value}`.trim();
  else if (["value", "checked", "selected", "open", "disabled"].includes(trait)) made[trait] = value;
  else made.setAttribute(trait, value === true ? "" : value);
}

/** icon("0 0 12 12", [["path", {d}], ...]): a drawing for the eye only. */
export function icon(box, shapes, traits = {}) {
  const made = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({ viewBox: box, "aria-hidden": "true", ...traits })) made.setAttribute(name, value);
  for (const [tag, shape] of shapes) {
    const part = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(shape)) part.setAttribute(name, value);
    made.append(part);
  }
  return made;
}

/** A choice of a few, as radio buttons in one strip. options: [[value, words]]. */
export function strip(name, label, options, value, onpick) {
  return h(
    "fieldset.seg",
    { "data-name": name },
    h("legend.sr", {}, label),
    options.map(([option, words]) =>
      h(
        "label",
        {},
        h("input", { type: "radio", name, value: option, checked: option === value, onchange: () => onpick(option) }),
        h("span", {}, words),
      ),
    ),
  );
}

/** A choice of many. */
export function pick(label, options, value, onpick, traits = {}) {
  return h(
    "select",
    { "aria-label": label, onchange: onpick && ((event) => onpick(event.target.value)), ...traits },
    options.map(([option, words]) => h("option", { value: option, selected: String(option) === String(value) }, words)),
  );
}

/** Put kids in place of what is there, and keep the focus where the same data-focus comes back. */
export function fill(place, ...kids) {
  const held = place.contains(document.activeElement) && document.activeElement.dataset.focus;
  place.replaceChildren(...kids.flat(3).filter((kid) => kid !== null && kid !== false && kid !== undefined));
  if (held) place.querySelector(`[data-focus="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
}

export const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
export const narrow = () => innerWidth < 1100;
export const wait = (ms) => new Promise((done) => setTimeout(done, ms));
