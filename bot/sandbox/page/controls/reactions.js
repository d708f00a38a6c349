// Reactions: the chips under a message, and the small picker of emojis.

import { h, icon } from "../dom.js";
import { closePopup, openPopup } from "./popup.js";

const OFFERED = {
  "✉️": "envelope", "❌": "cross", "⭐": "star",
  "❤️": "heart", "👍": "thumbs up", "🎨": "palette",
};
const EMOJI = /^\p{RGI_Emoji}$/v;
const IN_COLOUR = "\uFE0F"; // keyboards leave it out of some, Discord does not

/** The chips under a message: who reacted with what; a press joins in or takes it back. */
export function drawReactions(message, look) {
  if (!message.reactions.length) return null;
  return h("ul", { class: "reactions", "aria-label": "Reactions", "data-key": "reactions" },
    message.reactions.map((one) => drawChip(one, message, look)),
    h("li", { "data-key": "more" }, h("button", {
      type: "button", class: "quiet reaction",
      "aria-label": "Add a reaction", "aria-haspopup": "dialog",
      on: { click: (event) => openPicker(event.currentTarget, message, look) },
    }, icon("react"))));
}

function drawChip({ emoji, count, users }, message, look) {
  const mine = users.includes(look.person);
  const names = users.join(", ");
  return h("li", { "data-key": emoji }, h("button", {
    type: "button", class: mine ? "reaction mine" : "reaction", title: names,
    "aria-pressed": String(mine), "aria-label": `${emoji} ${count}: ${names}`,
    on: { click: () => look.act("react", { message: message.id, emoji, remove: mine }) },
  }, h("span", {}, emoji), h("span", { class: "reaction-count" }, String(count))));
}

/** Open the picker: a few emojis at hand, and any other typed. */
export function openPicker(anchor, message, look, { at = null } = {}) {
  const react = (emoji) => {
    closePopup();
    look.act("react", { message: message.id, emoji });
  };
  const fault = h("p", { class: "fault", role: "status" });
  const typed = h("input", {
    "aria-label": "Another emoji", placeholder: "Another emoji", autocomplete: "off",
  });
  const submit = (event) => {
    event.preventDefault();
    const words = typed.value.trim();
    const emoji = [words, words + IN_COLOUR].find((one) => EMOJI.test(one));
    if (emoji) react(emoji);
    else fault.textContent = "One emoji, please.";
  };
  const offered = Object.entries(OFFERED).map(([emoji, name]) => h("button", {
    type: "button", class: "quiet", "aria-label": name, on: { click: () => react(emoji) },
  }, emoji));
  const sheet = h("div", { class: "picker", role: "dialog", "aria-label": "React" },
    h("div", { class: "picker-offered" }, offered),
    h("form", { on: { submit } }, typed, h("button", {}, "React")), fault);
  if (openPopup(sheet, anchor, { at })) offered[0].focus();
}
