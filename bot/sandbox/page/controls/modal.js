// A modal: a form that the bot opened for one person. It stands over what that person sees, and
// stays open with the words until the bot has taken it.

import { fill, h, icon, newId } from "../dom.js";
import { drawFields } from "./fields.js";

/** Open the form over the pane of its look (`room`). */
export function showModal(modal, look, room) {
  if (room.isConnected) new Form(modal, look, room).open();
}

class Form {
  #busy = false;

  constructor(modal, look, room) {
    this.modal = modal;
    this.look = look;
    this.room = room;
    const { elements, fields } = drawFields(modal.components, look);
    this.fields = fields;
    this.failure = h("p", { class: "failure", role: "alert" });
    this.send = h("button", { class: "primary" }, "Submit");
    const title = newId("modal-title");
    const close = () => this.dialog.close();
    this.dialog = h("dialog", {
      class: "modal", "aria-labelledby": title,
      on: { close: () => this.#closed(), paste: (event) => this.#take(event, event.clipboardData) },
    }, h("form", {
      novalidate: true,
      on: {
        submit: (event) => this.#submit(event),
        dragover: (event) => this.#dragged(event), dragleave: () => this.#lit(false),
        drop: (event) => this.#take(event, event.dataTransfer),
      },
    }, h("header", {}, h("h2", { id: title }, modal.title),
      h("button", {
        type: "button", class: "quiet", "aria-label": "Close", on: { click: close },
      }, icon("close"))),
    h("p", { class: "modal-who" }, `${look.world.bot.name} asks ${look.person}`),
    h("div", { class: "modal-fields" }, elements), this.failure,
    h("footer", {}, h("button", { type: "button", on: { click: close } }, "Cancel"), this.send)));
  }

  open() {
    this.room.append(this.dialog);
    const { left, width } = this.room.getBoundingClientRect();
    this.dialog.style.setProperty("--middle", `${left + width / 2}px`);
    this.dialog.showModal();
    this.fields[0]?.focus();
  }

  #closed() {
    this.dialog.remove();
    if (document.activeElement === document.body) this.room.querySelector(".messages")?.focus();
  }

  async #submit(event) {
    event.preventDefault();
    if (this.#busy) return;
    this.#wait(true);
    await Promise.all(this.fields.map((one) => one.settled?.()));
    const faulty = this.fields.filter((one) => one.check());
    const filled = faulty.length === 0 && await this.look.act("fill", {
      modal: this.modal.id,
      fields: Object.fromEntries(this.fields.map((one) => [one.name, one.read()])),
    });
    this.#wait(false);
    if (filled?.answered) this.dialog.close();
    else if (faulty.length) faulty[0].focus();
    else this.failure.textContent = `${this.look.notice}. What you wrote is still here.`;
  }

  #wait(busy) {
    this.#busy = busy;
    this.failure.textContent = "";
    this.send.ariaBusy = busy ? "true" : null;
    fill(this.send, "Submit", busy && h("span", { class: "spinner" }));
  }

  #dragged(event) {
    event.stopPropagation(); // what is behind the form takes files, too
    if (!this.#files) return;
    event.preventDefault();
    this.#lit(true);
  }

  #lit(on) { this.dialog.classList.toggle("dropping", on); }

  /** The first field that takes files gets what is dropped or pasted anywhere in the form. */
  #take(event, data) {
    this.#lit(false);
    event.stopPropagation();
    if (!data.files.length) return;
    event.preventDefault();
    this.#files?.take(data.files);
  }

  get #files() { return this.fields.find((one) => one.take); }
}
