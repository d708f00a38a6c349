// The line that stands for what this page cannot draw: nothing is left out without a word.

import { h } from "../dom.js";

const unsupported = (name) => h("p", { class: "unsupported" }, `unsupported: ${name}`);

/** The same for a component where its type may not stand. */
export const unsupportedComponent = (type) =>
  unsupported(NAMES[type] ?? `component of type ${type}`);

const NAMES = {
  4: "text input", 16: "content inventory entry", 18: "label", 19: "file upload", 21: "radio group",
  22: "checkbox group", 23: "checkbox",
};
