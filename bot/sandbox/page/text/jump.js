// Links to messages: Discord's client does not leave itself for them, it goes there. So does this
// page, for the one whose look it is, and only where they can see.

import { DM } from "../look/world.js";

const MESSAGE = /^https:\/\/(?:\w+\.)?discord\.com\/channels\/(@me|\d+)\/(\d+)\/(\d+)$/;

/** The `{place, id}` of the message that an address leads to, or null. */
export function messageAt(address) {
  const [, guild, channel, id] = MESSAGE.exec(address) ?? [];
  return id ? { place: guild === "@me" ? DM : channel, id } : null;
}

/** Go to a message: into its channel, to where it stands, with the keyboard. */
export function jumpTo({ place, id }, look, from) {
  const pane = from.closest(".look");
  look.go(place);
  requestAnimationFrame(() => { // the look draws where it went first
    const there = pane.querySelector(`.messages > [data-key="${CSS.escape(id)}"]`);
    if (!there) return look.tell("That message is gone, or too far back.");
    look.atEnd = false;
    there.scrollIntoView({ block: "center" });
    there.focus({ preventScroll: true });
  });
}
