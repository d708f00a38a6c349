// Where the bot types: one sign of it holds for ten seconds, or until a message of it comes there.

const HOLDS_MS = 10_000;

export class Typing {
  #place = null;
  #timer = 0;

  constructor(changed) {
    this.changed = changed;
  }

  isIn(place) {
    return this.#place === place;
  }

  begin(place) {
    this.#place = place;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => { this.end(place); this.changed(); }, HOLDS_MS);
  }

  end(place) {
    if (this.#place !== place) return;
    this.#place = null;
    clearTimeout(this.#timer);
  }
}
