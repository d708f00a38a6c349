// Making and changing elements. Texts only ever become text nodes: there is no way here to have
// markup read from a string, so nothing that anybody typed can become an element.

/**
 * One element. `props`: attributes by their HTML name (true: present, false and null: absent) and
 * `on: {click: handler}`. Children are nodes, texts, or lists of them; null and false are left out.
 *
 *   h("button", { type: "button", class: "primary", on: { click: send } }, "Send")
 */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === "on") listen(node, value);
    else if (isThere(value)) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter(isThere));
  return node;
}

/** An id that nothing on the page has yet, for labels and what they are about. */
export const newId = (kind) => `${kind}-${ids += 1}`;
let ids = 0;

/** A small drawing from the sheet in `index.html` (`#icon-NAME`); decoration, so unsaid. */
export function icon(name) {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("class", "icon");
  drawing.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  drawing.append(use);
  return drawing;
}

/** The element with a colour of its own in `--own`, a number as `0xRRGGBB`, if it has one. */
export function tint(element, color) {
  if (Number.isInteger(color)) {
    element.style.setProperty("--own", `#${color.toString(16).padStart(6, "0")}`);
  }
  return element;
}

const SVG = "http://www.w3.org/2000/svg";
const isThere = (value) => value !== null && value !== undefined && value !== false;

// Handlers stand beside their node, so that `morph` can hand the fresh ones to the node that stays.
const handlers = new WeakMap();
const heard = (event) => handlers.get(event.currentTarget)?.[event.type]?.(event);

/** Hear these events on a node; what was heard before under the same name is replaced. */
function listen(node, on) {
  const known = handlers.get(node) ?? {};
  for (const type of Object.keys(on)) if (!(type in known)) node.addEventListener(type, heard);
  handlers.set(node, { ...known, ...on });
}

/** Whether a key is an input method's, which makes a word of several; Safari says so of the Enter
 *  that ends the word by its old number only. */
export const isComposing = (event) => event.isComposing || event.keyCode === 229;

/**
 * Make `old` look like `fresh` while keeping the elements that stay: focus, scrolling and loaded
 * pictures survive an edit. Children are matched by `data-key` where they have one, else by place.
 * Returns the node that stands there now.
 */
export function morph(old, fresh) {
  if (fresh.dataset?.same !== undefined) return old;
  if (old.nodeName !== fresh.nodeName || keyOf(old) !== keyOf(fresh)) {
    old.replaceWith(fresh);
    return fresh;
  }
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return old;
  }
  morphAttributes(old, fresh);
  handOn(old, fresh);
  morphChildren(old, [...fresh.childNodes]);
  return old;
}

/** Make the children of `parent` these, keeping the ones that stay; a child of it may be given. */
export function fill(parent, ...children) {
  const given = children.flat(Infinity).filter(isThere);
  morphChildren(parent, given.map((one) => (one instanceof Node ? one : new Text(one))));
}

/** Stands for a child with this key that has not changed: `fill` leaves the one there as it is. */
export const same = (tag, key) => h(tag, { "data-key": key, "data-same": true });

const keyOf = (node) => node.dataset?.key;

// The same file under a fresh signature is the same file: to change its link would load it again.
const SIGNED = ["src", "href"];
// What a person does to an element themselves is not the message's to change.
const OWN = { DETAILS: ["open"], DIALOG: ["open"] };

function morphAttributes(old, fresh) {
  const sameFile = old.dataset?.file !== undefined && old.dataset.file === fresh.dataset?.file;
  const stays = (name) => (sameFile && SIGNED.includes(name)) || OWN[old.nodeName]?.includes(name);
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !stays(name)) old.removeAttribute(name);
  }
  for (const { name, value } of [...fresh.attributes]) {
    if (old.getAttribute(name) === value || (old.hasAttribute(name) && stays(name))) continue;
    if (name === "style") old.style.cssText = value; // as an attribute the page's policy forbids it
    else old.setAttribute(name, value);
  }
}

function handOn(old, fresh) {
  const wanted = handlers.get(fresh) ?? {};
  for (const type of Object.keys(handlers.get(old) ?? {})) {
    if (!(type in wanted)) handlers.get(old)[type] = undefined;
  }
  listen(old, wanted);
}

function morphChildren(old, fresh) {
  const given = new Set(fresh), wantedKeys = new Set(fresh.map(keyOf));
  for (const node of [...old.childNodes]) {
    if (keyOf(node) && !wantedKeys.has(keyOf(node))) node.remove(); // so that nothing moves over it
  }
  const keyed = Map.groupBy([...old.childNodes].filter(keyOf), keyOf); // a key may stand twice
  let here = old.firstChild;
  const matchOf = (wanted) => {
    if (wanted.parentNode === old) return wanted;
    if (keyOf(wanted)) return keyed.get(keyOf(wanted))?.shift();
    return here && !keyOf(here) && !given.has(here) ? here : null;
  };
  for (const wanted of fresh) {
    const match = matchOf(wanted);
    if (!match) {
      old.insertBefore(wanted, here);
      continue;
    }
    if (match === here) here = here.nextSibling;
    else old.insertBefore(match, here);
    if (match !== wanted) morph(match, wanted);
  }
  while (here) {
    const next = here.nextSibling;
    here.remove();
    here = next;
  }
}
