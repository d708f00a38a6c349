// What everybody may know: people, servers, channels, and whether the bot is there. One copy for
// all looks of this page; it is read again whenever a stream says that the world changed.
//
// Event: "changed" (it was read again).

import * as api from "../api.js";

export const DM = "dm";

export class World extends EventTarget {
  #known = {
    bot: { name: "Darkroom", connected: false }, users: [], guilds: [], channels: [], commands: [],
  };
  #ahead = 0; // how many milliseconds the sandbox's clock is ahead of this machine's
  #reading = null;

  /** Read it (again). Many calls at once are one request, and one more when some came meanwhile. */
  async refresh() {
    if (this.#reading) return this.#reading.again ??= this.#reading.then(() => this.refresh());
    this.#reading = this.#read();
    try {
      await this.#reading;
    } finally {
      this.#reading = null;
    }
  }

  async #read() {
    this.#known = await api.everything();
    for (const one of this.users) { // a server may be called "constructor"
      one.guilds = Object.assign(Object.create(null), one.guilds);
    }
    this.#ahead = this.#known.now * 1000 - Date.now();
    this.dispatchEvent(new Event("changed"));
  }

  /** The sandbox's time, in milliseconds. */
  now() {
    return Date.now() + this.#ahead;
  }

  get bot() { return this.#known.bot; }
  get users() { return this.#known.users; }
  get guilds() { return this.#known.guilds; }
  get hands() { return this.#known.hands ?? []; }
  get isKnown() { return this.users.length > 0; }

  /** Whether the bot ever told its commands. */
  get hasCommands() { return this.#known.commands.length > 0; }

  user(name) { return this.users.find((one) => one.name === name); }
  userById(id) {
    if (id === this.bot.id) return { ...this.bot, bot: true };
    return this.users.find((one) => one.id === id);
  }
  channelById(id) { return this.#known.channels.find((one) => one.id === id); }
  roleById(id) { return this.guilds.flatMap((guild) => guild.roles).find((one) => one.id === id); }

  /** The server of a place; undefined for a direct message. */
  guildOf(place) {
    const name = this.channelById(place)?.guild;
    return this.guilds.find((one) => one.name === name);
  }

  /** Somebody's roles in a server, the highest first. */
  rolesOf(person, guild) {
    const names = this.user(person)?.guilds[guild?.name] ?? [];
    return (guild?.roles ?? []).filter((role) => names.includes(role.name))
      .sort((one, other) => other.position - one.position);
  }

  /** The channels that a person can see. */
  channelsOf(person) {
    return this.#known.channels.filter((one) => one.visible_to.includes(person));
  }

  /** Where a person can read: the direct message, and the channels that hold messages. */
  placesOf(person) {
    const held = this.channelsOf(person).filter((one) => one.holds_messages);
    return [DM, ...held.map((one) => one.id)];
  }

  /** Who is in a channel's server and can see it. */
  membersOf(channel) {
    return this.users.filter((one) => channel.visible_to.includes(one.name));
  }

  /** How many bytes a file may have in a place. */
  uploadBytes(place) {
    return (this.guildOf(place) ?? this.#known).upload_bytes;
  }

  /** Make a channel's name or id, as an address has it, one that this person can see. */
  placeOf(person, named) {
    const seen = this.channelsOf(person).filter((one) => one.holds_messages);
    if (named === DM || !seen.length) return DM;
    return (seen.find((one) => one.id === named || one.name === named) ?? seen[0]).id;
  }

  /** A place as people say it: `#general`, or the bot's name for a direct message. */
  nameOf(place) {
    return place === DM ? `@${this.bot.name}` : `#${this.channelById(place)?.name ?? "gone"}`;
  }
}
