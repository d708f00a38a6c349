// The field of a file option: picked, pasted or dropped, looked at, and uploaded at sending.

import * as api from "../api.js";
import { fill, h, icon } from "../dom.js";
import { acceptedKinds, limits, wrongFile } from "./options.js";
import { sizeInWords } from "../text/sizes.js";

export class FileOption {
  #refused = ""; // why the last file was not taken
  #shown = null; // the address of the thumbnail

  constructor(option, line) {
    this.option = option;
    this.line = line;
    this.file = null;
    this.picker = h("input", {
      type: "file", hidden: true, accept: acceptedKinds(option),
      on: { change: () => { this.take(this.picker.files[0]); this.picker.value = ""; } },
    });
    this.button = h("button", {
      type: "button", class: "quiet", "aria-describedby": line.hintId,
      on: {
        click: () => this.picker.click(),
        keydown: (event) => this.#key(event),
        focus: () => line.hint(this),
      },
    });
    this.element = h("span", { class: "option-field", "data-option": option.name },
      h("span", { class: "option-name" }, option.name), this.picker, this.button,
      line.takeAway(this));
    this.#draw();
  }

  get isEmpty() { return !this.file; }
  get #most() { return this.line.look.world.uploadBytes(this.line.look.place); }

  limits() { return limits(this.option, { bytes: this.#most }); }

  reason() {
    if (this.#refused) return this.#refused;
    if (this.file) return wrongFile(this.option, this.file, this.#most);
    return this.option.required ? "is required" : "has no file: choose one, or take it away";
  }

  async value() {
    return (await api.upload(this.line.look.person, this.line.look.place, this.file)).id;
  }

  words() { return ""; }
  give() { /* words are no file */ }
  focus() { this.button.focus(); }
  enable(yes) { this.button.disabled = !yes; }

  /** Take this file, or say why not: nothing is uploaded before the command is sent. */
  take(file) {
    if (!file) return;
    this.#refused = wrongFile(this.option, file, this.#most);
    this.file = this.#refused ? null : file;
    this.#draw();
    this.focus();
    this.line.clear(this);
    if (this.#refused) this.line.blame(this, this.#refused);
  }

  /** Let the file go. */
  drop() {
    this.file = null;
    this.#refused = "";
    this.#draw();
  }

  #key(event) {
    if (this.file && ["Backspace", "Delete"].includes(event.key)) {
      event.preventDefault();
      this.drop();
      this.line.clear(this);
      return;
    }
    // Enter on this button opens the picker while it is empty, and sends once it is filled
    if (event.key === "Enter" && !this.file) return;
    this.line.key(event, this);
  }

  #draw() {
    if (this.#shown) URL.revokeObjectURL(this.#shown);
    this.#shown = this.file?.type.startsWith("image/") ? URL.createObjectURL(this.file) : null;
    const { file, option } = this;
    const said = file ? `${file.name}, choose another` : "choose a file";
    this.button.setAttribute("aria-label", `${option.name}: ${said}`);
    if (!file) fill(this.button, icon("clip"), h("span", {}, "choose a file"));
    else {
      fill(this.button,
        this.#shown ? h("img", { src: this.#shown, alt: "", class: "thumbnail" }) : icon("clip"),
        h("span", { class: "file-name" }, file.name), h("small", {}, sizeInWords(file.size)));
    }
  }
}
