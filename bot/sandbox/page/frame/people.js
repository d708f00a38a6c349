// Who one is: everybody who can be looked through, each with what they are, and a tab of their own.

import * as address from "../address.js";
import { drawAvatar } from "../message/avatar.js";
import { h, icon } from "../dom.js";

/** The person switcher of the page's first look. */
export function drawPeople(page) {
  const [look] = page.looks;
  return page.world.users.map((one) => h("span", { class: "person", "data-key": one.name },
    h("button", {
      type: "button", "aria-pressed": String(one.name === look.person), title: `Be ${one.name}`,
      on: { click: () => be(page, one.name) },
    }, drawAvatar(one), h("span", { class: "who" }, h("b", {}, h("bdi", {}, one.name)),
      h("small", {}, h("span", { class: "unsaid" }, ", "), standing(one, page.world)))),
    h("a", {
      href: address.to([{ person: one.name, channel: "general" }]), target: "_blank",
      title: alone(one), "aria-label": alone(one),
    }, icon("tab"))));
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
