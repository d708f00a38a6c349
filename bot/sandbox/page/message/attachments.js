// Files under a message: its pictures side by side, and cards for what cannot be shown.

import { h } from "../dom.js";
import { drawFile, drawPicture, isPicture, ofAttachment } from "./media.js";

export function drawAttachments(message, look) {
  const files = message.attachments.map((file, n) => ofAttachment(file, message, n));
  const pictures = files.filter(isPicture), others = files.filter((one) => !isPicture(one));
  return [
    pictures.length > 0 && drawMosaic(pictures, look),
    others.length > 0 && h("div", { class: "files", "data-key": "files" },
      others.map((one) => drawFile(one, look))),
  ];
}

/** Pictures laid out as chats do: whole where one stands alone or all have one shape, else cut. */
export function drawMosaic(pictures, look) {
  const shapes = new Set(pictures.map(({ width, height }) => width / height));
  const isEven = shapes.size === 1 && Number.isFinite([...shapes][0]);
  const names = ["mosaic", `of-${pictures.length}`, isEven && "even"].filter(Boolean);
  return h("div", { class: names.join(" "), "data-key": "pictures" }, pictures.map((one, n) =>
    h("div", { class: `cell ${widthOf(n, pictures.length)}` }, drawPicture(one, look))));
}

/** How much of a row the nth of these takes: rows of three, what is over stands in the first. */
function widthOf(n, count) {
  if (count === 1) return "whole";
  if (count <= 4) return "half";
  const over = count % 3;
  if (n >= over) return "third";
  return over === 1 ? "whole" : "half";
}
