// The second look: two people side by side, each with their own choice of person and channel. The
// sentence above a look is its choices: "What [mod] sees in [#general]".

import { fill, h, icon } from "../dom.js";
import { DM } from "../look/world.js";

const FIRST_CHANNEL = "general";

/** Who is worth seeing beside this look: a moderator, from whom stealth hides; beside mod, ana. */
export function partnerOf(look) {
  const { world } = look;
  const others = world.users.filter((one) => one.name !== look.person);
  const home = world.channelById(look.place)?.visible_to ?? [];
  const wished = look.person === "mod" ? "ana" : "mod";
  const partner = others.find((one) => one.name === wished)
    ?? others.find((one) => home.includes(one.name)) ?? others[0];
  const channel = look.place === DM ? FIRST_CHANNEL : look.place;
  return partner && { person: partner.name, channel };
}

/** Draw the choices above one of two looks. */
export function fillChoices(bar, page, look) {
  fill(bar, h("div", {
    class: "look-choices", role: "group", "aria-label": `Who looks where: ${look.person}`,
  }, choices(page, look)));
  bar.querySelector("[data-choice=person]").value = look.person;
  bar.querySelector("[data-choice=place]").value = look.place;
}

function choices(page, look) {
  const { world } = look;
  const places = [DM, ...world.channelsOf(look.person).map((one) => one.id)];
  return [
    h("span", {}, "What"),
    h("select", {
      "aria-label": `Who looks, instead of ${look.person}`, "data-choice": "person",
      on: { change: (event) => lookAs(page, look, event.target.value) },
    }, world.users.map((one) => h("option", { value: one.name, "data-key": one.name }, one.name))),
    h("span", {}, "sees in"),
    h("select", {
      "aria-label": `Where ${look.person} looks`, "data-choice": "place",
      on: { change: (event) => look.go(event.target.value) },
    }, places.map((one) => h("option", { value: one, "data-key": one }, world.nameOf(one)))),
    h("button", {
      type: "button", class: "quiet close", "aria-label": `Close what ${look.person} sees`,
      on: { click: () => close(page, look) },
    }, icon("close")),
  ];
}

function lookAs(page, look, person) {
  const here = page.looks.indexOf(look);
  page.show(page.looks.map(
    (one) => ({ person: one === look ? person : one.person, channel: one.place })));
  focusIn(here, "[data-choice=person]");
}

function close(page, look) {
  const rest = page.looks.filter((one) => one !== look);
  page.show(rest.map((one) => ({ person: one.person, channel: one.place })));
  focusIn(0, ".messages");
}

const focusIn = (n, selector) =>
  document.querySelectorAll("#looks .look")[n]?.querySelector(selector)?.focus();
