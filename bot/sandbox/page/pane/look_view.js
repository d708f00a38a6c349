// A look drawn: the bar that says who looks where, the messages, who types, one line of notice, the
// composer. What is read back, jumped to or walked through with the arrow keys is heard here.

import { Announcer } from "./announcer.js";
import { Answer } from "./answer.js";
import { Composer } from "../composer/composer.js";
import { fill, h, icon } from "../dom.js";
import { focusOf } from "./focus.js";
import { History } from "./history.js";
import { showModal } from "../controls/modal.js";
import { fillChoices } from "./split.js";
import { DM } from "../look/world.js";

const NEAR_PIXELS = 80; // who reads within this distance of the end stays at the end
const LITTLE_PIXELS = 24; // what is below is less than the button would cover
const BACK_PIXELS = 300; // within this distance of the top, older messages are read

export class LookView {
  #history;
  #answer;
  #stop = null; // how far it was scrolled to where an answer begins
  #page = null;
  #waiting = null;
  #only = new Set(); // the messages that changed since it was drawn
  #isAllNew = true; // or whatever may have
  #reach = 0; // how far the list could be scrolled when it was drawn

  constructor(look) {
    this.look = look;
    this.#history = new History(look);
    this.heading = h("h2", { class: "look-title" });
    this.choices = h("div", { class: "look-choices-place" });
    this.list = h("ol", {
      class: "messages", role: "log", "aria-live": "off", tabindex: "0",
      on: { scroll: () => this.#scrolled(), keydown: (event) => this.#walk(event) },
    });
    this.toEnd = h("button", {
      type: "button", class: "to-end", hidden: true, on: { click: () => this.#jump() },
    });
    this.typing = h("p", { class: "typing" });
    this.notice = h("p", { class: "notice", role: "alert" });
    this.#answer = new Answer(look, this.list);
    this.announcer = new Announcer(look);
    this.composer = new Composer(look);
    this.element = h("section", { class: "look", "data-person": look.person },
      h("div", { class: "look-bar" }, this.heading, this.choices),
      h("div", { class: "look-room" }, this.list, this.toEnd),
      this.notice, this.composer.element, this.typing, this.announcer.element);
    const grown = (settle) => { settle(); this.#drawToEnd(); };
    // a picture came and took room
    this.list.addEventListener("load", () => grown(() => this.#follow()), true);
    new ResizeObserver(() => grown(() => this.#stay())).observe(this.list);
    look.addEventListener("changed", (event) => this.#drawSoon(event.detail?.only));
    look.addEventListener("moved", () => { look.atEnd = true; this.#drawSoon(); });
    look.addEventListener("modal", (event) => showModal(event.detail, look, this.element));
    this.draw();
  }

  /** Stand alone, or beside another look with the choices of who looks where. */
  stand(page) {
    this.#page = page;
    this.#drawChoices();
  }

  #drawChoices() {
    if (this.#page?.looks.length > 1) fillChoices(this.choices, this.#page, this.look);
    else fill(this.choices);
  }

  #drawSoon(only) {
    if (only) this.#only.add(only);
    else this.#isAllNew = true;
    this.#waiting ??= requestAnimationFrame(() => this.draw());
  }

  draw() {
    const changed = this.#isAllNew ? null : this.#only;
    [this.#waiting, this.#only, this.#isAllNew] = [null, new Set(), false];
    const { look, list } = this;
    const stood = look.atEnd ? [] : inView(list), keepFocus = focusOf(list);
    this.#drawTitle();
    this.#drawChoices();
    fill(list, this.#history.draw(changed));
    list.toggleAttribute("aria-busy", !look.online);
    const stays = stood.find(({ node }) => node.isConnected);
    if (stays) list.scrollTop += stays.node.offsetTop - stays.top;
    keepFocus();
    this.#answer.keepUp();
    if (this.#stop !== null && this.#answer.isOutdone) look.atEnd = true;
    this.#follow();
    this.#drawToEnd();
    const { name } = look.world.bot;
    fill(this.typing, look.typing && [DOTS.cloneNode(true), `${name} is typing …`]);
    if (this.notice.textContent !== look.notice) this.notice.textContent = look.notice;
    this.composer.draw();
    this.announcer.hear();
  }

  #drawTitle() {
    const { look } = this;
    const where = look.world.nameOf(look.place), channel = look.world.channelById(look.place);
    fill(this.heading, icon(look.place === DM ? "at" : "hash"), h("b", {}, where.slice(1)),
      channel?.nsfw && h("small", { class: "age", title: "age-restricted" }, "18+"),
      h("span", { class: "topic" }, topic(look, channel)));
    this.list.setAttribute("aria-label", `Messages that ${look.person} sees in ${where}`);
  }

  #drawToEnd() {
    const { look, toEnd } = this, { count, mentions } = look.unread(look.place);
    const isMeant = mentions > 0 && look.place !== DM; // an answer to a press further up, mostly
    const meant = mentions < count ? `, ${mentions} for you` : " for you";
    const words = `${count} new${isMeant ? meant : ""}`;
    const below = reachOf(this.list) - this.list.scrollTop;
    toEnd.hidden = look.atEnd || (!count && below < LITTLE_PIXELS);
    toEnd.classList.toggle("primary", isMeant);
    fill(toEnd, icon("down"), count ? `${words} · jump to latest` : "Jump to latest");
  }

  // -- moving ------------------------------------------------------------------------------------

  /** Go with what came: to the end, or to where an answer begins that the room does not hold. */
  #follow() {
    const { list, look } = this;
    const beginning = look.atEnd ? this.#answer.beginning() : null;
    if (!beginning) return this.#stay();
    list.scrollTop = beginning.offsetTop;
    [this.#stop, this.#reach] = [list.scrollTop, reachOf(list)];
    look.atEnd = false;
  }

  #stay() {
    const { list } = this;
    if (this.look.atEnd) [this.#stop, list.scrollTop] = [null, list.scrollHeight];
    this.#reach = reachOf(list);
  }

  #scrolled() {
    const { list, look } = this;
    const isGrown = reachOf(list) !== this.#reach; // by itself, not by who reads
    if (look.atEnd && isGrown) this.#stay();
    else if (list.scrollTop !== this.#stop) this.#read();
    if (list.scrollTop < BACK_PIXELS && list.scrollHeight > list.clientHeight) look.readBack();
  }

  /** Somebody scrolled: it is where they are that counts. */
  #read() {
    this.#stop = null;
    this.look.atEnd = reachOf(this.list) - this.list.scrollTop < NEAR_PIXELS;
  }

  #jump() {
    this.look.atEnd = true;
    this.#stay();
    this.list.focus();
  }

  /** Arrow keys walk from message to message; Escape goes back to typing. */
  #walk(event) {
    const at = event.target.closest("[data-key]");
    if (event.target !== this.list && event.target !== at) return;
    if (event.key === "Escape") {
      this.element.querySelector(".composer :is(input, textarea)")?.focus();
    }
    const all = [...this.list.querySelectorAll(":scope > .message")];
    const here = all.indexOf(at);
    const next = {
      ArrowUp: here < 0 ? all.at(-1) : all[here - 1], ArrowDown: all[here + 1],
      Home: all[0], End: all.at(-1),
    }[event.key];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }
}

const topic = (look, channel) => channel?.topic
  ?? (look.place === DM ? `what only ${look.person} and the bot read` : "");

const DOTS = h("span", { class: "dots", "aria-hidden": "true" },
  h("i", {}, "•"), h("i", {}, "•"), h("i", {}, "•"));

const reachOf = (list) => list.scrollHeight - list.clientHeight;

/** The messages from the one on that somebody who scrolled up looks at, and where each stands. */
function inView(list) {
  const top = list.scrollTop;
  return [...list.querySelectorAll(":scope > .message")]
    .filter((one) => one.offsetTop + one.offsetHeight > top)
    .map((node) => ({ node, top: node.offsetTop }));
}
