// What the bot told one person alone since they last did something: an answer, in one message or in
// several. One that is higher than the room is read from its beginning, so the view stops there and
// does not go on to the end.

import { isEphemeral } from "../look/flags.js";
import { later } from "../look/marks.js";
import { DM } from "../look/world.js";

const EDGE_PIXELS = 20; // what the room keeps free around what stands in it
const LEAST_PIXELS = 280; // a lower room has no place to read in: its end says most
const WHILE_MS = 30_000; // what comes later than this after another is no more of it

export class Answer {
  #place = null;
  #deeds = 0;
  #newest = "0"; // the newest message when it was drawn last
  #since = "0"; // what came after this one has not been read
  #height = 0;
  #width = 0;

  constructor(look, list) {
    this.look = look;
    this.list = list;
    this.isOutdone = false; // whether what was asked for has just come in the open: one looks there
  }

  /** Look at what was drawn. */
  keepUp() {
    const { look } = this, isElsewhere = this.#place !== look.place, before = this.#newest;
    if (look.deeds !== this.#deeds) this.#read(); // up to here: what comes now answers it
    [this.#deeds, this.#newest] = [look.deeds, look.messages.at(-1)?.id ?? "0"];
    this.isOutdone = !isElsewhere
      && look.messages.some((one) => later(one.id, before) && isInTheOpen(look, one));
    if (isElsewhere || !look.atEnd || this.isOutdone) this.#read();
    if (look.online) this.#place = look.place;
  }

  /** Where it begins, when it has just grown higher than the room; else null. */
  beginning() {
    const { list } = this, room = list.clientHeight, before = this.#height;
    const isNarrowed = list.offsetWidth !== this.#width; // then all grows, and nothing is new
    const drawn = this.#messages()
      .map(({ id }) => list.querySelector(`:scope > [data-key="${id}"]`)).filter(Boolean);
    this.#height = drawn.reduce((sum, one) => sum + one.offsetHeight, 0);
    this.#width = list.offsetWidth;
    if (isNarrowed || room < LEAST_PIXELS || this.#height <= before) return null;
    return this.#height + EDGE_PIXELS > room ? drawn[0] : null;
  }

  /** The newest of them, and those before it that it goes on with. */
  #messages() {
    const { look } = this;
    const all = look.messages.filter((one) => later(one.id, this.#since) && isAlone(look, one));
    return all.slice(Math.max(0, all.findLastIndex((one, n) => n && !goesOn(all[n - 1], one))));
  }

  /** What stands there now is no news any more. */
  #read() {
    this.#since = this.#newest;
    this.#height = 0;
  }
}

const isAlone = (look, message) =>
  message.author.bot && (look.place === DM || isEphemeral(message));

/** Whether a message is more of the one before: in a DM, each that stays stands for itself. */
const goesOn = (before, one) => isEphemeral(before) && isEphemeral(one)
  && Date.parse(one.sent_at) - Date.parse(before.sent_at) < WHILE_MS;

/** Whether a message of the bot's is somebody's, for all to see: it says whose. */
const isInTheOpen = (look, message) => message.author.bot && !isAlone(look, message)
  && message.content.includes(`<@${look.world.user(look.person)?.id}>`);
