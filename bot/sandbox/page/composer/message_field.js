// The field of a message, and how many of a message's characters are left.

import { h } from "../dom.js";
import { lengthOf, wrongLength } from "../text/lengths.js";

const MOST_CHARACTERS = 2000, COUNTED_FROM = 1800;

/** The field. The browser's own memory of forms must not keep what is typed here. */
export const messageField = (hintId, on) => h("textarea", {
  rows: "1", "aria-label": "Message", autocomplete: "off", enterkeyhint: "send",
  "aria-describedby": hintId, on,
});

/** How many characters are left, once that is worth saying; else null. */
export function charactersLeft(text) {
  const length = lengthOf(text);
  return length < COUNTED_FROM ? null : MOST_CHARACTERS - length;
}

/** Why this is no message, or "". */
export function tooLong(text) {
  const reason = wrongLength(text.trim(), { most: MOST_CHARACTERS });
  return reason && `A message ${reason}`;
}
