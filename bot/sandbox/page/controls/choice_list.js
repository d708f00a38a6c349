// The list behind a select: search where it is long, one choice or several, all by keyboard.

import { fill, h, icon, isComposing, newId, tint } from "../dom.js";
import { closePopup, openPopup } from "./popup.js";

const MOST_UNSEARCHED = 10;

/**
 * Open the list. `wanted`: `{title, choices: [{value, label, hint, emoji, color}], chosen, least,
 * most}`. `pick(values)` is called at once where one can be chosen; where several can, by the
 * button or when the list is left with other choices than before. Esc leaves everything as it was.
 */
export function openChoices(anchor, wanted, pick) {
  new ChoiceList(wanted, pick).open(anchor);
}

class ChoiceList {
  #id = newId("choices");
  #query = "";
  #at = 0; // the active one of those that are shown

  constructor(wanted, pick) {
    this.wanted = wanted;
    this.pick = pick;
    this.chosen = new Set(wanted.chosen);
    const keydown = (event) => this.#key(event);
    this.list = h("ul", {
      role: "listbox", id: this.#id, "aria-label": wanted.title,
      "aria-multiselectable": this.#several && "true",
      tabindex: this.#searched ? false : "0", on: { keydown },
    });
    this.search = this.#searched && h("input", {
      type: "search", role: "combobox", placeholder: "Search",
      "aria-label": `Search: ${wanted.title}`, "aria-expanded": "true", "aria-controls": this.#id,
      "aria-autocomplete": "list", on: { keydown, input: () => this.#search(this.search.value) },
    });
    this.foot = h("div", { class: "choices-foot" });
    this.sheet = h("div", { class: "choices" }, this.search, this.list, this.#several && this.foot);
  }

  get #several() { return this.wanted.most > 1; }
  get #searched() { return this.wanted.choices.length > MOST_UNSEARCHED; }
  get #focused() { return this.search || this.list; }
  get #enough() {
    return this.chosen.size >= this.wanted.least && this.chosen.size <= this.wanted.most;
  }
  get #shown() {
    return this.wanted.choices.filter(({ label, hint }) =>
      `${label} ${hint ?? ""}`.toLowerCase().includes(this.#query.toLowerCase()));
  }

  open(anchor) {
    this.#at = Math.max(0, this.#shown.findIndex(({ value }) => this.chosen.has(value)));
    this.#draw();
    if (openPopup(this.sheet, anchor, { closed: (how) => this.#leave(how) })) {
      this.#focused.focus();
      this.#draw();
    }
  }

  #draw() {
    const shown = this.#shown;
    fill(this.list, shown.map((one, n) => this.#drawChoice(one, n)),
      !shown.length && h("li", { class: "choices-none", role: "presentation" }, "Nothing here"));
    this.#focused.setAttribute("aria-activedescendant", shown.length ? this.#idOf(this.#at) : "");
    this.list.querySelector(".active")?.scrollIntoView({ block: "nearest" });
    fill(this.foot, h("span", { role: "status" }, countWords(this.chosen.size, this.wanted)),
      h("button", {
        type: "button", class: "primary", disabled: !this.#enough, on: { click: closePopup },
      }, "Choose"));
  }

  #drawChoice(one, n) {
    const chosen = this.chosen.has(one.value);
    const full = this.#several && !chosen && this.chosen.size >= this.wanted.most;
    return h("li", {
      role: "option", id: this.#idOf(n), "aria-selected": String(chosen), "data-key": one.value,
      "aria-disabled": full && "true", class: n === this.#at ? "choice active" : "choice",
      on: { mousedown: (event) => event.preventDefault(), click: () => this.#toggle(n) },
    }, h("span", { class: "choice-mark", "aria-hidden": "true" }, chosen && icon("check")),
      one.emoji && h("span", {}, one.emoji),
      one.color > 0 && tint(h("span", { class: "choice-color" }), one.color),
      h("span", { class: "choice-words" }, one.label, one.hint && h("small", {}, one.hint)));
  }

  #idOf(n) { return `${this.#id}-${n}`; }

  #search(query) {
    this.#query = query;
    this.#at = 0;
    this.#draw();
  }

  #key(event) {
    if (isComposing(event)) return;
    const last = this.#shown.length - 1;
    const to = {
      ArrowDown: this.#at === last ? 0 : this.#at + 1,
      ArrowUp: this.#at === 0 ? last : this.#at - 1,
      ...(!this.search && { Home: 0, End: last }), PageUp: 0, PageDown: last,
    }[event.key];
    if (to !== undefined) this.#move(event, to);
    else if (event.key === "Enter" || (event.key === " " && !this.search)) this.#press(event);
    else if (event.key === "Tab" && !this.#several) closePopup();
    else if (!this.search && event.key.length === 1) {
      this.#move(event, this.#startingWith(event.key));
    }
  }

  #move(event, to) {
    event.preventDefault();
    this.#at = Math.max(0, to);
    this.#draw();
  }

  #press(event) {
    event.preventDefault();
    if (this.#shown.length) this.#toggle(this.#at);
  }

  /** The next one, after the active one, whose name begins with this letter. */
  #startingWith(letter) {
    const shown = this.#shown;
    const order = shown.map((_, n) => (this.#at + 1 + n) % shown.length);
    const begins = (n) => shown[n].label.toLowerCase().startsWith(letter.toLowerCase());
    return order.find(begins) ?? this.#at;
  }

  #toggle(n) {
    const { value } = this.#shown[n];
    this.#at = n;
    const chosen = this.chosen.has(value);
    if (!this.#several) {
      this.chosen = new Set(chosen && this.wanted.least === 0 ? [] : [value]);
      closePopup();
      return;
    }
    if (chosen) this.chosen.delete(value);
    else if (this.chosen.size < this.wanted.most) this.chosen.add(value);
    this.#draw();
  }

  #leave({ dropped }) {
    const before = this.wanted.chosen;
    const same = before.length === this.chosen.size && before.every((one) => this.chosen.has(one));
    if (same || dropped || !this.#enough) return;
    const order = this.wanted.choices.map(({ value }) => value);
    this.pick(order.filter((value) => this.chosen.has(value)));
  }
}

function countWords(count, { least, most }) {
  if (count < least) return `Choose at least ${least}`;
  return count === most ? `${count} chosen, that is all` : `${count} of at most ${most}`;
}
