// The guided tour: six steps, each a button that does it, what to watch, and a mark for each
// promise that the looks on this page have shown to be kept. It remembers nothing.
//
// Event: "changed" (it was opened or closed: `isOpen`).

import { fill, h, icon } from "../dom.js";
import { Left, Scene } from "./scene.js";
import { Stage } from "./stage.js";
import { STEPS } from "./steps.js";

const PATIENCE_MS = 60_000;
const LATE = "This takes longer than it should. Is the bot online, and the weather calm? "
  + "Then try again.";
const LOOKS_GONE = "The two looks of this step are no longer shown. Begin it again to see them.";

export class Tour extends EventTarget {
  #scene = null;
  #timer = 0;
  #second = 0; // the timer of the seconds that a step of patience counts
  #since = 0;
  #opener = null;
  #stage;

  constructor(page) {
    super();
    this.page = page;
    this.#stage = new Stage(page);
    this.isOpen = false;
    this.at = 0;
    this.seen = new Set(); // the numbers of the steps that went as promised
    this.#setOut("ready");
    this.element = document.getElementById("tour");
    this.element.hidden = true;
    page.addEventListener("changed", () => this.#watch());
    page.world.addEventListener("changed", () => this.#watch());
  }

  get step() { return STEPS[this.at]; }

  open() {
    if (this.isOpen) return;
    this.#opener = document.activeElement;
    this.isOpen = true;
    document.body.classList.add("touring");
    this.element.hidden = false;
    this.#draw();
    this.element.querySelector("h3").focus({ preventScroll: true });
    this.#told();
  }

  close() {
    if (!this.isOpen) return;
    this.#leave();
    this.isOpen = false;
    document.body.classList.remove("touring");
    this.element.hidden = true;
    fill(this.element);
    const isCleared = this.#stage.clear();
    this.#told();
    if (!isCleared) this.#opener?.focus(); // else it may stand far above the end that is shown
    if (document.activeElement === document.body) document.querySelector(".tool-tour")?.focus();
  }

  /** All the way through: who opens it again begins at the beginning. */
  #finish() {
    this.at = 0;
    this.close();
  }

  toggle() {
    if (this.isOpen) this.close();
    else this.open();
  }

  /** Go to another step; what this one changed is changed back. */
  go(number) {
    this.#leave();
    this.at = Math.max(0, Math.min(number, STEPS.length - 1));
    this.#draw();
    this.element.scrollTop = 0;
    this.element.querySelector("h3").focus({ preventScroll: true });
  }

  #told() {
    this.page.remember();
    this.dispatchEvent(new Event("changed"));
  }

  // -- playing -----------------------------------------------------------------------------------

