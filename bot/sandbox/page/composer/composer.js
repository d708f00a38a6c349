// Where a person types: a message, or a command with its options.
//
// What is typed stays in this tab's memory and nowhere else: no storage, no history of lines that
// were sent (so the up arrow does nothing special), nothing for the browser's own memory of forms.
// Words that are asked for in stealth must not lie around.

import { Addressing } from "./addressing.js";
import { isCommand, named, Offered, takersOfFiles, unknownInWords } from "./commands.js";
import { CommandLine } from "./command_line.js";
import { fill, h, icon, isComposing } from "../dom.js";
import { hearDrops, hearPastes } from "./dropped_files.js";
import { Finder } from "./finder.js";
import { Hint } from "./hint.js";
import { Listbox } from "./listbox.js";
import { mayWriteHere } from "../look/here.js";
import { charactersLeft, messageField, tooLong } from "./message_field.js";
import { grow } from "./option_field.js";

export class Composer {
  #drafts = new Map(); // place -> what was begun there: {text, line, left}
  #draft = null;
  #home = null; // the look's element, which hears of commands and dropped files
  #sending = false;

  constructor(look) {
    this.look = look;
    this.offered = new Offered(look);
    this.list = new Listbox();
    this.hint = new Hint();
    this.closed = h("p", { class: "composer-closed" });
    this.text = this.#field();
    this.addressing = new Addressing(look, this.text);
    this.finder = new Finder(look, this.text, this.list, this.offered);
    this.begin = h("button", {
      type: "button", class: "quiet begin", "aria-label": "Commands", title: "Commands",
      on: { click: () => this.#begin() },
    }, icon("slash"));
    this.place = h("div", { class: "composer-line" }, this.text);
    this.state = h("span", { class: "composer-state" });
    this.button = h("button", { class: "primary send", "aria-label": "Send" }, icon("send"));
    this.element = h("form", {
      class: "composer", on: {
        submit: (event) => { event.preventDefault(); this.send(); },
        keydown: (event) => this.#leaveKey(event),
        focusin: () => { this.offered.here().catch(() => {}); },
      },
    }, this.list.element, this.hint.element, this.addressing.element,
    h("div", { class: "composer-row" },
      this.begin, this.closed, this.place, this.state, this.button));
    hearPastes(this.element, (files) => this.#takeFiles(files));
    look.ending.addEventListener("abort", () => {
      for (const { line } of this.#drafts.values()) line?.close();
    });
  }

  #field() {
    return messageField(this.hint.id, {
      input: () => this.#typed(),
      keydown: (event) => this.#key(event),
      blur: () => {
        if (this.list.isAt(this.text)) this.list.hide();
        queueMicrotask(() => this.draw()); // where one may not write, the reason stands there again
      },
    });
  }

  /** Called whenever the look changed. */
  draw() {
    this.#settle();
    this.#enter();
    const { look } = this, { line } = this.#draft;
    const where = look.world.nameOf(look.place);
    this.text.placeholder = `Message ${where}, or type /`;
    const isOpen = this.text.value || document.activeElement === this.text;
    this.text.hidden = !line && !mayWriteHere(look) && !isOpen;
    this.closed.hidden = !this.text.hidden;
    fill(this.closed, `${look.person} may not write in ${where}`);
    this.begin.hidden = Boolean(line);
    this.#drawState();
  }

  #drawState() {
    const { line } = this.#draft, words = this.text.value;
    const left = line || isCommand(words) ? null : charactersLeft(words);
    this.state.classList.toggle("wrong", left !== null && left < 0);
    this.state.classList.toggle("sending", this.#sending);
    this.state.setAttribute("aria-live", this.#sending ? "polite" : "off"); // not each number
    fill(this.state, this.#sending ? "sending …" : left);
    this.element.setAttribute("aria-busy", String(this.#sending));
    this.button.setAttribute("aria-label", line ? `Run /${line.command.name}` : "Send");
    this.button.hidden = this.text.hidden && !line;
  }

  // -- places and what was begun in them ---------------------------------------------------------

  /** Show what was begun in this place. */
  #enter() {
    const { place } = this.look;
    if (!this.#drafts.has(place)) this.#drafts.set(place, { text: "", line: null, left: false });
    const draft = this.#drafts.get(place);
    if (draft === this.#draft) return;
    this.list.hide();
    this.hint.say("");
    if (this.#draft && !this.#draft.line) this.#draft.text = this.text.value;
    this.#show(draft);
  }

  #show(draft) {
    this.#draft = draft;
    this.text.value = draft.text;
    this.place.replaceChildren(draft.line?.element ?? this.text);
    grow(this.text);
  }

  #forget(draft) {
    draft.line?.close();
    Object.assign(draft, { text: draft.line ? draft.text : "", line: null, left: false });
    if (draft !== this.#draft) return;
    this.#show(draft);
    this.hint.say("");
    this.draw();
    const form = document.querySelector("dialog[open]"); // the bot's answer may be a form
    if (form) form.addEventListener("close", () => this.#focusText(), { once: true });
    else this.#focusText();
  }

  #focusText() {
    if (this.text.hidden) this.begin.focus();
    else this.text.focus();
  }

  // -- words -------------------------------------------------------------------------------------

  #typed() {
    grow(this.text);
    this.#drawState();
    this.hint.say("");
    if (!isCommand(this.text.value)) this.#draft.left = false;
    this.#find();
  }

  /** While a line begins with `/`: show what it may mean, and begin the command that it names. */
  async #find() {
    if (!isCommand(this.text.value)) return this.list.hide();
    const draft = this.#draft;
    const isStill = () => draft === this.#draft && !draft.line;
    const found = await this.finder.find(isStill, (command) => this.#take({ command }));
    if (found && !draft.left) this.#take(found);
  }

  #begin() {
    this.text.hidden = false;
    this.text.focus();
    if (!isCommand(this.text.value)) this.text.value = `/${this.text.value}`;
    this.#draft.left = false;
    this.draw();
    this.#find();
  }

  #key(event) {
    if (this.list.key(event) || isComposing(event)) return;
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    this.send();
  }

  // -- a command in hand -------------------------------------------------------------------------

  /** Begin a command, with values or with the rest of a line that was typed. */
  #take({ command, rest = "", values = null }) {
    this.list.hide();
    this.hint.say("");
    const line = new CommandLine(command, this.look, this);
    const words = this.#draft.line ? this.#draft.text : this.text.value;
    Object.assign(this.#draft, { line, text: isCommand(words) ? "" : words, left: false });
    this.#show(this.#draft);
    if (values) line.give(values);
    const spare = line.read(rest);
    this.draw();
    line.focus();
    if (spare) {
      this.hint.say(`/${command.name} takes no words; left out: ${spare}`, { isWrong: true });
    }
    return line;
  }

  /** Back to typing: what was given stands there as a line, so that it is not said by mistake. */
  leave() {
    const { line } = this.#draft;
    if (!line || this.#sending) return;
    Object.assign(this.#draft, { line: null, text: line.words() || this.#draft.text, left: true });
    line.close();
    this.#show(this.#draft);
    this.list.hide();
    this.hint.say("");
    this.draw();
    this.#focusText();
  }

  focusSend() { this.button.focus(); }

  #leaveKey(event) {
    const isBack = event.key === "Backspace" && event.target === this.button;
    if (!isBack && (event.key !== "Escape" || event.defaultPrevented)) return;
    if (this.#draft.line) this.leave();
    else this.addressing.end();
  }

  // -- sending -----------------------------------------------------------------------------------

  /** Send what stands here: a message, or a command when all its options will do. */
  async send() {
    if (this.#sending || this.#draft.line?.check() === false) return;
    const draft = this.#draft, line = draft.line, words = this.text.value;
    if (!line && isCommand(words)) return this.#runTyped(words);
    if (!line && !words.trim()) return;
    if (!line && tooLong(words)) return this.hint.say(tooLong(words), { isWrong: true });
    this.#busy(true, line);
    this.look.atEnd = true; // who reads further up sees what comes of it
    const sent = await (line ? this.#run(line) : this.look.act("say", this.addressing.body(words)));
    this.#busy(false, line);
    if (sent && !line) this.addressing.end();
    if (sent) this.#forget(draft);
  }

  /** A whole line was typed faster than its command was found, or its command was left before. */
  async #runTyped(words) {
    const draft = this.#draft;
    const commands = await this.offered.here().catch(() => []);
    if (draft !== this.#draft) return;
    const found = draft.line ? null : named(commands, words);
    if (found) this.#take(found);
    if (draft.line) return this.send();
    this.list.hide();
    // a slip in a command's name must not make its words public
    this.hint.say(unknownInWords(commands, words), { isWrong: true });
  }

  async #run(line) {
    const { look } = this, channel = look.place;
    try {
      const options = await line.values();
      const found = await look.act("slash", { channel, command: line.command.name, options });
      return found?.answered ? found : null;
    } catch (fault) {
      look.tell(fault.message);
      return null;
    }
  }

  #busy(yes, line) {
    this.#sending = yes;
    this.text.readOnly = yes;
    line?.enable(!yes);
    if (yes) this.list.hide();
    this.#drawState();
  }

  // -- from elsewhere: mentions of commands, pasted and dropped files ----------------------------

  /** Hear the look that this stands in. */
  #settle() {
    const home = this.element.closest(".look");
    if (!home || home === this.#home) return;
    this.#home = home;
    home.addEventListener("command", ({ detail }) => this.#open(detail));
    hearDrops(home, (files) => this.#takeFiles(files));
  }

  /** Open a command that something on the page named. */
  async #open({ path, options = {}, isExample = false }) {
    if (isExample && (this.#draft.line?.words() || this.text.value)) {
      return this.hint.say("Something is begun here: send it, or clear it", { isWrong: true });
    }
    const commands = await this.offered.here().catch(() => []);
    const command = commands.find((one) => one.name === path);
    const line = command && this.#take({ command, values: options });
    if (line && isExample) line.select();
    if (!line) this.look.tell(`/${path} is not offered to ${this.look.person} here`);
  }

  /** Files go to the command in hand; without one, the commands that take a file are offered. */
  async #takeFiles(files) {
    const { line } = this.#draft;
    if (line) {
      const left = files.filter((one) => !line.takeFile(one));
      if (left.length) this.hint.say("This command takes no more files", { isWrong: true });
      return;
    }
    const takers = takersOfFiles(await this.offered.here().catch(() => []));
    if (!takers.length) return this.look.tell("No command that you are offered here takes a file");
    this.text.hidden = false;
    this.text.focus();
    this.finder.offer(takers, (command) => {
      const taken = this.#take({ command });
      for (const file of files) taken.takeFile(file);
    }, { label: "Commands that take a file" });
  }
}
