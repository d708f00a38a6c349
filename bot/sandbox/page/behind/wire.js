// The wire: every request of the bot as it passes, masked by the sandbox. Listened to only while
// somebody watches; nothing of it is kept when the drawer closes.

import { fill, h, icon } from "../dom.js";
import { listenTo } from "../live.js";
import { toTheSecond } from "../text/times.js";

const MOST_KEPT = 300;
const LOST = "The line is lost. Trying again …";

/** What the answer's number means, in a word beside its colour. */
const KINDS = [
  [(status) => status === null, "bad", "cut"],
  [(status) => status === 429, "bad", "too fast"],
  [(status) => status >= 500, "bad", "fault"],
  [(status) => status >= 400, "bad", "refused"],
  [() => true, "good", "ok"],
];

export class Wire {
  #records = new Map(); // key -> record, oldest first
  #opened = new Set(); // the keys of those whose body is shown
  #held = []; // what came while it was paused
  #cleared = new Set(); // what was cleared does not come again with the next line
  #line = null;
  #waiting = null;

  constructor() {
    this.paused = false;
    this.lost = false;
    this.filter = h("input", {
      type: "search", placeholder: "POST, messages, callback …",
      "aria-label": "Show only requests with this method or route",
      on: { input: () => this.draw() },
    });
    this.bar = h("div", { class: "drawer-bar" });
    this.list = h("ol", {
      class: "wire-list", tabindex: "0", "aria-label": "Requests, newest first",
    });
    this.element = h("div", { class: "wire-drawer" }, this.bar, this.list);
  }

  open() {
    this.#line = listenTo("/wire/stream", {
      hear: (frame) => frame.event === "request" && this.#hear(frame.request),
      back: () => { this.lost = false; this.#drawSoon(); },
      lost: () => { this.lost = true; this.#drawSoon(); },
    });
    this.draw();
  }

  close() {
    this.#line?.close();
    this.paused = false;
    this.#held = [];
    for (const kept of [this.#records, this.#opened, this.#cleared]) kept.clear();
  }

  #hear(record) {
    if (this.#cleared.has(keyOf(record))) return;
    if (this.paused) this.#held = [...this.#held, record].slice(-MOST_KEPT);
    else this.#keep(record);
    this.#drawSoon();
  }

  #keep(record) {
    this.#records.set(keyOf(record), record);
    const [oldest] = this.#records.keys();
    if (this.#records.size > MOST_KEPT) this.#records.delete(oldest);
  }

  #pause() {
    this.paused = !this.paused;
    if (!this.paused) this.#held.splice(0).forEach((record) => this.#keep(record));
    this.draw();
  }

  #clear() {
    for (const key of this.#records.keys()) this.#cleared.add(key);
    this.#records.clear();
    this.#opened.clear();
    this.draw();
  }

  #toggle(key) {
    if (!this.#opened.delete(key)) this.#opened.add(key);
    this.draw();
  }

  #drawSoon() {
    this.#waiting ??= requestAnimationFrame(() => {
      this.#waiting = null;
      this.draw();
    });
  }

  draw() {
    const wanted = this.filter.value.trim().toLowerCase();
    const all = [...this.#records.values()].reverse();
    const shown = all.filter(
      (one) => `${one.method} ${routeOf(one)}`.toLowerCase().includes(wanted));
    fill(this.bar, this.filter,
      h("button", {
        type: "button", "aria-pressed": String(this.paused), on: { click: () => this.#pause() },
      }, this.paused ? `Go on (${this.#held.length} came)` : "Pause"),
      h("button", { type: "button", on: { click: () => this.#clear() } }, "Clear"),
      h("span", { class: "faint", role: "status" },
        this.lost ? LOST : `${shown.length} of ${all.length} requests`));
    fill(this.list, shown.map((one) => this.#row(one)), !shown.length && nothing(all.length));
  }

  #row(record) {
    const key = keyOf(record), isOpen = this.#opened.has(key);
    const [, colour, word] = KINDS.find(([is]) => is(record.status));
    return h("li", { "data-key": key },
      h("button", {
        type: "button", class: "wire-row", "aria-expanded": String(isOpen),
        on: { click: () => this.#toggle(key) },
      },
      h("time", {}, toTheSecond(record.at * 1000)), h("b", {}, record.method),
      h("code", {}, routeOf(record)),
      h("span", { class: `wire-status ${colour}` }, `${record.status ?? ""} ${word}`.trim()),
      h("span", { class: "faint" }, took(record)),
      record.private && h("span", { class: "wire-private" }, icon("lock"), "length only")),
      isOpen && detail(record));
  }
}

const nothing = (kept) => h("li", { class: "faint", "data-key": "none" },
  kept ? "No request of this kind." : "Nothing has passed yet. Let somebody ask for a picture.");

function detail(record) {
  const files = record.files ?? [];
  return h("div", { class: "wire-detail" },
    part("asked", record.path),
    record.body !== null && part("with", JSON.stringify(record.body, null, 2)),
    files.length > 0 && part("files", JSON.stringify(files, null, 2)),
    part("answered", record.answer === null ? "nothing" : JSON.stringify(record.answer, null, 2)));
}

const part = (name, words) =>
  [h("h4", {}, name), h("pre", { tabindex: "0", "aria-label": name }, words)];

const keyOf = (record) => `${record.at}:${record.number}`;
const routeOf = (record) => (record.route ?? record.path).replace(/^[A-Z]+ /, "");
const took = ({ at, ended_at: end }) => (end ? `${Math.round((end - at) * 1000)} ms` : "");
