// What a screen reader hears of a look: each message once when it comes, and once more when an edit
// has come to rest. A picture that is edited ten times while it is painted is told twice.

import { h } from "../dom.js";
import { later } from "../look/marks.js";
import { plain } from "../text/text.js";

const REST_MS = 4000; // an edit that was not followed by another for so long is told
const KEPT = 4; // so many lines stand in the region at a time

export class Announcer {
  #known = new Map(); // id -> words
  #resting = new Map(); // id -> timer
  #place = null;

  constructor(look) {
    this.look = look;
    this.element = h("div", { class: "unsaid", "aria-live": "polite" });
  }

  /** Look at what is there now. */
  hear() {
    const { look } = this;
    if (!look.online) return;
    const before = this.#known, isElsewhere = this.#place !== look.place;
    this.#known = new Map(look.messages.map((one) => [one.id, words(one)]));
    this.#place = look.place;
    if (isElsewhere) return;
    const newest = [...before.keys()].at(-1) ?? "0";
    for (const one of look.messages) {
      if (one.author.name === look.person) continue;
      const said = before.get(one.id);
      if (said === undefined) {
        if (later(one.id, newest)) this.#say(one); // else it was read back
      } else if (said !== this.#known.get(one.id)) this.#sayAtRest(one.id);
    }
  }

  #sayAtRest(id) {
    clearTimeout(this.#resting.get(id));
    this.#resting.set(id, setTimeout(() => {
      this.#resting.delete(id);
      const message = this.look.message(id);
      if (message) this.#say(message);
    }, REST_MS));
  }

  #say(message) {
    const content = plain(message.content, this.look); // no marks, and spoilers stay closed
    const said = words({ ...message, content });
    this.element.append(h("p", {}, `${message.author.name}: ${said}`));
    while (this.element.children.length > KEPT) this.element.firstChild.remove();
  }
}

const LONGEST = 300;

function words(message) {
  const pictures = message.attachments.length;
  const files = pictures ? `${pictures} ${pictures === 1 ? "file" : "files"}` : "";
  return [message.content.slice(0, LONGEST), files].filter(Boolean).join(", ") || "a message";
}
