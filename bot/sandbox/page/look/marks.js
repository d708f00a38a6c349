// How far a person has read, place by place: ids of messages, never words. They are kept in the
// browser, so that a reload makes nothing new and two tabs of one person agree.

/** Whether the message with this id came after the other. */
export const later = (one, other) =>
  one.length === other.length ? one > other : one.length > other.length;

export class Marks {
  #ids;
  #key;

  /** `changed` is called when another tab of this person read on. */
  constructor(person, changed, { signal }) {
    this.#key = `read:${person}`;
    this.#ids = kept(this.#key);
    addEventListener("storage", (event) => {
      if (event.key !== this.#key) return;
      this.#take(kept(this.#key));
      changed();
    }, { signal });
  }

  /** Whether this person was never here before. */
  get areNew() {
    return !this.#ids.size;
  }

  /** The id of the last message that was read in a place. */
  at(place) {
    return this.#ids.get(place) ?? "0";
  }

  /** Read on; a mark never goes back. */
  read(place, id) {
    if (this.#ids.has(place) && !later(id, this.at(place))) return;
    this.#take(kept(this.#key));
    this.#take(new Map([[place, id]]));
    try {
      localStorage.setItem(this.#key, JSON.stringify([...this.#ids]));
    } catch {
      // without storage the marks live as long as this tab
    }
  }

  #take(ids) {
    for (const [place, id] of ids) {
      if (!this.#ids.has(place) || later(id, this.at(place))) this.#ids.set(place, id);
    }
  }
}

function kept(key) {
  try {
    return new Map(JSON.parse(localStorage.getItem(key) ?? "[]"));
  } catch {
    return new Map();
  }
}
