// What an option can be chosen from: its choices, or the people, roles and channels of this server.

import { channelsHere, peopleHere, rolesHere } from "../look/here.js";
import { CHANNEL, choicesOf, isChosen, MENTIONABLE, ROLE, USER } from "./options.js";

/** `[{name, value, detail}]` for this option where this person looks. */
export function known(option, look) {
  switch (option.type) {
    case USER: return people(look);
    case ROLE: return rolesHere(look).map(asRole);
    case MENTIONABLE: return [...people(look), ...rolesHere(look).map(asRole)];
    case CHANNEL: return channelsHere(look, option.channel_types).map(asChannel);
    default: return choicesOf(option);
  }
}

/** Those whose name begins with what was typed, then those that hold it. */
export function matchingNames(all, typed) {
  const words = typed.trim().toLowerCase();
  const bare = words.replace(/^[@#]/, "");
  const of = (one) => String(one.name).toLowerCase();
  const begins = all.filter((one) => of(one).startsWith(words) || of(one).startsWith(bare));
  return [...begins, ...all.filter((one) => !begins.includes(one) && of(one).includes(bare))];
}

/**
 * Whether what was typed says one of these by itself, so that Enter sends it and picks nothing: the
 * name of one to choose. A suggestion only where what is sent is what was typed, letter by letter.
 */
export function isSaid(option, entries, typed) {
  const words = typed.trim();
  if (!isChosen(option)) return entries.some((one) => one.name === words && one.value === words);
  const isNamed = (one) => String(one.name).toLowerCase() === words.toLowerCase();
  return entries.filter(isNamed).length === 1;
}

const people = (look) => peopleHere(look).map((one) => {
  if (one.id === look.world.bot.id) return { name: one.name, value: one.id, detail: "the bot" };
  const detail = one.display_name === one.name ? null : one.display_name;
  return { name: one.name, value: one.id, detail };
});
const asRole = ({ id, name }) => ({ name, value: id, detail: "role" });
const asChannel = ({ id, name, topic }) => ({ name, value: id, detail: topic ?? null });
