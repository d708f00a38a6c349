// Whom a message answers and whom it names: both begin in a menu and go out with what is typed.

import { fill, h, icon } from "../dom.js";

const NAMED = /(?<![\w@<])@(\w+)/g;

export class Addressing {
  #answered = null; // the message that is answered

  /** Hears the look; `field` is where its person types. */
  constructor(look, field) {
    this.look = look;
    this.field = field;
    this.element = h("p", { class: "answering", hidden: true });
    look.addEventListener("reply", ({ detail }) => this.#answer(detail));
    look.addEventListener("mention", ({ detail }) => this.#name(detail));
    look.addEventListener("moved", () => this.end());
  }

  /** What is sent for these words. */
  body(words) {
    const content = words.replace(NAMED, (typed, name) => {
      const { world } = this.look;
      const found = name === world.bot.name ? world.bot : world.user(name);
      return found ? `<@${found.id}>` : typed;
    });
    return { content, ...(this.#answered && { reply_to: this.#answered.id }) };
  }

  /** It is said, or given up. */
  end() {
    this.#answered = null;
    this.element.hidden = true;
  }

  #answer(message) {
    this.#answered = message;
    const giveUp = () => {
      this.end();
      this.field.focus();
    };
    fill(this.element, icon("reply"),
      h("span", {}, "Replying to ", h("b", {}, message.author.name)),
      h("button", {
        type: "button", class: "quiet", "aria-label": "Do not reply", on: { click: giveUp },
      }, icon("close")));
    this.element.hidden = false;
    this.field.focus();
  }

  #name({ name }) {
    const { field } = this;
    const before = field.value.slice(0, field.selectionStart);
    const blank = before && !/\s$/.test(before) ? " " : "";
    field.setRangeText(`${blank}@${name} `, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
