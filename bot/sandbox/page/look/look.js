// A look: what one person sees, kept live by that person's own stream, and what they do. Two looks
// share nothing but the world: what one person sees never passes through the other's.
//
// Events: "changed" (draw again), "modal" (one opened; `detail` is it), "moved" (another channel),
// "reply" and "mention" (`detail`: the message to answer, the person to name; the composer hears).

import * as api from "../api.js";
import { listenTo } from "../live.js";
import { isEphemeral } from "./flags.js";
import { later, Marks } from "./marks.js";
import { Room } from "./room.js";
import { Typing } from "./typing.js";
import { DM } from "./world.js";

export class Look extends EventTarget {
  #rooms = new Map(); // place -> Room
  #marks = null;
  #stream = null;
  #stands = false; // whether the stream stands
  #meanwhile = null; // frames that came while what they change was being read
  #stale = false;
  #newAfter = null; // the mark at which the "new" line stands here
  #isAtEnd = true;
  #typing = new Typing(() => this.#changed());
  #readingBack = false;
  #awaited = 0;
  #ending = new AbortController();

  constructor(world, person, channel) {
    super();
    this.world = world;
    this.person = person;
    this.place = world.isKnown ? world.placeOf(person, channel) : channel;
    this.online = false; // whether what is shown is what there is
    this.lost = false; // whether the line broke and is not back yet
    this.notice = ""; // the one line about what could not be done
    this.deeds = 0; // how often this person did something
    this.revealed = new Set(); // spoilers that this person opened, by their keys
  }

  // -- seeing ------------------------------------------------------------------------------------

