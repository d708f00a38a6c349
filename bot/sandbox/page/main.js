// The page: who looks (one person, or two side by side), around them the frame, the drawers and the
// tour. The address says what is shown, so a reload or a second tab shows the same.
//
// Event: "changed" (something that stands around the looks may have to be drawn again).
//
// Every module that sends events names them at its head: World, Look, Page, Drawers, Tour. Two more
// rise from what is drawn, so that no drawing needs to know who hears: "command" (`detail`: {path,
// options, isExample}; the composer of its look begins it) and "tour" (the frame opens the tour).

import * as address from "./address.js";
import { Drawers } from "./behind/drawers.js";
import { Frame } from "./frame/frame.js";
import { Look } from "./look/look.js";
import { LookView } from "./pane/look_view.js";
import { partnerOf } from "./pane/split.js";
import { stopStrayDrops } from "./composer/dropped_files.js";
import { Tour } from "./tour/tour.js";
import { World } from "./look/world.js";

class Page extends EventTarget {
  #views = new Map(); // look -> LookView

  constructor() {
    super();
    this.world = new World();
    this.looks = [];
    this.drawers = new Drawers(this);
    this.tour = new Tour(this);
    this.frame = new Frame(this);
    this.world.addEventListener("changed", () => this.#letGo());
  }

  /** Show these looks, `[{person, channel}]`: one, or two side by side. Looks that stay, stay. */
  show(wanted) {
    const free = [...this.looks];
    this.looks = wanted.map(({ person, channel }) => {
      const n = free.findIndex((one) => one.person === person);
      if (n < 0) return this.#opened(person, channel);
      const [stays] = free.splice(n, 1);
      stays.go(channel);
      return stays;
    });
    for (const one of free) one.close();
    this.#arrange();
    this.remember();
  }

  /** What is shown, as `show` takes it. */
  get shown() {
    return this.looks.map(told);
  }

  /** Stop or begin looking at what a second person sees. */
  toggleSplit() {
    const [first, second] = this.looks;
    this.show(second ? [told(first)] : [told(first), partnerOf(first)]);
  }

  /** Let the address say what is shown. */
  remember() {
    history.replaceState(null, "", address.to(this.shown, { tour: this.tour.isOpen }));
    this.#nameTab();
  }

  #nameTab() {
    const unread = this.looks.reduce((sum, look) => sum + this.frame.unreadOf(look), 0);
    const names = this.looks.map((one) => one.person).join(" | ");
    document.title = `${unread ? `(${unread}) ` : ""}${names} · Darkroom`;
  }

  #opened(person, channel) {
    const look = new Look(this.world, person, channel);
    look.addEventListener("moved", () => this.remember());
    look.addEventListener("changed", () => {
      this.#nameTab();
      this.dispatchEvent(new Event("changed"));
    });
    look.open();
    return look;
  }

  /** Let go of looks of people who are there no more. */
  #letGo() {
    const { world, looks } = this;
    if (!world.isKnown || looks.every((look) => world.user(look.person))) return;
    const left = looks.filter((look) => world.user(look.person)).map(told);
    this.show(left.length ? left : [{ person: world.users[0].name, channel: "general" }]);
  }

  #arrange() {
    const { looks } = this;
    this.#views = new Map(looks.map((look) => [look, this.#views.get(look) ?? new LookView(look)]));
    for (const view of this.#views.values()) view.stand(this);
    const views = [...this.#views.values()].map((view) => view.element);
    const room = document.getElementById("looks");
    if (views.some((one, n) => room.children[n] !== one) || room.children.length !== views.length) {
      room.replaceChildren(...views);
    }
    document.body.classList.toggle("split", looks.length > 1);
    this.dispatchEvent(new Event("changed"));
  }
}

/** A look as an address tells it: the channel by its name, where that means no other. */
function told({ world, person, place }) {
  const name = world.channelById(place)?.name;
  return { person, channel: world.placeOf(person, name) === place ? name : place };
}

stopStrayDrops();
const page = new Page();
const wanted = address.read();
try {
  await page.world.refresh();
} catch {
  // the streams go on trying, and the frame says that nothing can be reached
}
const known = wanted.looks.filter(({ person }) => !page.world.isKnown || page.world.user(person));
page.show(known.length ? known : address.read("").looks);
if (wanted.tour) page.tour.open();
document.body.dataset.ready = "";
