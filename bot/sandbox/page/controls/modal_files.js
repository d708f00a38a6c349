// Files in a form: by picker, paste or drop. What is too large is refused before it is sent.

import * as api from "../api.js";
import { fill, h, icon } from "../dom.js";
import { sizeInWords } from "../text/sizes.js";

export class FileField {
  #files = []; // {file, id, fault}: the id comes when the sandbox has it, or the fault
  #uploads = [];
  refusal = ""; // why the last file was not taken

  constructor(look, { most, ...more }) {
    this.look = look;
    this.most = most;
    this.input = h("input", {
      ...more, type: "file", multiple: most > 1, class: "unsaid",
      on: { change: () => this.#picked() },
    });
    this.list = h("ul", { class: "form-files", "aria-label": "Chosen files" });
    this.element = h("div", { class: "file-field" }, this.input,
      h("div", { class: "drop-zone" },
        h("label", { for: more.id, class: "button" }, most > 1 ? "Choose files" : "Choose a file"),
        h("span", {}, `or drop or paste ${most > 1 ? `up to ${most}` : "one"} here`)),
      this.list);
  }

  /** The ids of the files that the sandbox has. */
  get ids() { return this.#files.map((one) => one.id).filter(Boolean); }

  get isBroken() { return this.#files.some((one) => one.fault); }

  /** Take files from a drop or paste. */
  take(files) {
    this.refusal = "";
    for (const file of files) this.#add(file);
    this.#tell();
  }

  /** Wait until everything is with the sandbox. */
  async settled() {
    await Promise.all(this.#uploads);
  }

  #picked() {
    this.take(this.input.files);
    this.input.value = "";
  }

  #add(file) {
    const limit = this.look.world.uploadBytes(this.look.place);
    if (file.size > limit) {
      this.refusal = `${file.name} has ${sizeInWords(file.size)}; `
        + `here a file may have ${sizeInWords(limit)}.`;
      return;
    }
    if (this.most === 1) this.#files = [];
    if (this.#files.length === this.most) {
      this.refusal = `At most ${this.most} files, please.`;
      return;
    }
    const one = { file, id: null, fault: "" };
    this.#files.push(one);
    this.#uploads.push(this.#upload(one));
  }

  async #upload(one) {
    try {
      one.id = (await api.upload(this.look.person, this.look.place, one.file)).id;
    } catch (fault) {
      one.fault = fault.message;
    }
    this.#tell();
  }

  #tell() {
    fill(this.list, this.#files.map((one) => this.#drawFile(one)));
    this.element.dispatchEvent(new Event("change", { bubbles: true }));
  }

  #drawFile(one) {
    const remove = () => {
      this.#files = this.#files.filter((other) => other !== one);
      this.refusal = "";
      this.#tell();
      this.input.focus();
    };
    const isOnItsWay = !one.id && !one.fault;
    return h("li", { "aria-busy": isOnItsWay && "true" }, h("span", {}, one.file.name),
      h("small", {}, one.fault || sizeInWords(one.file.size)),
      isOnItsWay && h("span", { class: "spinner" }),
      h("button", {
        type: "button", class: "quiet", "aria-label": `Remove ${one.file.name}`,
        on: { click: remove },
      }, icon("close")));
  }
}
