// The drawers below the looks: the wire, and the weather. One is open at a time.
//
// Event: "changed" (another one is open, or none: `current`).

import { fill, h, icon } from "../dom.js";
import { Weather } from "./weather.js";
import { Wire } from "./wire.js";

const TITLES = {
  wire: ["The wire", "What the network carries; no member sees this."],
  weather: ["The weather", "Faults to order, and what the bot makes of them."],
};

export class Drawers extends EventTarget {
  #opener = null;

  constructor(page) {
    super();
    this.current = null;
    this.kinds = { wire: new Wire(), weather: new Weather(page) };
    this.element = document.getElementById("drawers");
    this.element.hidden = true;
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented) this.close();
    });
  }

  toggle(name) {
    if (this.current === name) this.close();
    else this.open(name);
  }

  open(name) {
    if (!this.current) this.#opener = document.activeElement;
    else this.kinds[this.current].close();
    this.current = name;
    const [title, about] = TITLES[name];
    const heading = h("h3", { tabindex: "-1" }, title);
    this.element.replaceChildren(
      h("div", { class: "drawer-head" }, heading, h("p", { class: "faint" }, about),
        h("button", {
          type: "button", class: "quiet close", "aria-label": `Close: ${title.toLowerCase()}`,
          on: { click: () => this.close() },
        }, icon("close"))),
      this.kinds[name].element);
    this.element.hidden = false;
    this.kinds[name].open();
    heading.focus({ preventScroll: true });
    this.dispatchEvent(new Event("changed"));
  }

  close() {
    if (!this.current) return;
    this.kinds[this.current].close();
    this.current = null;
    this.element.hidden = true;
    fill(this.element);
    this.dispatchEvent(new Event("changed"));
    if (this.#opener?.isConnected) this.#opener.focus();
  }
}
