// Around the looks: the head of the page, the line of status, the channels on the left, the members
// on the right. What stands there is the first look's.

import { fill, h, icon } from "../dom.js";
import { drawMembers } from "./members.js";
import { Panels } from "./panels.js";
import { People } from "./people.js";
import { drawSidebar } from "./sidebar.js";
import { Status } from "./status.js";
import { nextTheme, theme } from "./theme.js";

const THEMES = {
  system: ["auto", "as the system has it"], light: ["sun", "day"], dark: ["moon", "night"],
};

export class Frame {
  constructor(page) {
    this.page = page;
    this.element = (id) => document.getElementById(id);
    this.panels = new Panels(page);
    this.status = new Status(page, this.element("status"));
    this.people = new People(page, this.element("switch"));
    for (const one of [page, page.world, page.drawers, page.tour]) {
      one.addEventListener("changed", () => this.#drawSoon());
    }
    for (const name of ["channels", "members"]) {
      const opener = this.element(`open-${name}`);
      opener.addEventListener("click", () => this.panels.show(name, opener));
    }
    this.element("to-field").addEventListener("click", toField);
    addEventListener("tour", () => page.tour.open());
  }

  #drawSoon() {
    this.waiting ??= requestAnimationFrame(() => {
      this.waiting = null;
      this.draw();
    });
  }

  draw() {
    const [look] = this.page.looks;
    if (!look) return;
    this.panels.arrange();
    this.status.draw();
    this.people.draw();
    fill(this.element("tools"), this.#tools());
    fill(this.element("channels"), drawSidebar(look, () => this.panels.close()));
    fill(this.element("members"), drawMembers(look));
  }

  /** How many messages mean this person and stand unread anywhere. */
  unreadOf(look) {
    return look.world.placesOf(look.person)
      .filter((place) => place !== look.place)
      .reduce((sum, place) => sum + look.unread(place).mentions, 0);
  }

  #tools() {
    const { page } = this;
    const [drawing, words] = THEMES[theme()];
    const turn = () => {
      nextTheme();
      this.draw();
    };
    const drawer = (name, words, about) => tool(name, words, {
      title: `${words}: ${about}`,
      isOn: page.drawers.current === name, press: () => page.drawers.toggle(name),
    });
    return [
      tool("tour", "Tour", {
        isOn: page.tour.isOpen, press: () => page.tour.toggle(), kind: "primary",
      }),
      tool("split", "Side by side", {
        isOn: page.looks.length > 1, press: () => page.toggleSplit(),
      }),
      drawer("wire", "Wire", "what the network carries"),
      drawer("weather", "Weather", "faults to try"),
      h("button", {
        type: "button", class: "tool quiet", "data-key": "theme",
        title: `Light: ${words}`, "aria-label": `Light: ${words}`, on: { click: turn },
      }, icon(drawing), h("span", { class: "tool-name" }, "Light")),
    ];
  }
}

/** Past all messages, to where one types; where one may not, to the button of commands. */
function toField(event) {
  const find = (what) => document.querySelector(`.composer ${what}:not([hidden])`);
  const field = find(":is(textarea, input)") ?? find(".begin");
  if (!field?.checkVisibility()) return;
  event.preventDefault();
  field.focus();
}

const tool = (drawing, words, { isOn, press, title = words, kind = "quiet" }) => h("button", {
  type: "button", class: `tool ${kind} tool-${drawing}`, title, "data-key": drawing,
  "aria-pressed": String(Boolean(isOn)), on: { click: press },
}, icon(drawing), h("span", { class: "tool-name" }, words));
