// The list that opens at a field while one types. The focus stays in the field, which says by
// `aria-activedescendant` which entry is meant: arrows, Home and End move, the field's own keys
// stay the field's.
//
//   const list = new Listbox();                     // put `list.element` where it shall stand
//   list.show(input, entries, { label: "Commands", pick: (entry) => … });
//   if (list.key(event)) return;                    // in the field's keydown, before all else
//
// An entry is `{name, detail, group, …}`; `name` and `group` are unique together.

import { fill, h, isComposing, newId } from "../dom.js";

export class Listbox {
  #entries = [];
  #active = -1;
  #pick = () => {};
  #input = null;
  #role = null; // the role that the field has by itself

  constructor() {
    this.id = newId("listbox");
    this.list = h("div", { id: this.id, role: "listbox" });
    this.note = h("p", { class: "listbox-note", role: "status" });
    this.element = h("div", { class: "listbox", hidden: true }, this.list, this.note);
    // a press into the list must not take the focus out of the field
    this.element.addEventListener("mousedown", (event) => event.preventDefault());
  }

  get isOpen() { return !this.element.hidden; }

  /** The entry that Enter would pick. */
  get active() { return this.#entries[this.#active] ?? null; }

  /** Whether it stands open at this field. */
  isAt(input) { return this.isOpen && this.#input === input; }

  /**
   * Show these at a field. `first`: the first one is meant at once, as after typing. `note` is one
   * line below them, or instead of them.
   */
  show(input, entries, { label, pick = () => {}, note = "", first = false }) {
    if (this.#input !== input) this.hide();
    if (!this.#input) this.#take(input);
    this.#pick = pick;
    this.#entries = entries;
    this.#active = first && entries.length ? 0 : -1;
    this.list.setAttribute("aria-label", label);
    this.list.hidden = !entries.length;
    this.note.textContent = note;
    this.element.hidden = !entries.length && !note;
    this.#draw();
  }

  /** Show one line instead of entries: that there are none, or why. */
  say(input, note, { label }) {
    this.show(input, [], { label, note });
  }

  hide() {
    if (!this.#input) return;
    const input = this.#input;
    this.#input = null;
    this.#entries = [];
    this.#active = -1;
    this.element.hidden = true;
    this.note.textContent = "";
    for (const name of ["aria-activedescendant", "aria-controls", "aria-expanded"]) {
      input.removeAttribute(name);
    }
    if (this.#role === null) input.removeAttribute("role");
    else input.setAttribute("aria-expanded", "false");
  }

  /** Whether this key was the list's; then it is done. */
  key(event) {
    if (!this.isAt(event.currentTarget) || isComposing(event)) return false;
    const deed = this.#keys(event)[event.key];
    if (!deed) return false;
    event.preventDefault();
    deed();
    return true;
  }

  #keys(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return {};
    const last = this.#entries.length - 1;
    const keys = { Escape: () => this.hide() };
    if (last < 0) return keys;
    keys.ArrowDown = () => this.#move(this.#active >= last ? 0 : this.#active + 1);
    keys.ArrowUp = () => this.#move(this.#active <= 0 ? last : this.#active - 1);
    if (this.#active < 0 || event.shiftKey) return keys;
    keys.Home = () => this.#move(0);
    keys.End = () => this.#move(last);
    keys.Enter = keys.Tab = () => this.#choose(this.active);
    return keys;
  }

  #move(to) {
    this.#active = to;
    this.#draw();
    this.list.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }

  #choose(entry) {
    const pick = this.#pick;
    this.hide();
    pick(entry);
  }

  #take(input) {
    this.#input = input;
    this.#role = input.getAttribute("role");
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-haspopup", "listbox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", this.id);
    input.setAttribute("aria-expanded", "true");
  }

  #draw() {
    const groups = Map.groupBy(this.#entries, (one) => one.group ?? "");
    fill(this.list, [...groups].map(([group, entries]) => group
      ? h("div", { role: "group", "aria-label": group, "data-key": `group ${group}` },
        h("p", { class: "listbox-group", "aria-hidden": "true" }, group), this.#drawn(entries))
      : this.#drawn(entries)));
    const id = this.#active < 0 ? null : `${this.id}-${this.#active}`;
    if (id) this.#input.setAttribute("aria-activedescendant", id);
    else this.#input.removeAttribute("aria-activedescendant");
  }

  #drawn(entries) {
    return entries.map((entry) => {
      const place = this.#entries.indexOf(entry);
      const selected = String(place === this.#active);
      return h("div", {
        role: "option", id: `${this.id}-${place}`, "aria-selected": selected,
        "data-key": `${entry.group ?? ""} ${entry.name}`,
        on: { click: () => this.#choose(entry) },
      }, h("b", {}, entry.name), entry.detail && [" ", h("span", {}, entry.detail)]);
    });
  }
}
