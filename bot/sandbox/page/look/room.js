// The messages of one place that a look holds: the newest, and as far back as somebody reads.

import { Refused, sees } from "../api.js";
import { later } from "./marks.js";

export class Room {
  static PAGE = 100; // how many are read at once
  static KEPT = 300; // how many stay when nobody reads back

  #byId;
  #sorted = null;

  /** `seen`: the newest `limit` messages, as the API tells them. */
  constructor(seen = [], limit = Infinity) {
    this.#byId = new Map(seen.map((one) => [one.id, one]));
    this.isWhole = seen.length < limit;
  }

  /** The newest that somebody sees in a place, as many as they had before. */
  static async read(person, place, had) {
    const limit = Math.max(Room.PAGE, Math.min(had, Room.KEPT));
    try {
      return new Room(await sees(person, place, { limit }), limit);
    } catch (fault) {
      if (fault instanceof Refused) return new Room([], limit); // it has just gone
      throw fault;
    }
  }

  /** Oldest first. */
  get messages() {
    return this.#sorted ??= [...this.#byId.values()].sort(
      (one, other) => (later(one.id, other.id) ? 1 : -1));
  }

  get size() { return this.#byId.size; }
  get oldest() { return this.messages[0]?.id ?? null; }
  get newest() { return this.messages.at(-1)?.id ?? "0"; }

  get(id) {
    return this.#byId.get(id);
  }

  put(message) {
    this.#byId.set(message.id, message);
    this.#sorted = null;
  }

  remove(id) {
    if (this.#byId.delete(id)) this.#sorted = null;
  }

  /** Take in what stands before the oldest. */
  takeOlder(seen) {
    const fresh = seen.filter((one) => !this.#byId.has(one.id));
    for (const one of fresh) this.put(one);
    this.isWhole = fresh.length < Room.PAGE;
  }

  /** Let go of what lies far back. */
  keepNewest() {
    const extra = this.size - Room.KEPT;
    if (extra <= 0) return;
    for (const one of this.messages.slice(0, extra)) this.#byId.delete(one.id);
    this.#sorted = null;
    this.isWhole = false;
  }
}
