// The line above what one types: what the focused option takes, or what is wrong with it.

import { fill, h, newId } from "../dom.js";

export class Hint {
  constructor() {
    this.id = newId("hint");
    this.element = h("p", { class: "composer-hint", id: this.id });
  }

  say(words, { name = null, limits = null, isWrong = false } = {}) {
    this.element.classList.toggle("wrong", isWrong);
    // a field tells its own hint when it is entered; what goes wrong later has to speak up
    this.element.setAttribute("aria-live", isWrong ? "polite" : "off");
    fill(this.element, name && [h("b", {}, name), " "], words,
      limits && h("small", {}, limits));
  }
}
