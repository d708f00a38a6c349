// On a narrow screen the channels and the members are panels behind buttons. While one is open the
// rest of the page is inert, so the keyboard stays in it; Escape and a click outside close it.

import { h } from "../dom.js";

// What a look needs beside channels, and members too; and what a second look and the tour take.
const CHANNELS_REM = 48, MEMBERS_REM = 66, BESIDE_REM = 30, TOUR_REM = 40;

export class Panels {
  #opener = null;

  constructor(page) {
    this.page = page;
    this.scrim = h("div", { id: "scrim", on: { click: () => this.close() } });
    document.body.append(this.scrim);
    addEventListener("resize", () => this.arrange());
    addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.open) this.close();
    });
  }

  /** Which panel is open: channels, members or none. */
  get open() {
    return document.body.dataset.panel;
  }

  /** Make panels of what has no room beside the looks. */
  arrange() {
    const width = innerWidth / parseFloat(getComputedStyle(document.documentElement).fontSize);
    const { looks, tour } = this.page;
    const tourRem = tour.isOpen ? TOUR_REM : 0, besideRem = looks.length > 1 ? BESIDE_REM : 0;
    const rooms = width < CHANNELS_REM ? "phone" : width < CHANNELS_REM + tourRem ? "narrow"
      : width < MEMBERS_REM + Math.max(besideRem, tourRem) ? "middle" : "wide";
    if (document.body.dataset.rooms === rooms) return;
    document.body.dataset.rooms = rooms;
    this.close();
  }

  show(name, opener) {
    this.#opener = opener;
    document.body.dataset.panel = name;
    const panel = document.getElementById(name);
    for (const one of document.body.children) one.inert = one !== panel && one !== this.scrim;
    (panel.querySelector("[aria-current]") ?? panel.querySelector("button"))?.focus();
  }

  close() {
    if (!this.open) return;
    delete document.body.dataset.panel;
    for (const one of document.body.children) one.inert = false;
    this.#opener?.focus();
    this.#opener = null;
  }
}
