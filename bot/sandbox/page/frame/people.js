// Who one is: everybody who can be looked through, each with what they are, and a tab of their own.
// For the Tab key all of them are one: who is pressed, or who the arrow keys have walked to.

import * as address from "../address.js";
import { drawAvatar } from "../message/avatar.js";
import { fill, h, icon } from "../dom.js";

/** The person switcher of the page's first look. */
export class People {
  #shown = "";

  constructor(page, row) {
    this.page = page;
    this.row = row;
    for (const moved of ["focusin", "focusout"]) row.addEventListener(moved, () => this.#stop());
    row.addEventListener("keydown", (event) => this.#walk(event));
  }

  draw() {
    const { page, row } = this, [{ person }] = page.looks;
    fill(row, page.world.users.map((one) => drawPerson(page, one, one.name === person)));
    this.#stop();
    if (this.#shown !== person) this.#bringIntoView();
    this.#shown = person;
  }

  /** Let the Tab key stop at one person: where the keyboard is, else at who is pressed. */
  #stop() {
    const { row } = this;
    const one = row.querySelector(":focus-within") ?? row.querySelector(":has([aria-pressed=true])")
      ?? row.firstChild;
    for (const stop of row.querySelectorAll("button, a")) {
      stop.tabIndex = one.contains(stop) ? 0 : -1;
    }
  }

  /** The row of people may be longer than the screen. */
  #bringIntoView() {
    const { row } = this, one = row.querySelector("[aria-pressed=true]");
    if (!one) return;
    // by hand: after `scrollIntoView` the Tab key would begin there, not at the top of the page
    const { left, right } = one.getBoundingClientRect(), room = row.getBoundingClientRect();
    row.scrollLeft += Math.max(0, right - room.right) + Math.min(0, left - room.left);
  }

  #walk(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const all = [...this.row.children], here = all.indexOf(event.target.closest(".person"));
    const next = {
      ArrowLeft: all[here - 1], ArrowRight: all[here + 1], Home: all[0], End: all.at(-1),
    }[event.key];
    if (!next) return;
    event.preventDefault();
    next.querySelector("button").focus();
  }
}

function drawPerson(page, user, isPressed) {
  return h("span", { class: "person", "data-key": user.name },
    h("button", {
      type: "button", "aria-pressed": String(isPressed), title: `Be ${user.name}`,
      on: { click: () => be(page, user.name) },
    }, drawAvatar(user), h("span", { class: "who" }, h("b", {}, h("bdi", {}, user.name)),
      h("small", {}, h("span", { class: "unsaid" }, ", "), standing(user, page.world)))),
    h("a", {
      href: address.to([{ person: user.name, channel: "general" }]), target: "_blank",
      title: alone(user), "aria-label": alone(user),
    }, icon("tab")));
}

const alone = (user) => `Open ${user.name} in a tab of their own`;

/** What somebody is, in a word: their plan, their office, or where they are at home. */
function standing(user, world) {
  const [home] = world.guilds;
  if (!home || !(home.name in user.guilds)) return Object.keys(user.guilds)[0] ?? "no server";
  if (user.owns.includes(home.name)) return "operator";
  return world.rolesOf(user.name, home)[0]?.name ?? user.entitlements[0] ?? "Free";
}

function be(page, person) {
  const [first, second] = page.looks;
  const others = second && second.person !== person ? [second] : [];
  page.show([{ person, channel: first.place },
    ...others.map((look) => ({ person: look.person, channel: look.place }))]);
}
