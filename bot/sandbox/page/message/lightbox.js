// A picture large, in front of everything: the message's others by arrow keys, closer by Z, back by
// Esc. It closes by itself when the message goes.

import { fill, h, icon } from "../dom.js";

/** Open the picture of this button, among those that its message shows. */
export function openLightbox(opener, look) {
  const message = opener.closest(".message");
  const shown = [...message.querySelectorAll(".picture:not(.covered) .open img")]
    .filter((one) => !one.closest("[inert]"));
  const pictures = shown.map((one) => ({ src: one.src, alt: one.alt, name: one.dataset.name }));
  const at = shown.indexOf(opener.querySelector("img"));
  new Lightbox(pictures, at, { opener, look, messageId: message.dataset.key }).open();
}

class Lightbox {
  constructor(pictures, at, { opener, look, messageId }) {
    Object.assign(this, { pictures, at, opener, look, messageId });
    this.isClose = false;
    this.stage = h("div", { class: "stage", on: { click: (event) => this.#press(event) } });
    this.bar = h("div", { class: "lightbox-bar" });
    this.caption = h("p", { class: "caption", "aria-live": "polite" });
    this.element = h("dialog", {
      class: "lightbox", "aria-label": "Picture",
      on: { keydown: (event) => this.#key(event), close: () => this.#leave() },
    }, this.bar, this.stage, this.caption);
    this.watch = () => { if (!look.message(messageId)) this.element.close(); };
  }

  open() {
    document.body.append(this.element);
    this.look.addEventListener("changed", this.watch);
    this.draw();
    this.element.showModal();
  }

  draw() {
    const { pictures, at } = this;
    const one = pictures[at], isAlone = pictures.length === 1;
    this.element.classList.toggle("close-up", this.isClose);
    fill(this.bar,
      !isAlone && button("left", "Previous picture", () => this.#go(-1)),
      !isAlone && h("span", { class: "which" }, `${at + 1} of ${pictures.length}`),
      !isAlone && button("right", "Next picture", () => this.#go(1)),
      h("span", { class: "between" }),
      button("zoom", "Zoom", () => this.#zoom(), { "aria-pressed": String(this.isClose) }),
      h("a", {
        class: "button quiet", href: one.src, download: one.name, "aria-label": "Download",
        title: "Download",
      }, icon("download")),
      button("close", "Close", () => this.element.close(), { autofocus: true }));
    fill(this.stage, h("img", {
      loading: "lazy", src: one.src, alt: one.alt, "data-key": String(at),
    }));
    // a stage that scrolls can be reached by keyboard
    if (this.isClose) this.stage.tabIndex = 0;
    else this.stage.removeAttribute("tabindex");
    if (this.caption.textContent !== one.alt) this.caption.textContent = one.alt;
  }

  #go(steps) {
    const count = this.pictures.length;
    this.at = (this.at + steps + count) % count;
    this.isClose = false;
    this.draw();
  }

  /** Closer, or back. `across` and `down`: the part of the picture that comes into the middle. */
  #zoom(across = 0.5, down = 0.5) {
    this.isClose = !this.isClose;
    this.draw();
    const { stage } = this;
    stage.scrollLeft = across * stage.scrollWidth - stage.clientWidth / 2;
    stage.scrollTop = down * stage.scrollHeight - stage.clientHeight / 2;
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const scrolls = this.isClose && event.target === this.stage;
    const deeds = {
      ArrowLeft: () => this.#go(-1), ArrowRight: () => this.#go(1), z: () => this.#zoom(),
    };
    const deed = deeds[event.key];
    if (!deed || (scrolls && event.key !== "z")) return;
    event.preventDefault();
    deed();
  }

  #press(event) {
    const { target, offsetX, offsetY } = event;
    if (target === this.stage) this.element.close();
    else this.#zoom(offsetX / target.offsetWidth, offsetY / target.offsetHeight);
  }

  #leave() {
    this.look.removeEventListener("changed", this.watch);
    this.element.remove();
    if (this.opener.isConnected) this.opener.focus();
  }
}

const button = (drawing, words, act, more = {}) => h("button", {
  type: "button", class: "quiet", "aria-label": words, title: words, ...more, on: { click: act },
}, icon(drawing));