  /** Aborts when nobody looks any more: whoever hears the world for this look stops then. */
  get ending() { return this.#ending.signal; }

  /** Begin to look. */
  open() {
    const signal = this.ending;
    this.#marks = new Marks(this.person, () => this.#changed(), { signal });
    this.world.addEventListener("changed", () => this.#changed(), { signal });
    document.addEventListener("visibilitychange", () => this.#readOn(), { signal });
    this.#stream = listenTo(api.streamOf(this.person), {
      hear: (frame) => this.#hear(frame),
      back: () => { this.#stands = true; this.#catchUp(); },
      lost: () => { this.#stands = this.online = false; this.lost = true; this.#changed(); },
    });
  }

  close() {
    this.#stream?.close();
    this.#stream = null;
    this.#ending.abort();
    this.#typing.end(this.place);
  }

  /** Try the line again at once. */
  tryAgain() {
    if (this.#stands) this.#catchUp();
    else this.#stream?.again();
  }

  /** Look at another channel (a name, an id or `dm`). */
  go(channel) {
    const place = this.world.placeOf(this.person, channel);
    if (place === this.place) return;
    this.#enter(place);
    this.#changed();
  }

  #enter(place) {
    this.#room.keepNewest();
    this.place = place;
    this.notice = "";
    this.#newAfter = this.unread(place).count ? this.#marks.at(place) : null;
    this.#isAtEnd = true;
    this.#readOn();
    this.dispatchEvent(new Event("moved"));
  }

  /** The messages here, oldest first. */
  get messages() {
    return this.#room.messages;
  }

  /** All that this person sees anywhere, by place, oldest first. */
  get everywhere() {
    return [...this.#rooms.values()].flatMap((room) => room.messages);
  }

  message(id) { return this.#room.get(id); }

  /** Whether the first message ever is among those here. */
  get isWhole() { return this.#room.isWhole; }

  /** Whether the bot types here. */
  get typing() { return this.#typing.isIn(this.place); }

  /** How many messages of others stand unread in a place, and how many of them mean this person. */
  unread(place) {
    const mark = this.#marks?.at(place) ?? "0";
    const fresh = this.#roomOf(place).messages.filter((one) => this.#isNew(one, mark));
    const mentions = fresh.filter(
      (one) => place === DM || isEphemeral(one) || this.means(one)).length;
    return { count: fresh.length, mentions };
  }

  /** The first message that was new when this person came: the "new" line stands above it. */
  get firstNew() {
    if (this.#newAfter === null) return null;
    return this.messages.find((one) => this.#isNew(one, this.#newAfter))?.id ?? null;
  }

  /** Whether the end is in view: who reads further up has not read what comes. */
  set atEnd(isAtEnd) {
    if (this.#isAtEnd === isAtEnd) return;
    this.#isAtEnd = isAtEnd;
    this.#readOn();
    this.#changed();
  }

  get atEnd() {
    return this.#isAtEnd;
  }

  /** Show a spoiler (`key`: unique on the page, for example `message id:file id`). */
  reveal(key) {
    this.revealed.add(key);
    this.#changed();
  }

  /** Read what came before the oldest message here. */
  async readBack() {
    const { place } = this, room = this.#room;
    if (this.#readingBack || room.isWhole || !this.online) return;
    this.#readingBack = true;
    try {
      room.takeOlder(await api.sees(this.person, place, { limit: Room.PAGE, before: room.oldest }));
    } catch (fault) {
      this.tell(fault.message);
    } finally {
      this.#readingBack = false;
      this.#changed();
    }
  }

  get #room() {
    return this.#roomOf(this.place);
  }

  #roomOf(place) {
    if (!this.#rooms.has(place)) this.#rooms.set(place, new Room());
    return this.#rooms.get(place);
  }

  #isNew(message, mark) {
    return later(message.id, mark) && message.author.name !== this.person;
  }

  /** Whether a message calls this person: by name, by a role, or with everybody. */
  means(message) {
    const roles = this.world.rolesOf(this.person, this.world.guildOf(message.channel));
    return message.mentions_everyone || message.mentions.includes(this.person)
      || roles.some((role) => message.content.includes(`<@&${role.id}>`));
  }

  // -- keeping up --------------------------------------------------------------------------------

  async #catchUp() {
    if (this.#meanwhile) {
      this.#stale = true;
      return;
    }
    this.#meanwhile = [];
    do {
      this.#stale = false;
      await this.#readAll();
    } while (this.#stale);
    const frames = this.#meanwhile;
    this.#meanwhile = null;
    for (const frame of frames) this.#hear(frame);
    this.#readOn();
    this.#changed();
  }

  async #readAll() {
    try {
      await this.world.refresh();
      if (!this.world.user(this.person)) return;
      const places = this.world.placesOf(this.person);
      const rooms = await Promise.all(places.map(
        (place) => Room.read(this.person, place, this.#roomOf(place).size)));
      if (this.ending.aborted) return; // nobody reads it
      this.#rooms = new Map(places.map((place, n) => [place, rooms[n]]));
    } catch (fault) {
      if (!(fault instanceof api.Unreachable)) this.tell(fault.message);
      return; // the line is lost again, and will come back
    }
    if (!this.#rooms.has(this.place)) this.#enter(this.world.placeOf(this.person, this.place));
    if (this.#marks.areNew) {
      for (const [place, room] of this.#rooms) this.#marks.read(place, room.newest);
    }
    if (this.unread(this.place).count) this.#newAfter ??= this.#marks.at(this.place);
    this.online = this.#stands;
    this.lost = !this.#stands;
  }

  #hear(frame) {
    if (this.#meanwhile && frame.event !== "world") {
      this.#meanwhile.push(frame);
      return;
    }
    switch (frame.event) {
      case "message": this.#put(frame.message); break;
      case "gone": for (const room of this.#rooms.values()) room.remove(frame.message); break;
      case "world": this.#seeWorld(); return;
      case "typing":
        this.#typing.begin(this.world.channelById(frame.channel) ? frame.channel : DM);
        break;
      default: return;
    }
    this.#readOn();
    this.#changed({ only: frame.message?.id ?? frame.message });
  }

  #put(message) {
    const place = message.channel_name === DM ? DM : message.channel;
    if (place === this.place && !this.#isAttentive) this.#newAfter ??= this.#marks.at(place);
    this.#roomOf(place).put(message);
    if (place !== this.place || this.#isAtEnd) this.#roomOf(place).keepNewest();
    if (message.author.bot) this.#typing.end(place);
  }

  async #seeWorld() {
    const before = this.world.placesOf(this.person).join();
    try {
      await this.world.refresh();
    } catch {
      return;
    }
    if (this.world.placesOf(this.person).join() !== before) await this.#catchUp();
    this.#changed();
  }

  get #isAttentive() {
    return this.#isAtEnd && !document.hidden;
  }

  #readOn() {
    const { newest } = this.#room;
    if (this.#isAttentive && newest !== "0") this.#marks?.read(this.place, newest);
  }

  #changed(detail = null) {
    this.dispatchEvent(new CustomEvent("changed", { detail }));
  }

  // -- acting ------------------------------------------------------------------------------------

  /**
   * Do something here: `look.act("press", {message, custom_id})`. Channel and person are this
   * look's. Answers what the API answers, or null after a refusal, which stands in `notice`.
   */
  async act(deed, body) {
    this.#awaited += 1;
    this.deeds += 1;
    this.tell("");
    try {
      const where = deed === "fill" ? {} : { channel: this.place };
      const found = await api.act(this.person, deed, { ...where, ...body });
      if (found.answered === false) this.tell(`${this.world.bot.name} did not answer in time`);
      if (found.modal) this.dispatchEvent(new CustomEvent("modal", { detail: found.modal }));
      return found;
    } catch (fault) {
      this.tell(fault.message);
      return null;
    } finally {
      this.#awaited -= 1;
      this.#changed();
    }
  }

  /** Whether an act waits for the bot's first answer. */
  get waits() { return this.#awaited > 0; }

  /** Show one line about what could not be done; an empty one takes it away. */
  tell(line) {
    this.notice = line;
    this.#changed();
  }
}
