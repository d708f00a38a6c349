// Selects, in messages and forms: what they offer to this person, and the button that opens them.

import { openChoices } from "./choice_list.js";
import { h, icon } from "../dom.js";
import { channelsHere, peopleHere, rolesHere } from "../look/here.js";

const STRING = 3, USER = 5, ROLE = 6, MENTIONABLE = 7, CHANNEL = 8;
export const SELECTS = new Set([STRING, USER, ROLE, MENTIONABLE, CHANNEL]);

const UNTOLD = {
  [STRING]: "Make a choice", [USER]: "Choose a person", [ROLE]: "Choose a role",
  [MENTIONABLE]: "Choose a person or role", [CHANNEL]: "Choose a channel",
};

/** An emoji as it can be shown: a server's own one has no picture here, so it says its name. */
export const emojiWords = (emoji) => (emoji?.id ? `:${emoji.name}:` : emoji?.name);

/** What a select offers to whoever looks: `[{value, label, hint, emoji, color}]`. */
function choicesOf(select, look) {
  if (select.type === STRING) return select.options.map(asChoice);
  const people = () => peopleHere(look).map(asPerson);
  const everyone = look.world.guildOf(look.place)?.id;
  const roles = () => rolesHere(look).filter((one) => one.id !== everyone).map(asRole);
  switch (select.type) {
    case USER: return people();
    case ROLE: return roles();
    case MENTIONABLE: return [...people(), ...roles()];
    default: return channelsHere(look, select.channel_types).map(asChannel);
  }
}

/** What is chosen before anybody chose. */
export const chosenAtFirst = (select) => (select.type === STRING
  ? select.options.filter((one) => one.default).map((one) => one.value)
  : (select.default_values ?? []).map((one) => one.id));

/**
 * The button of a select. `chosen` are the values that it shows, `pick(values)` hears of others;
 * `more` are attributes for it.
 */
export function selectButton(select, look, chosen, pick, { least, busy = false, ...more } = {}) {
  const choices = choicesOf(select, look);
  const title = select.placeholder || UNTOLD[select.type];
  const nameOf = (value) => choices.find((one) => one.value === value)?.label ?? "unknown";
  const names = chosen.map(nameOf);
  const wanted = {
    title, choices, chosen, least: least ?? select.min_values ?? 1, most: select.max_values ?? 1,
  };
  const open = (event) => { if (!busy) openChoices(event.currentTarget, wanted, pick); };
  return h("button", {
    type: "button", class: "select", "aria-haspopup": "listbox",
    disabled: Boolean(select.disabled),
    "aria-busy": busy && "true", "aria-disabled": busy && "true",
    on: { click: open, keydown: (event) => openByArrow(event, open) }, ...more,
  }, names.length > 0 && h("span", { class: "unsaid" }, `${title}: `),
    h("span", { class: names.length ? "select-value" : "select-value untold" },
      names.join(", ") || title),
    busy ? h("span", { class: "spinner" }) : icon("chevron"));
}

function openByArrow(event, open) {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  event.preventDefault();
  open(event);
}

const asChoice = ({ value, label, description, emoji }) =>
  ({ value, label, hint: description, emoji: emojiWords(emoji) });
const asPerson = ({ id, name, display_name: shown }) => ({ value: id, label: name, hint: shown });
const asRole = ({ id, name, color }) => ({ value: id, label: `@${name}`, color });
const asChannel = ({ id, name }) => ({ value: id, label: `#${name}` });
