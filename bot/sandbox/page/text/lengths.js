// Between what a number or a length may lie, in words, and what is said of a text that does not.

/** 1 to 10 · up to 4 characters · 1 character or more; empty where anything will do. */
export function rangeInWords(least, most, unit = "") {
  const unitOf = (count) => (unit ? ` ${unit}${count === 1 ? "" : "s"}` : "");
  if (!isGiven(most)) return isGiven(least) ? `${least}${unitOf(least)} or more` : "";
  return isGiven(least) ? `${least} to ${most}${unitOf(most)}` : `up to ${most}${unitOf(most)}`;
}

/** `rangeInWords` of a text's length. */
export const lengthInWords = (least, most) => rangeInWords(least || null, most, "character");

/** Why a text is too short or too long, or "". `ceiling` holds where there is no `most`. */
export function wrongLength(text, { least = 0, most = null, ceiling }) {
  const length = lengthOf(text), highest = most ?? ceiling;
  if (length >= least && length <= highest) return "";
  return `takes ${lengthInWords(least, length > highest ? highest : most)}; this has ${length}`;
}

/** How many characters a text has, as people count them. */
export const lengthOf = (text) => [...text].length;

const isGiven = (limit) => limit !== undefined && limit !== null;
