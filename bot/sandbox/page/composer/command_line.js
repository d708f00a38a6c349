// A command in hand: its name, a field for each option that stands open, and one more field that
// opens the others.

import { h, icon, isComposing } from "../dom.js";
import { FileOption } from "./option_file.js";
import { matchingNames } from "./known.js";
import { cross, isAtHand, TextField } from "./option_field.js";
import { ATTACHMENT, leadOf, openedAtOnce, parsed } from "./options.js";

export class CommandLine {
  /** `composer` knows the list, the hint, how to run this and how to leave it. */
  constructor(command, look, composer) {
    this.command = command;
    this.look = look;
    this.composer = composer;
    this.fields = [];
    this.chip = h("button", {
      type: "button", class: "chip", "aria-label": `Leave /${command.name}`, title: "Leave (Esc)",
      on: { click: () => composer.leave() },
    }, `/${command.name}`, icon("close"));
    this.places = h("span", { class: "option-fields" });
    this.tail = this.#tail();
    this.element = h("div", { class: "command", role: "group", "aria-label": `/${command.name}` },
      this.chip, this.places, this.tail);
    for (const option of openedAtOnce(this.options)) this.#add(option);
    this.#count();
  }

  get options() { return this.command.options ?? []; }
  get list() { return this.composer.list; }
  get hintId() { return this.composer.hint.id; }
  get #left() { return this.options.filter((one) => !this.field(one.name)); }

