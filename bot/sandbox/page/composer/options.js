// A command's options as numbers and words, without any element: what an option takes, whether
// what was typed will do, and how a line such as `a red star visibility:stealth` falls apart.

import { lengthInWords, rangeInWords, wrongLength } from "../text/lengths.js";
import { sizeInWords } from "../text/sizes.js";

export const STRING = 3, USER = 6, CHANNEL = 7, ROLE = 8, MENTIONABLE = 9, ATTACHMENT = 11;
const INTEGER = 4, BOOLEAN = 5, NUMBER = 10;

const MOST_NUMBER = 2 ** 53 - 1, MOST_STRING = 6000;
const TRUTHS = [{ name: "True", value: true }, { name: "False", value: false }];
const PICTURES = { png: "PNG", jpeg: "JPEG", webp: "WebP", gif: "GIF" };
const FEW = 6; // so many choices are named in a reason

const KIND_WORDS = {
  [INTEGER]: "a whole number", [BOOLEAN]: "True or False", [USER]: "a person",
  [CHANNEL]: "a channel", [ROLE]: "a role", [MENTIONABLE]: "a person or a role",
  [NUMBER]: "a number", [ATTACHMENT]: "a file",
};
const NUMBERS = { [INTEGER]: /^[-+]?\d+$/, [NUMBER]: /^[-+]?(\d+\.?\d*|\.\d+)$/ };

/** The fixed choices of an option: `[{name, value}]`, empty where anything may be typed. */
export function choicesOf(option) {
  return option.type === BOOLEAN ? TRUTHS : option.choices ?? [];
}

/** Whether one chooses from what is known: choices, people, roles, channels. */
export const isChosen = (option) =>
  choicesOf(option).length > 0 || [USER, CHANNEL, ROLE, MENTIONABLE].includes(option.type);

/** What an option takes, in words: `a whole number, 1 to 10, required`. */
export function limits(option, { bytes = null } = {}) {
  const words = [];
  if (option.choices?.length) words.push(`one of ${option.choices.length}`);
  else words.push(KIND_WORDS[option.type], range(option));
  if (option.type === ATTACHMENT && bytes) words.push(`up to ${sizeInWords(bytes)}`);
  const kinds = wantsPicture(option) ? kindWords(option) : "";
  if (!option.description.includes(kinds)) words.push(kinds); // else it stands there already
  if (option.required) words.push("required");
  return words.filter(Boolean).join(", ");
}

/**
 * What stands in an option's field, for the bot: `{value}`, or `{reason}` when it will not do.
 * `known` is what can be chosen; an empty optional one is `{}`.
 */
export function taken(option, typed, known = choicesOf(option)) {
  const text = typed.trim();
  if (!text) return option.required ? { reason: "is required" } : {};
  if (isChosen(option)) return chosen(text, known);
  if (option.type in NUMBERS) return counted(option, text);
  const { min_length: least, max_length: most } = option;
  const reason = wrongLength(text, { least, most, ceiling: MOST_STRING });
  return reason ? { reason } : { value: text };
}

/** Why a file cannot be given here, before it is uploaded; empty when it can. */
export function wrongFile(option, file, bytes) {
  if (file.size > bytes) {
    return `takes up to ${sizeInWords(bytes)}; this file has ${sizeInWords(file.size)}`;
  }
  if (!file.size) return "takes no empty file";
  if (wantsPicture(option) && !kindsOf(option).includes(kindOf(file))) {
    return `takes a picture: ${kindWords(option)}`;
  }
  return "";
}

/** The kinds that a file picker offers for this option. */
export const acceptedKinds = (option) =>
  wantsPicture(option) ? kindsOf(option).map((one) => `image/${one}`).join(",") : null;

/**
 * The option that words without a name go to: the first required one, or the first text that one
 * types freely, or what there is. Never a file.
 */
export function leadOf(options) {
  const typed = options.filter((one) => one.type !== ATTACHMENT);
  const required = typed.filter((one) => one.required);
  return required.find(isFreeText) ?? required[0] ?? typed.find(isFreeText) ?? typed[0];
}

/** The fields that stand open when a command is picked: what it needs, or what it is about. */
export function openedAtOnce(options) {
  const required = options.filter((one) => one.required);
  if (required.length) return required;
  return options.filter((one) => isFreeText(one) && one === leadOf(options));
}

/**
 * Take a line apart at the names of options: `a red star visibility:stealth` is
 * `{lead: "a red star", named: [["visibility", "stealth"]]}`. A name counts once, at a word's
 * beginning and with its colon; words after a file's name are no file, so they go to the lead.
 */
export function parsed(line, options) {
  const kinds = new Map(options.map((one) => [one.name, one.type]));
  const leads = [], named = new Map();
  let rest = line, into = null;
  const put = (words) => (into === null ? leads.push(words) : named.set(into, words.trim()));
  for (let found; (found = nextName(rest, kinds, named)); rest = found.rest) {
    put(found.before);
    into = found.name;
    named.set(into, "");
    if (kinds.get(into) === ATTACHMENT) into = null;
  }
  put(rest);
  return { lead: leads.map((one) => one.trim()).filter(Boolean).join(" "), named: [...named] };
}

function nextName(line, kinds, seen) {
  for (const found of line.matchAll(/(?<=^|\s)([-_'\p{L}\p{N}]+):/gu)) {
    if (!kinds.has(found[1]) || seen.has(found[1])) continue;
    const before = line.slice(0, found.index), rest = line.slice(found.index + found[0].length);
    return { name: found[1], before, rest };
  }
  return null;
}

const isFreeText = (option) => option.type === STRING && !option.choices?.length;

const wantsPicture = (option) => option.type === ATTACHMENT
  && /image|picture|photo|mask|\bPNG\b/i.test(`${option.name} ${option.description}`);

/** The kinds of picture that the option's own words name, else all that chats show. */
function kindsOf(option) {
  const all = Object.keys(PICTURES);
  const said = all.filter((one) => new RegExp(`\\b${one}\\b`, "i").test(option.description));
  return said.length ? said : all;
}

const OR = new Intl.ListFormat("en-GB", { type: "disjunction" });
const kindWords = (option) => OR.format(kindsOf(option).map((one) => PICTURES[one]));

function kindOf(file) {
  const kind = file.type ? file.type.replace("image/", "") : file.name.split(".").pop();
  return kind.toLowerCase().replace("jpg", "jpeg");
}

const range = (option) => (option.type === STRING
  ? lengthInWords(option.min_length, option.max_length)
  : rangeInWords(option.min_value, option.max_value));

function chosen(text, known) {
  const bare = text.replace(/^[@#]/, "").toLowerCase();
  const is = (one, words) => String(one.name).toLowerCase() === words;
  const found = known.find((one) => is(one, text.toLowerCase()))
    ?? known.find((one) => is(one, bare) || String(one.value).toLowerCase() === bare);
  if (found) return { value: found.value };
  if (known.length > FEW) return { reason: "takes one from its list" };
  return { reason: `takes one of: ${known.map((one) => one.name).join(", ") || "nothing here"}` };
}

function counted(option, text) {
  if (!NUMBERS[option.type].test(text)) return { reason: `takes ${KIND_WORDS[option.type]}` };
  const number = Number(text);
  const least = option.min_value ?? -MOST_NUMBER, most = option.max_value ?? MOST_NUMBER;
  if (number >= least && number <= most) return { value: number };
  return { reason: `takes ${range(option) || "a smaller number"}` };
}
