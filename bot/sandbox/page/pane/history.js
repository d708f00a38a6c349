// What stands in a place, from the top: how it began, the days, the "new" line, the messages.

import { h, same } from "../dom.js";
import { isEphemeral } from "../look/flags.js";
import { drawMessage } from "../message/message.js";
import { drawWelcome } from "./welcome.js";

const GROUP_MS = 5 * 60 * 1000; // messages of one author within five minutes share one heading

export class History {
  #standing = new Map(); // id of a message that stands there -> whether it follows
  #place = null;

  constructor(look) {
    this.look = look;
  }

  /** The list items. `changed`: ids of the only messages that did; null when anything may have. */
  draw(changed) {
    const { look } = this, { messages, firstNew } = look;
    const before = changed && this.#place === look.place ? this.#standing : new Map();
    [this.#standing, this.#place] = [new Map(), look.place];
    if (!look.online && !messages.length) return look.lost ? [] : skeleton();
    const items = [look.isWhole ? drawWelcome(look) : BACK.cloneNode(true)];
    messages.forEach((one, n) => {
      const day = dayOf(one), isNew = one.id === firstNew;
      const isNextDay = !n || dayOf(messages[n - 1]) !== day;
      if (isNextDay) items.push(divider("day", `day:${day}`, day));
      if (isNew) items.push(divider("new", "new", "new"));
      const isFollowing = !isNextDay && !isNew && follows(messages[n - 1], one);
      const stays = before.get(one.id) === isFollowing
        && !changed.has(one.id) && !changed.has(one.reply_to);
      items.push(stays ? same("li", one.id) : drawMessage(one, look, { follows: isFollowing }));
      this.#standing.set(one.id, isFollowing);
    });
    return items;
  }
}

const BACK = h("li", { class: "back", "data-key": "back", role: "note" }, "Reading back …");

const DAY = new Intl.DateTimeFormat(undefined,
  { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const dayOf = (message) => DAY.format(Date.parse(message.sent_at));

const divider = (kind, key, words) => h("li", {
  class: `divider ${kind}`, "data-key": key, role: "separator", "aria-label": words,
}, h("span", {}, words));

const follows = (before, one) => Boolean(before) && before.author.id === one.author.id
  && !one.reply_to && !one.asked && isEphemeral(before) === isEphemeral(one)
  && Date.parse(one.sent_at) - Date.parse(before.sent_at) < GROUP_MS;

/** What stands there while the first messages are on their way. */
const skeleton = () => [
  h("li", { class: "unsaid", "data-key": "looking", role: "note" }, "Looking …"),
  ...[68, 40, 84, 55].map((width, n) => {
    const line = h("span", { class: "bone" });
    line.style.setProperty("--width", `${width}%`);
    return h("li", { class: "skeleton", "data-key": `bone:${n}`, "aria-hidden": "true" },
      h("span", { class: "bone round" }),
      h("span", { class: "bones" }, h("span", { class: "bone name" }), line));
  }),
];
