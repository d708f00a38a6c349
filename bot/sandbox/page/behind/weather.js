// The weather: faults that anybody may order, to watch how the bot copes; and what holds now.

import * as api from "../api.js";
import { fill, h } from "../dom.js";
import { toTheSecond } from "../text/times.js";

const AHEAD_SECONDS = 20 * 60;
const PREVIEWS_BYTES = 4000; // previews are smaller, the included model's pictures larger

/** Each act: what it asks of the sandbox, in words what it does, and what to watch. */
const ACTS = [
  { name: "Drop the gateway", body: { gateway: { drop: true } },
    does: "Cuts the bot's live line without a word.",
    watch: "The bot goes on where it was; what was asked is not lost." },
  { name: "Delay by 1 s", body: { delay_ms: 1000 }, lasts: (rule) => rule.delay_ms >= 1000,
    does: "Every request of the bot waits a second, until it is calm.",
    watch: "Answers are late, but none is missing." },
  { name: "Too many requests", body: { rate_limit: { retry_after: 1 }, times: 5 },
    lasts: (rule) => rule.rate_limit !== null,
    does: "The next 5 requests are answered 429: come again in 1 s.",
    watch: "The bot waits as it is told, then goes on." },
  { name: "Lose answers", body: { lost_answer: true, times: 3 }, lasts: (rule) => rule.lost_answer,
    does: "The next 3 requests are done, but their answers are lost.",
    watch: "The bot asks again, and yet nothing is posted twice." },
  { name: "Refuse an upload",
    body: { too_large: true, times: 2, over_bytes: PREVIEWS_BYTES, route: "/channels/" },
    lasts: (rule) => rule.too_large,
    does: `The next 2 posts with a file over ${PREVIEWS_BYTES} bytes are refused as too large.`,
    watch: "Previews pass; a picture is sent again, ever smaller, until it is taken." },
  { name: "Clock +20 min", body: { clock: { advance_seconds: AHEAD_SECONDS } },
    does: "Turns the clock forward: an answer may only be changed for 15 minutes.",
    watch: "What was still open is answered in another way, or says that it is over." },
];

export class Weather {
  #holds = null; // what `GET /weather` said last
  #notice = "";
  #busy = false;

  constructor(page) {
    this.world = page.world;
    this.element = h("div", { class: "weather-drawer" });
    this.isOpen = false;
    this.world.addEventListener("changed", () => this.isOpen && this.#refresh());
  }

  open() {
    this.isOpen = true;
    this.#notice = "";
    this.draw();
    this.#refresh();
  }

  close() {
    this.isOpen = false;
  }

  async #refresh() {
    await this.#done(async () => { this.#holds = await api.weather(); });
  }

  async #change(body) {
    this.#busy = true;
    this.draw();
    await this.#done(async () => {
      this.#holds = await api.makeWeather(body);
      if (body.clock) await this.world.refresh();
    });
  }

  async #turnDms(people, dms) {
    await this.#done(() => Promise.all(people.map((one) => api.change(one.name, { dms }))));
  }

  async #calm() {
    await this.#change({ clear: true });
    await this.#turnDms(this.world.users.filter((one) => one.dms === "closed"), "open");
  }

  /** Do it, and say in one line when it could not be done. */
  async #done(deed) {
    try {
      await deed();
      this.#notice = "";
    } catch (fault) {
      this.#notice = fault.message;
    }
    this.#busy = false;
    this.draw();
  }

  draw() {
    fill(this.element,
      h("section", { class: "weather-now" }, h("h4", {}, "What holds now"),
        h("ul", {}, this.#said().map((line) => h("li", {}, line))),
        h("p", { class: "notice", role: "alert" }, this.#notice),
        h("button", { type: "button", on: { click: () => this.#calm() } },
          "Calm: clear everything")),
      h("section", {}, h("h4", {}, "Direct messages"), this.#dms()),
      h("section", {}, h("h4", {}, "Order some weather"),
        h("ul", { class: "weather-acts" }, ACTS.map((act) => this.#act(act)))));
  }

  #said() {
    if (!this.#holds) return ["Looking …"];
    const rules = this.#holds.rules.map((rule) => wordsOf(rule));
    const closed = this.world.users.filter((one) => one.dms === "closed").map((one) => one.name);
    return [
      this.#holds.gateway.connected ? "The bot is connected." : "The bot is not connected.",
      ...(rules.length ? rules : ["No fault is ordered."]),
      ...(closed.length ? [`Closed DMs: ${closed.join(", ")}.`] : []),
      `The sandbox's clock says ${toTheSecond(this.#holds.now * 1000)}.`,
    ];
  }

  #dms() {
    return h("ul", { class: "weather-dms" }, this.world.users.map((one) => {
      const isOpen = one.dms !== "closed";
      return h("li", { "data-key": one.name }, h("button", {
        type: "button", role: "switch", "aria-checked": String(isOpen),
        on: { click: () => this.#turnDms([one], isOpen ? "closed" : "open") },
      }, `${one.name}: ${isOpen ? "open" : "closed"}`));
    }));
  }

  #act(act) {
    const holds = Boolean(act.lasts) && (this.#holds?.rules ?? []).some(act.lasts);
    return h("li", { "data-key": act.name },
      h("button", {
        type: "button", disabled: holds || this.#busy,
        on: { click: () => this.#change(act.body) },
      }, holds ? `${act.name}: holds now` : act.name),
      h("p", {}, act.does, " ", h("span", { class: "faint" }, `Watch: ${act.watch}`)));
  }
}

const known = (rule) => ACTS.find((act) => act.lasts?.(rule));

function wordsOf(rule) {
  const times = rule.times === null ? "until it is calm" : `${rule.times} more`;
  const size = rule.over_bytes === null ? "" : `over ${rule.over_bytes} bytes`;
  const where = [rule.method, rule.route, size].filter(Boolean).join(" ");
  return `${known(rule)?.name ?? "Another fault"}: ${times}${where ? ` (${where})` : ""}.`;
}
