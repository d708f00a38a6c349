// Links that lead out of the page: to the web only, followed only by who presses them, and without
// a word to where they lead about where they stood.

import { h } from "../dom.js";

/** A link to a web address; null where it is none. */
export function webLink(address, props, ...children) {
  const link = URL.parse(address ?? "");
  if (!["http:", "https:"].includes(link?.protocol)) return null;
  const { href } = link;
  return h("a", { ...props, href, rel: "noopener noreferrer", target: "_blank" }, children);
}