  /** The options that another one's text may name: those that say nothing yet. */
  #others(field) {
    return this.options.filter(
      (one) => one !== field.option && (this.field(one.name)?.isEmpty ?? true));
  }

  field(name) { return this.fields.find((one) => one.option.name === name); }

  /** Whether this field stands open by itself, so that it may stay empty. */
  isLead(field) { return openedAtOnce(this.options).includes(field.option); }

  // -- filling -----------------------------------------------------------------------------------

  /** Fill fields: `{visibility: "stealth", image: a File}`. Answers the last one. */
  give(values) {
    let last = null;
    for (const [name, value] of Object.entries(values)) {
      const option = this.options.find((one) => one.name === name);
      if (!option) continue;
      last = this.field(name) ?? this.#add(option);
      if (value instanceof File) last.take(value);
      else last.give(String(value));
    }
    this.#count();
    return last;
  }

  /** Fill fields from a line as one types it; answers words that no option takes. */
  read(line) {
    const { lead, named } = parsed(line, this.options);
    const option = leadOf(this.options.filter((one) => !named.some(([name]) => name === one.name)));
    this.give({ ...(lead && option && { [option.name]: lead }), ...Object.fromEntries(named) });
    return option ? "" : lead;
  }

  /** Give a file to the first file option that has none; false when there is none left. */
  takeFile(file) {
    const empty = this.options.find(
      (one) => one.type === ATTACHMENT && (this.field(one.name)?.isEmpty ?? true));
    if (empty) this.give({ [empty.name]: file });
    return Boolean(empty);
  }

  /** When options are named in this field's text, open those; its own name may stand before it. */
  split(field) {
    const typed = field.input.value.trimStart(), own = `${field.option.name}:`;
    const isNamed = typed.startsWith(own);
    const words = isNamed ? typed.slice(own.length) : field.input.value;
    const { lead, named } = parsed(words, this.#others(field));
    if (!named.length && !isNamed) return false;
    field.give(named.length ? lead : words.trimStart());
    this.give(Object.fromEntries(named))?.focus();
    return true;
  }

  // -- sending -----------------------------------------------------------------------------------

  /** The first field that will not do is focused and says why; true when all will do. */
  check() {
    const wrong = this.fields.find((one) => one.reason());
    if (wrong) {
      wrong.focus();
      this.list.hide();
      wrong.offer?.();
      this.blame(wrong, wrong.reason());
      return false;
    }
    const words = this.tail.value.trim();
    if (!words) return true;
    this.tail.focus();
    this.list.hide();
    const reason = `/${this.command.name} has no option called ${words}`;
    this.composer.hint.say(reason, { isWrong: true });
    return false;
  }

  /** What the bot gets; files are uploaded now. */
  async values() {
    const values = Object.create(null); // an option may be called __proto__
    for (const field of this.fields) {
      if (!field.isEmpty) values[field.option.name] = await field.value();
    }
    return values;
  }

  /** What can be said already, for a suggestion. */
  valuesSoFar() {
    const known = this.fields.filter(isAtHand).map((one) => [one.option.name, one.value()]);
    return Object.fromEntries(known);
  }

  /** The whole as one would type it. */
  words() {
    const given = this.fields.map((one) => one.words()).filter(Boolean);
    return given.length ? [`/${this.command.name}`, ...given].join(" ") : "";
  }

  /** It is over: let go of what it held. */
  close() {
    for (const field of this.fields) if (field instanceof FileOption) field.drop();
  }

  enable(yes) {
    for (const field of this.fields) field.enable(yes);
    this.tail.readOnly = !yes;
  }

  // -- keys --------------------------------------------------------------------------------------

  /** To the field that was named and waits for its value, or the first that waits for one. */
  focus() {
    const empty = this.fields.filter((one) => one.isEmpty);
    const named = empty.find((one) => !openedAtOnce(this.options).includes(one.option));
    const waiting = named ?? empty[0] ?? this.fields.at(-1);
    if (waiting) waiting.focus();
    else if (this.#left.length) this.tail.focus();
    else this.composer.focusSend();
  }

  /** What stands in the field that has the focus is an example: typing replaces it. */
  select() { this.fields.find((one) => one.input === document.activeElement)?.input.select(); }

  /** The keys that all fields share. */
  key(event, field) {
    if (event.key === "Enter" && !event.shiftKey && !isComposing(event)) {
      event.preventDefault();
      this.composer.send();
    } else if (event.key === "Backspace" && field.isEmpty && !field.input?.value) {
      event.preventDefault();
      this.#back(field);
    }
  }

  #back(field) {
    if (this.fields.every((one) => one.isEmpty) && this.fields[0] === field) this.composer.leave();
    else if (!field.option.required) this.remove(field);
    else this.fields[this.fields.indexOf(field) - 1]?.focus();
  }

  remove(field) {
    const place = this.fields.indexOf(field);
    if (field instanceof FileOption) field.drop();
    this.fields.splice(place, 1);
    field.element.remove();
    this.list.hide();
    this.#count();
    const next = this.fields[Math.max(0, place - 1)];
    if (next) next.focus();
    else this.tail.focus();
  }

  /** The button that takes an optional field away. */
  takeAway(field) {
    return field.option.required ? null
      : cross(`Take ${field.option.name} away`, () => this.remove(field));
  }

  // -- words beside it ---------------------------------------------------------------------------

  hint(field) {
    const { name, description } = field.option;
    if (field.element.classList.contains("wrong")) this.blame(field, field.reason());
    else this.composer.hint.say(description, { name, limits: field.limits() });
  }

  blame(field, reason) {
    field.element.classList.add("wrong");
    (field.input ?? field.button).setAttribute("aria-invalid", "true");
    this.composer.hint.say(reason, { name: field.option.name, isWrong: true });
  }

  /** This field was changed: whatever was wrong with it is over. */
  clear(field) {
    field.element.classList.remove("wrong");
    (field.input ?? field.button).removeAttribute("aria-invalid");
    this.hint(field);
  }

  // -- more options ------------------------------------------------------------------------------

  #add(option) {
    const field = new (option.type === ATTACHMENT ? FileOption : TextField)(option, this);
    this.fields.push(field);
    this.places.append(field.element);
    return field;
  }

  #count() {
    const count = this.#left.length;
    this.tail.hidden = !count;
    this.tail.placeholder = `+ ${count} more`;
  }

  #tail() {
    return h("input", {
      type: "text", class: "more", autocomplete: "off", autocapitalize: "off", role: "combobox",
      "aria-expanded": "false", "aria-label": "More options", "aria-describedby": this.hintId,
      on: {
        focus: () => this.#offer(),
        input: () => this.#offer(),
        blur: () => this.list.hide(),
        keydown: (event) => this.#tailKey(event),
      },
    });
  }

  #tailKey(event) {
    if (this.list.key(event) || isComposing(event)) return;
    if (event.key === "ArrowDown") this.#offer();
    if (event.key === "Enter") {
      event.preventDefault();
      this.composer.send();
    } else if (event.key === "Backspace" && !this.tail.value) {
      event.preventDefault();
      if (this.fields.length) this.fields.at(-1).focus();
      else this.composer.leave();
    }
  }

  #offer() {
    if (this.tail.readOnly) return;
    const { named } = parsed(this.tail.value, this.#left);
    if (named.length) return this.#open(Object.fromEntries(named));
    const entries = this.#left.map((one) => ({ name: one.name, detail: one.description }));
    const found = matchingNames(entries, this.tail.value);
    this.composer.hint.say("What else you may say; Enter sends without it");
    this.list.show(this.tail, found, {
      label: "More options", first: Boolean(this.tail.value.trim()),
      note: found.length ? "" : "no option is called that",
      pick: (entry) => this.#open({ [entry.name]: "" }),
    });
  }

  #open(values) {
    this.tail.value = "";
    this.give(values)?.focus();
  }
}
