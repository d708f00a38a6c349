// Pictures and files as a message shows them, wherever in it they stand: under its text, in an
// embed, in a component. What is not this sandbox's own is named, and never loaded.

import { h, icon, morph } from "../dom.js";
import { openLightbox } from "./lightbox.js";
import { webLink } from "../text/links.js";
import { sizeInWords } from "../text/sizes.js";

const BOX_PIXELS = { width: 480, height: 340 }; // the room of a picture that stands alone
const SMALL_PIXELS = 64; // what is smaller is an icon, and keeps its size
const PICTURE_KINDS = /^image\/(png|jpeg|webp|gif)$/;
const PICTURE_NAMES = /\.(png|jpe?g|webp|gif)$/i;
const SPOILER_PREFIX = "SPOILER_";
const HOSTS = ["127.0.0.1", "localhost", "[::1]"];
const ID_PLACE = 4; // in /cdn/attachments/CHANNEL/ID/NAME
const UNREADABLE = /[\p{Cc}\u200B-\u200F\u2028-\u202E\u2066-\u2069]/gu;

const failed = new Set(); // links that gave no picture

/** A file of a message: `key` is its spoiler's, `place` tells files of one message apart. */
export function ofAttachment(file, message, place) {
  return {
    url: file.url, name: file.filename, alt: file.description, size: file.size,
    kind: file.content_type, width: file.width, height: file.height,
    isSpoiler: file.filename.startsWith(SPOILER_PREFIX),
    key: `${message.id}:${place}:${file.filename}`,
  };
}

/** What a component or an embed names as its picture or file (`said`: alt text, spoiler, name). */
export function ofMedia(media, said, message, place) {
  const name = said.name ?? nameIn(media.url);
  return {
    url: media.url, name, alt: said.description, size: said.size,
    kind: media.content_type, width: media.width, height: media.height,
    isSpoiler: Boolean(said.spoiler) || name.startsWith(SPOILER_PREFIX),
    key: `${message.id}:${place}:${name}`,
  };
}

/** Whether it can be shown, and not only offered as a file. */
export const isPicture = (one) =>
  (one.kind ? PICTURE_KINDS.test(one.kind) : PICTURE_NAMES.test(nameIn(one.url)));

/** Whether it is behind its spoiler for this person. */
const isCovered = (one, look) => one.isSpoiler && !look.revealed.has(one.key);

/** A link of this sandbox's as a path, so that it works by each of its names; else null. */
export function pathOf(url) {
  const link = URL.parse(url ?? "", location.href);
  const isOurs = link?.protocol === "http:" && HOSTS.includes(link.hostname)
    && link.port === location.port && link.pathname.startsWith("/cdn/");
  return isOurs ? link.pathname + link.search : null;
}

/** A file's name as it may be read: marks that turn the direction of reading would disguise it. */
const readable = (name) => name.replace(UNREADABLE, "");

/** A picture in room of its own size; a press opens it large, or shows what a spoiler covers. */
export function drawPicture(one, look) {
  const path = pathOf(one.url);
  if (!path) return drawUnloaded(one);
  if (failed.has(path)) return drawFailed(one, "This picture could not be loaded.");
  const covered = isCovered(one, look);
  const press = (event) =>
    (covered ? look.reveal(one.key) : openLightbox(event.currentTarget, look));
  const fail = (event) => {
    failed.add(path);
    morph(event.currentTarget.closest(".picture"), drawPicture(one, look));
  };
  return h("figure", { class: covered ? "picture covered" : "picture" },
    h("button", {
      type: "button", class: "open", on: { click: press },
      "aria-label": covered && "Spoiler: show the picture", "aria-haspopup": !covered && "dialog",
    },
      // lazy: a drawing that never comes to stand in the page must not ask for its picture
      h("img", {
        loading: "lazy", alt: covered ? "" : one.alt || readable(one.name), ...sizeOf(one),
        "data-file": path.split("/")[ID_PLACE], "data-name": one.name,
        src: path, on: { error: fail },
      }),
      covered && h("span", { class: "cover" }, "Spoiler")),
    one.alt && !covered && h("details", { class: "alt" },
      h("summary", { "aria-label": "Alt text" }, "ALT"), h("p", {}, h("bdi", {}, one.alt))));
}

/** Width and height in which a picture stands, known before it is there. */
function sizeOf({ width, height }) {
  if (!width || !height) return {};
  const fits = Math.min(BOX_PIXELS.width / width, BOX_PIXELS.height / height);
  const scale = Math.max(width, height) < SMALL_PIXELS ? Math.min(fits, 1) : fits;
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}

const drawFailed = (one, ...words) => h("figure", { class: "picture failed" },
  one.alt && h("bdi", {}, one.alt), h("p", {}, icon("broken"), words));

function drawUnloaded(one) {
  const link = webLink(one.url, {}, URL.parse(one.url)?.host);
  return drawFailed(one, link ? "Not loaded, from outside:" : "The picture is gone.", link);
}

/** A file that is not shown: its name, its size, a way to get it. */
export function drawFile(one, look) {
  if (isCovered(one, look)) {
    return h("button", {
      type: "button", class: "file covered", on: { click: () => look.reveal(one.key) },
    }, icon("file"), "Spoiler: show the file");
  }
  const path = pathOf(one.url), name = readable(one.name);
  return h("div", { class: "file" }, icon("file"),
    h("div", {},
      h("bdi", { class: "name" }, name),
      h("small", {}, path ? saidSize(one.size) : "from outside, so not offered here")),
    path && h("a", {
      class: "button quiet", href: path, download: one.name, "aria-label": `Download ${name}`,
    }, icon("download")));
}

const saidSize = (bytes) => (Number.isFinite(bytes) ? sizeInWords(bytes) : "file");

/** The file's name at the end of a link. */
function nameIn(url) {
  const last = (url ?? "").split(/[?#]/)[0].split("/").pop();
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