  #setOut(state) {
    this.state = state; // ready, playing, played, failed
    this.line = ""; // one line when something is not as it should be
    this.kept = STEPS[this.at].promises.map(() => false);
  }

  #leave() {
    clearTimeout(this.#timer);
    clearTimeout(this.#second);
    this.#scene?.end();
    this.#scene = null;
    this.#setOut("ready");
  }

  /** Do this step, from its beginning. */
  async play() {
    this.#leave();
    const { step } = this, scene = new Scene(this.page, step.looks);
    this.#scene = scene;
    this.#setOut("playing");
    this.#timer = setTimeout(() => this.#late(), step.patienceMs ?? PATIENCE_MS);
    this.#since = Date.now();
    this.#stage.set(step.looks);
    this.#count();
    this.element.scrollTop = this.element.scrollHeight; // on a phone, to what is promised
    try {
      await scene.begin();
      await step.play(scene);
      this.state = "played";
    } catch (fault) {
      if (fault instanceof Left) return;
      this.state = "failed";
      const why = this.page.world.bot.connected ? fault.message : "the bot is offline";
      this.line = `It could not be done: ${why}`;
      clearTimeout(this.#timer);
    }
    this.#watch();
  }

  /** Draw it, and again every second while it takes patience. */
  #count() {
    this.#draw();
    if (this.#meanwhile()) this.#second = setTimeout(() => this.#count(), 1000);
  }

  #late() {
    if (this.isAsPromised) return;
    this.state = "played";
    this.line ||= LATE;
    this.#draw();
  }

  get isPlaying() { return this.state !== "ready" && !this.line && !this.isAsPromised; }

  get isAsPromised() { return this.state === "played" && this.kept.every(Boolean); }

  /** Look at the looks, at every change: what was promised, and what must never be. */
  #watch() {
    const scene = this.#scene;
    scene?.changed();
    if (scene?.hasBegun) {
      if (scene.isShown) this.#judge(scene);
      else if (!this.isAsPromised) this.line = LOOKS_GONE;
    }
    if (this.isOpen) this.#draw();
  }

  #judge(scene) {
    scene.leak ||= this.step.broken?.(scene) ?? "";
    this.kept = this.step.promises.map(
      (promise, n) => promise.kept(scene) || (this.kept[n] && !scene.leak));
    if (scene.leak) {
      this.line = scene.leak;
      this.seen.delete(this.at);
    } else if (this.isAsPromised) {
      this.line = "";
      this.seen.add(this.at);
    }
  }

  // -- drawing -----------------------------------------------------------------------------------

  #draw() {
    const { step } = this, isLast = this.at === STEPS.length - 1;
    const before = this.element.querySelector("[role=status]")?.textContent, said = this.#said();
    fill(this.element,
      h("div", { class: "tour-head" },
        h("p", { class: "faint" }, `Guided tour · step ${this.at + 1} of ${STEPS.length}`),
        h("button", {
          type: "button", class: "quiet close", "aria-label": "Close the tour",
          on: { click: () => this.close() },
        }, icon("close")),
        this.#steps()),
      h("h3", { tabindex: "-1" }, step.title),
      h("p", {}, step.what),
      this.#deed(),
      h("p", { class: "tour-watch" }, h("b", {}, "Watch: "), step.watch),
      h("ul", { class: "tour-promises" }, step.promises.map((one, n) => this.#promise(one, n))),
      h("div", { class: "tour-line" }, h("p", { role: "status" }, said), this.#seconds()),
      h("div", { class: "tour-way" },
        way("Previous", () => this.go(this.at - 1), { disabled: this.at === 0 }),
        way(isLast ? "Finish" : "Next", () => (isLast ? this.#finish() : this.go(this.at + 1)),
          { isMeant: this.isAsPromised })));
    if (said && said !== before) this.element.scrollTop = this.element.scrollHeight;
  }

  #steps() {
    return h("ol", { class: "tour-steps" }, STEPS.map((step, n) => {
      const isSeen = this.seen.has(n);
      const name = `Step ${n + 1}: ${step.title}${isSeen ? ", seen" : ""}`;
      return h("li", {}, h("button", {
        type: "button", class: isSeen ? "seen" : "", title: step.title, "aria-label": name,
        "aria-current": n === this.at ? "step" : false, on: { click: () => this.go(n) },
      }, isSeen ? "✓" : String(n + 1)));
    }));
  }

  #deed() {
    const { step } = this;
    const isMissing = Boolean(step.hand) && !this.page.world.hands.includes(step.hand);
    const { isPlaying } = this;
    const under = this.state === "playing" ? "Doing it …" : "Watching …";
    return [
      h("button", { type: "button", disabled: isMissing,
        class: this.isAsPromised ? "tour-deed" : "primary tour-deed", // then the way on is meant
        "aria-busy": isPlaying ? "true" : false, on: { click: () => !isPlaying && this.play() } },
      this.state === "ready" ? step.deed : isPlaying ? under : "Again"),
      isMissing && h("p", { class: "faint", "data-key": "missing" },
        "Nobody here can do this: the sandbox was started alone. `make demo` can."),
    ];
  }

  #promise(promise, n) {
    const isKept = this.kept[n];
    return h("li", { class: isKept ? "kept" : "" },
      h("span", { class: "mark", "aria-hidden": "true" }, isKept ? "✓" : "○"),
      h("span", {}, promise.words,
        h("span", { class: "unsaid" }, isKept ? ": seen" : ": not seen yet")));
  }

  #said() {
    return this.line || (this.isAsPromised ? "Seen, as promised." : this.#meanwhile());
  }

  /** What is going on, in a step that takes patience. */
  #meanwhile() {
    return (this.isPlaying && this.step.meanwhile?.(this.#scene)) || "";
  }

  /** How long that takes; nobody wants to hear each of them. */
  #seconds() {
    if (!this.#meanwhile()) return null;
    const passed = Math.floor((Date.now() - this.#since) / 1000);
    return h("span", { class: "faint", "aria-hidden": "true" }, `${passed} s`);
  }
}

const way = (words, go, { disabled = false, isMeant = false } = {}) => h("button", {
  type: "button", class: isMeant ? "primary" : "", disabled, on: { click: go },
}, words);
