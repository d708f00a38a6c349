// What can be pressed and chosen in a message. While the bot has not answered a control says so and
// takes no second press; what it did not answer stands under the message.

import { h, icon } from "../dom.js";
import { chosenAtFirst, emojiWords, selectButton } from "./selects.js";
import { webLink } from "../text/links.js";

const LINK = 5, PREMIUM = 6;
const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", [PREMIUM]: "premium" };

// What stands between a press and the next edit of its message, for each look.
const kept = new WeakMap();
const keptFor = (look) => {
  if (!kept.has(look)) kept.set(look, { busy: new Set(), failed: new Map(), chosen: new Map() });
  return kept.get(look);
};
const keyOf = (message, component) => `${message.id}:${component.custom_id}`;

/** A button of any style. */
export function drawButton(button, message, look) {
  if (button.style === LINK) return drawLink(button);
  const { busy } = keptFor(look);
  const waits = busy.has(keyOf(message, button));
  const press = button.style === PREMIUM
    ? () => look.tell("This button opens the shop. Nothing is sold here.")
    : () => use("press", {}, button, message, look);
  return h("button", {
    type: "button", class: `control ${STYLES[button.style]}`, disabled: Boolean(button.disabled),
    "data-key": button.custom_id ?? button.sku_id,
    "aria-busy": waits && "true", "aria-disabled": waits && "true", on: { click: press },
  }, faceOf(button), waits && h("span", { class: "spinner" }));
}

/** A select of any kind. */
export function drawSelect(select, message, look) {
  const { busy, chosen } = keptFor(look);
  const key = keyOf(message, select), as = JSON.stringify(select);
  const own = chosen.get(key);
  const pick = async (values) => {
    chosen.set(key, { as, values });
    const found = await use("choose", { values }, select, message, look);
    if (!found?.answered) chosen.delete(key);
    redraw(look);
  };
  // what a person chose stands until the bot sends another select
  return selectButton(select, look, own?.as === as ? own.values : chosenAtFirst(select), pick,
    { busy: busy.has(key), "data-key": select.custom_id });
}

/** The line under a message whose control got no answer, until it is used again or edited. */
export function drawFailure(message, look) {
  const { failed } = keptFor(look);
  if (!failed.has(message.id) || failed.get(message.id) !== message.edited_at) return null;
  return h("p", { class: "failure", "data-key": "failure" }, "This interaction failed");
}

function drawLink(button) {
  const face = [faceOf(button), icon("tab")], key = { "data-key": button.url };
  return webLink(button.url, { class: "button control secondary", ...key }, face)
    ?? h("button", { type: "button", class: "control secondary", disabled: true, ...key }, face);
}

const faceOf = ({ emoji, label, style }) => {
  const words = style === PREMIUM ? "Upgrade" : label;
  return [emoji && h("span", {}, emojiWords(emoji)), words && h("span", {}, words)];
};

async function use(deed, body, component, message, look) {
  const { busy, failed } = keptFor(look);
  const key = keyOf(message, component);
  if (busy.has(key)) return null;
  busy.add(key);
  failed.delete(message.id);
  const where = { message: message.id, custom_id: component.custom_id };
  const found = await look.act(deed, { ...where, ...body });
  busy.delete(key);
  if (!found?.answered) failed.set(message.id, message.edited_at);
  redraw(look);
  return found;
}

const redraw = (look) => look.dispatchEvent(new Event("changed"));
