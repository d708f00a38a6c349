// On a narrow screen the channels and the members are panels behind buttons. While one is open the
// rest of the page is inert, so the keyboard stays in it; Escape and a click outside close it.

import { h } from "../dom.js";

// What a look needs beside channels, and members too; and what a second look and the tour take.
const CHANNELS_REM = 48, MEMBERS_REM = 66, BESIDE_REM = 30, TOUR_REM = 40;
const CLOSE_BESIDE_REM = 12; // a second look, when that leaves the channels where they are

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
    const tourRem = tour.isOpen ? TOUR_REM : 0, isSplit = looks.length > 1;
    const channelsRem = CHANNELS_REM + Math.max(isSplit ? CLOSE_BESIDE_REM : 0, tourRem);
    const membersRem = MEMBERS_REM + Math.max(isSplit ? BESIDE_REM : 0, tourRem);
    const rooms = width < CHANNELS_REM ? "phone" : width < channelsRem ? "narrow"
      : width < membersRem ? "middle" : "wide";
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
