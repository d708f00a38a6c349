// A scene of the tour: two looks, what they saw before it began, and what came since. The tour
// believes nothing but what these looks show.

import * as api from "../api.js";

const READING_MS = 2000;

export class Scene {
  #before = new Map(); // person -> what stood, as `message id:edit`
  #endings = [];
  #waiting = new Set();

  constructor(page, looks) {
    this.page = page;
    this.wanted = looks;
    this.leak = ""; // what mod saw and should not have; it is not forgotten
    this.facts = new Set(); // what the scene itself did, by name
    this.hasBegun = false; // whether it is known what stood before
    this.isOver = false;
  }

  /** Wait for the looks, and remember what stands in them. */
  async begin() {
    await this.until(() => this.wanted.every(({ person }) => this.look(person)?.online));
    for (const { person } of this.wanted) {
      this.#before.set(person, new Set(this.all(person).map(stateOf)));
    }
    for (const { person } of this.wanted) this.look(person).atEnd = true;
    this.hasBegun = true;
  }

  /** End it: what it changed for a while is changed back, and nobody waits in it any more. */
  end() {
    this.isOver = true;
    for (const undo of this.#endings.splice(0)) undo().catch(() => {}); // the sandbox is gone
    for (const one of this.#waiting) one.reject(new Left());
    this.#waiting.clear();
  }

  /** Look again whether what is waited for has come; the tour calls it at every change. */
  changed() {
    for (const one of [...this.#waiting]) {
      const found = one.test();
      if (!found) continue;
      this.#waiting.delete(one);
      one.resolve(found);
    }
  }

  /** Wait until this is true of what the looks show. */
  until(test) {
    if (this.isOver) return Promise.reject(new Left());
    const found = test();
    if (found) return Promise.resolve(found);
    return new Promise((resolve, reject) => this.#waiting.add({ test, resolve, reject }));
  }

  // -- seeing ------------------------------------------------------------------------------------

  look(person) {
    return this.page.looks.find((one) => one.person === person);
  }

  /** Whether both looks are still there. */
  get isShown() {
    return this.wanted.every(({ person }) => this.look(person));
  }

  /** All that a person sees anywhere, oldest first. */
  all(person) {
    return this.look(person)?.everywhere ?? [];
  }

  /** What a person sees that is new, or has changed, since the scene began. */
  fresh(person) {
    const before = this.#before.get(person) ?? new Set();
    return this.all(person).filter((message) => !before.has(stateOf(message)));
  }

  /** The pictures of `owner` that a person sees in servers. */
  pictures(person, owner) {
    return this.all(person).filter((one) => hasPicture(one) && this.isOf(one, owner));
  }

  freshPictures(person, owner) {
    return this.fresh(person).filter((one) => hasPicture(one) && this.isOf(one, owner));
  }

  /** Whether a post of the bot's is somebody's: it says so. */
  isOf(message, owner) {
    return message.author.bot && message.content.includes(`<@${this.page.world.user(owner)?.id}>`);
  }

  /** Find, among what is new to a person, something of `owner`'s that only they may see. */
  leaked(person, owner, words) {
    const telling = [...words, this.page.world.user(owner)?.id].filter(Boolean);
    return this.fresh(person).some((message) => {
      if (message.author.name === owner) return false;
      const told = JSON.stringify(message).toLowerCase();
      const isNobodys = hasPicture(message) && !message.content.includes("<@");
      return isNobodys || message.asked?.by === owner || telling.some((one) => told.includes(one));
    });
  }

  // -- acting ------------------------------------------------------------------------------------

  /** Do something as a person; what is refused ends the step, with the reason. */
  async act(person, deed, body) {
    const look = this.look(person);
    if (!look) throw new Left();
    const found = await look.act(deed, { channel: this.channel(), ...body });
    if (this.isOver) throw new Left();
    if (!found) throw new Error(look.notice);
    return found;
  }

  /** Run a slash command in #general, and give the message that answers it. */
  async slash(person, command, options) {
    return (await this.act(person, "slash", { command, options })).message;
  }

  /** Press a button of an answer when people had a moment to read it. */
  async press(person, message, label) {
    const custom_id = await this.until(() => buttonOf(this.message(person, message.id), label));
    await new Promise((resolve) => { setTimeout(resolve, READING_MS); });
    if (this.isOver) throw new Left(); // who left meanwhile has nothing pressed
    await this.act(person, "press", { message: message.id, custom_id });
  }

  message(person, id) {
    return this.all(person).find((one) => one.id === id);
  }

  /** Open or close somebody's DM. */
  async turnDms(person, dms) {
    await api.change(person, { dms });
  }

  /** Do this when the scene ends, however it ends; `undo` gives a promise. */
  atEnd(undo) {
    this.#endings.push(undo);
  }

  /** The id of #general. */
  channel() {
    const { world } = this.page;
    return world.channelsOf("ana").find((one) => one.name === "general")?.id;
  }
}

/** The step was left: nothing went wrong, nobody looks any more. */
export class Left extends Error {}

export const hasPicture = (message) =>
  message.author.bot && message.attachments.some((one) => one.filename.startsWith("image-"));

const stateOf = (message) => `${message.id}:${message.edited_at}`;

const buttonOf = (message, label) => (message?.components ?? [])
  .flatMap((row) => row.components ?? [])
  .find((one) => one.label === label && !one.disabled)?.custom_id;
