// A menu as systems have them: arrows, Home, End, first letters, Enter; Esc and Tab leave it.

import { fill, h, icon } from "../dom.js";
import { closePopup, openPopup } from "./popup.js";

/**
 * Open a menu of `{label, icon, run, danger}`. Under `more` (`{heading, entries}`, where `entries`
 * is a promise of some) stands what has to be asked for first.
 */
export function openMenu(anchor, label, entries, { at = null, more = null } = {}) {
  const sheet = h("div", {
    class: "menu", role: "menu", "aria-label": label, on: { keydown: onKey },
  });
  const draw = (extra) => fill(sheet, entries.map(drawEntry), extra);
  draw(more && drawMore(more.heading, null));
  if (!openPopup(sheet, anchor, { at })) return;
  itemsOf(sheet)[0]?.focus();
  more?.entries.then((found) => draw(drawMore(more.heading, found)));
}

function drawEntry({ label, icon: drawing, run, danger = false }) {
  const pick = () => {
    closePopup();
    run();
  };
  return h("button", {
    type: "button", role: "menuitem", tabindex: "-1", "data-key": label,
    class: danger ? "menu-item danger" : "menu-item",
    on: { click: pick, pointerenter: ({ currentTarget }) => currentTarget.focus() },
  }, icon(drawing), h("span", {}, label));
}

function drawMore(heading, found) {
  const none = found ? "None here" : "Looking …";
  return h("div", { role: "group", "aria-label": heading, "data-key": heading },
    h("p", { class: "menu-heading", "aria-hidden": "true" }, heading),
    found?.map(drawEntry), !found?.length && h("p", { class: "menu-none" }, none));
}

const itemsOf = (sheet) => [...sheet.querySelectorAll("[role=menuitem]")];

function onKey(event) {
  if (event.key === "Tab") {
    event.preventDefault();
    closePopup();
    return;
  }
  const items = itemsOf(event.currentTarget), here = items.indexOf(document.activeElement);
  const to = {
    ArrowDown: (here + 1) % items.length, ArrowUp: (here + items.length - 1) % items.length,
    Home: 0, End: items.length - 1,
  }[event.key] ?? startingWith(event.key, items, here);
  if (to === null) return;
  event.preventDefault();
  items[to].focus();
}

function startingWith(letter, items, here) {
  if (letter.length !== 1 || letter === " ") return null;
  const order = items.map((_, n) => (here + 1 + n) % items.length);
  const begins = (n) => items[n].textContent.toLowerCase().startsWith(letter.toLowerCase());
  return order.find(begins) ?? null;
}
