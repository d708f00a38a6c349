// The drawing beside a name: initials on a disc, and for the bot the darkroom's lamp.

import { h, icon } from "../dom.js";

const DISCS = 6; // how many kinds of disc css/message.css knows

/** The disc of a person or the bot (`{name, bot}`). Decoration: the name stands beside it. */
export function drawAvatar(who) {
  const kind = who.bot ? "lamp" : `disc-${kindOf(who.name)}`;
  return h("span", { class: `avatar ${kind}`, "aria-hidden": "true" },
    who.bot ? icon("lamp") : initialOf(who.name));
}

const initialOf = (name) => ([...name.matchAll(/[\p{L}\p{N}]/gu)][0]?.[0] ?? "?").toUpperCase();

/** The same name has the same disc everywhere; the people of the shipped world have one each. */
const kindOf = (name) =>
  [...name].reduce((sum, one) => (32 * sum + one.codePointAt(0)) % 9973, 0) % DISCS;
