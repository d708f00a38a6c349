// How a place begins: what it is, and for a newcomer the way in.

import { drawAvatar } from "../message/avatar.js";
import { h, icon } from "../dom.js";
import { DM } from "../look/world.js";

const EXAMPLE = "a boat on the sea at sunset"; // the model that comes with it paints this well

/** The first item of a place whose beginning is in view. */
export function drawWelcome(look) {
  const words = look.place === DM ? drawPrivate(look) : drawOpen(look);
  return h("li", {
    class: "welcome", "data-key": "welcome", role: "group", "aria-label": "How it begins here",
  }, drawAvatar({ ...look.world.bot, bot: true }), words);
}

const drawOpen = (look) => [
  h("h3", {}, `Welcome to ${look.world.nameOf(look.place)}`),
  h("p", {}, `${look.world.bot.name} paints what you describe. This is a small chat on your own `
    + "machine with the real bot in it: be anybody, ask for a picture, and see who sees what. "
    + "It answers commands, which begin with /; other messages it does not read."),
  h("p", { class: "ways" },
    h("button", { type: "button", class: "primary", on: { click: takeTour } },
      icon("tour"), "Take the tour"),
    h("button", { type: "button", on: { click: tryImagine } },
      "Try ", h("code", {}, "/imagine"), " with an example")),
];

const drawPrivate = (look) => [
  h("h3", {}, look.world.bot.name),
  h("p", {}, `Only ${look.person} and the bot read this. Pictures in stealth come here.`),
];

const tell = (event, name, detail) =>
  event.currentTarget.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
const takeTour = (event) => tell(event, "tour");
const tryImagine = (event) =>
  tell(event, "command", { path: "imagine", options: { prompt: EXAMPLE }, isExample: true });
