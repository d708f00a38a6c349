// The fields of a command in hand, one for each option: text, things to choose from, and files.
//
// All of them know: `option`, `element`, `isEmpty`, `reason()` (why it will not do, or ""),
// `value()` (for the bot; a file is uploaded now), `words()` (as it would be typed), `give(typed)`,
// `focus()`, `enable(yes)`.

import * as api from "../api.js";
import { h, icon, newId } from "../dom.js";
import { isChosen, limits, STRING, taken } from "./options.js";
import { isSaid, known, matchingNames } from "./known.js";

const DEBOUNCE_MS = 150;

/** A field that one types in. `line` is the command in hand. */
export class TextField {
  #picked = null; // what was picked of the bot's suggestions: shown by name, sent by value
  #turn = 0; // only the answer to the last question counts
  #timer = 0;

  constructor(option, line) {
    this.option = option;
    this.line = line;
    this.input = this.#input();
    const label = h("label", { for: this.input.id }, option.name);
    this.element = h("span", { class: "option-field", "data-option": option.name }, label,
      this.input, line.takeAway(this));
  }

  #input() {
    const { option, line } = this;
    const isLong = option.type === STRING && !option.autocomplete && !isChosen(option);
    return h(isLong ? "textarea" : "input", {
      id: newId("option"), rows: isLong && "1", type: !isLong && "text",
      // what is typed here must not be kept by the browser either
      autocomplete: "off", autocapitalize: "off", enterkeyhint: "send",
      inputmode: !isLong && !this.#suggests && "decimal",
      role: this.#suggests && "combobox", "aria-expanded": this.#suggests && "false",
      "aria-required": option.required && "true", "aria-describedby": line.hintId,
      placeholder: option.autocomplete || isChosen(option) ? "choose" : false,
      on: {
        input: () => this.#typed(),
        keydown: (event) => this.#key(event),
        focus: () => { line.hint(this); this.#open(!this.isEmpty && Boolean(this.reason())); },
        blur: () => this.#close(),
      },
    });
  }

  get isEmpty() { return !this.input.value.trim(); }
  get #suggests() { return isChosen(this.option) || Boolean(this.option.autocomplete); }

  limits() { return limits(this.option); }

  reason() {
    if (this.isEmpty && !this.option.required && !this.line.isLead(this)) {
      return "has nothing in it: fill it, or take it away";
    }
    return this.#taken().reason ?? "";
  }

  value() { return this.#taken().value; }

  #taken() {
    if (this.#picked?.name === this.input.value) return { value: this.#picked.value };
    return taken(this.option, this.input.value, known(this.option, this.line.look));
  }

  words() { return this.isEmpty ? "" : `${this.option.name}:${this.input.value.trim()}`; }

  give(typed) {
    this.input.value = typed;
    grow(this.input);
  }

  focus() {
    this.input.focus();
    this.input.setSelectionRange(this.input.value.length, this.input.value.length);
  }

  enable(yes) { this.input.readOnly = !yes; }

  /** Show what there is to choose from, all of it. */
  offer() { if (isChosen(this.option)) this.#open(false); }

  #typed() {
    grow(this.input);
    this.line.clear(this);
    if (!this.line.split(this)) this.#open(true);
  }

  #key(event) {
    if (this.line.list.key(event)) return;
    if (event.key === "ArrowDown" && this.#suggests) this.#open(true);
    this.line.key(event, this);
  }

  #close() {
    clearTimeout(this.#timer);
    this.#turn += 1;
    if (this.line.list.isAt(this.input)) this.line.list.hide();
  }

  #open(hasTyped) {
    if (this.input.readOnly) return;
    if (this.option.autocomplete) this.#askSoon();
    else if (isChosen(this.option)) {
      const all = known(this.option, this.line.look);
      this.#offer(hasTyped ? matchingNames(all, this.input.value) : all, hasTyped);
    }
  }

  #offer(entries, hasTyped) {
    const isMeant = hasTyped && !this.isEmpty && !isSaid(this.option, entries, this.input.value);
    this.line.list.show(this.input, entries, {
      label: this.option.name, first: isMeant,
      note: entries.length ? "" : "no matches",
      pick: (entry) => {
        this.#turn += 1;
        this.#picked = entry;
        this.give(String(entry.name));
        this.line.clear(this);
      },
    });
  }

  #askSoon() {
    clearTimeout(this.#timer);
    const turn = this.#turn += 1;
    this.#timer = setTimeout(() => this.#ask(turn), DEBOUNCE_MS);
  }

  async #ask(turn) {
    const { line, option } = this;
    const say = (note) => line.list.say(this.input, note, { label: option.name });
    // a field that is taken away while it has the focus says no blur in Firefox and Safari
    const isOver = () => turn !== this.#turn || !this.input.isConnected;
    if (isOver()) return;
    try {
      const found = await api.act(line.look.person, "autocomplete", {
        channel: line.look.place, command: line.command.name, focused: option.name,
        options: { ...line.valuesSoFar(), [option.name]: this.input.value },
      });
      if (isOver()) return;
      if (found.answered) this.#offer(found.choices, true);
      else say(`${line.look.world.bot.name} did not answer in time`);
    } catch (fault) {
      if (!isOver()) say(fault.message);
    }
  }
}

/** Whether a field's value is known without asking anybody: all but files. */
export const isAtHand = (field) => field instanceof TextField && !field.isEmpty && !field.reason();

/** Let a field be as high as its text, where the browser does not do so by itself. */
export function grow(input) {
  if (input.nodeName !== "TEXTAREA" || CSS.supports("field-sizing", "content")) return;
  input.style.setProperty("height", "auto");
  input.style.setProperty("height", `${input.scrollHeight}px`);
}

/** What a button that takes an option away looks like. */
export const cross = (label, press) => h("button", {
  type: "button", class: "quiet cross", tabindex: "-1", "aria-label": label, title: label,
  on: { click: press },
}, icon("close"));
