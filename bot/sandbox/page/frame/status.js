// The one line above everything: whether the sandbox can be reached, and whether the bot is there.

import { fill, h, icon } from "../dom.js";

const BACK_MS = 4000; // so long it says that the line is back
const LOOK_AGAIN_MS = 2000; // while it is lost, so often it is looked whether the world is there

export class Status {
  #wasLost = false;
  #isBack = false;
  #timer = 0;
  #timerOfLooking = 0;

  constructor(page, element) {
    this.page = page;
    this.element = element;
    this.draw();
  }

  draw() {
    const isLost = this.page.looks.some((look) => look.lost);
    if (this.#wasLost && !isLost) this.#sayBack();
    if (isLost) this.#timerOfLooking ||= setTimeout(() => this.#lookAgain(), LOOK_AGAIN_MS);
    this.#wasLost = isLost;
    const [kind, ...words] = this.#words(isLost);
    this.element.className = kind;
    fill(this.element, words);
  }

  #words(isLost) {
    const { world } = this.page;
    if (isLost) return ["lost", icon("cloud"), h("span", {}, "Connection lost. Trying again … ",
      "If it was ended, start it again: ", h("code", {}, "make demo"), "."),
      h("button", { type: "button", on: { click: () => this.#tryNow() } }, "Try now")];
    if (!world.isKnown) return [""];
    if (!world.bot.connected) return ["offline", icon("lamp-out"), h("span", {},
      "The bot is offline. Start it with ",
      h("code", {}, `darkroom run --sandbox ${location.origin}`),
      ", or run ", h("code", {}, "make demo"), " again.")];
    if (!world.hasCommands) return ["offline", icon("lamp-out"),
      h("span", {}, "The bot is here, but has not told its commands yet.")];
    return this.#isBack ? ["back", icon("check"), h("span", {}, "Connected again.")] : [""];
  }

  #tryNow() {
    for (const look of this.page.looks) look.tryAgain();
  }

  #sayBack() {
    this.#isBack = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => { this.#isBack = false; this.draw(); }, BACK_MS);
  }

  /** Somebody who is there no more has no line to come back: the world says so. */
  async #lookAgain() {
    await this.page.world.refresh().catch(() => {}); // not there yet
    this.#timerOfLooking = 0;
    this.draw();
  }
}
