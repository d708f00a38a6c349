// A sheet over the page: it stands at what opened it, goes by Esc or a press elsewhere, and gives
// the focus back. Being no part of the messages, it survives their redrawing. One at a time.

const GAP_PIXELS = 4, EDGE_PIXELS = 8;

let open = null; // {anchor, close} of the one that stands

/** Send away the sheet that stands, if any. */
export const closePopup = () => open?.close();

/**
 * Show `sheet` beside `anchor`, or at a point (`at`: `{left, top}`). `closed({dropped})` is called
 * when it goes; `dropped`: by Esc. An anchor that has it open already only closes it; then this is
 * false.
 */
export function openPopup(sheet, anchor, { at = null, closed = () => {} } = {}) {
  const again = open?.anchor === anchor && !at;
  closePopup();
  if (again) return false;
  const before = document.activeElement;
  let room = 0; // that it was given when it was placed
  const place = () => {
    room = sheet.offsetHeight;
    stand(sheet, at ?? anchor.getBoundingClientRect());
  };
  const grown = new ResizeObserver(() => { // what is asked for first may come late
    if (sheet.offsetHeight > room) place(); // a list that is searched shrinks, and stays
  });
  const life = new AbortController(), { signal } = life;
  const close = ({ dropped = false } = {}) => {
    open = null;
    life.abort();
    grown.disconnect();
    const held = sheet.contains(document.activeElement);
    sheet.remove();
    if (!at) anchor.setAttribute("aria-expanded", "false");
    // a press gives the focus to no button in Safari: then nothing had it before
    const back = before?.isConnected && before !== document.body ? before : anchor;
    if (held) back.focus({ preventScroll: true });
    closed({ dropped });
  };
  open = { anchor, close };
  const isElsewhere = (node) => !sheet.contains(node) && (at || !anchor.contains(node));
  addEventListener("resize", place, { signal });
  addEventListener("scroll", place, { signal, capture: true });
  addEventListener("pointerdown", ({ target }) => { if (isElsewhere(target)) close(); },
    { signal, capture: true });
  sheet.addEventListener("focusout", ({ relatedTarget: to }) => {
    if (to && isElsewhere(to)) close();
  }, { signal });
  sheet.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    close({ dropped: true });
  }, { signal });

  sheet.classList.add("popup");
  sheet.popover = "manual"; // above everything, but it goes by our rules
  (anchor.closest("dialog") ?? document.body).append(sheet); // outside an open dialog all is inert
  sheet.showPopover();
  if (!at) anchor.setAttribute("aria-expanded", "true");
  place();
  grown.observe(sheet);
  return true;
}

/** Put the sheet below its anchor, or above where there is more room; never outside the window. */
function stand(sheet, { left, right = left, top, bottom = top }) {
  const { offsetWidth: width, offsetHeight: height } = sheet;
  const below = innerHeight - bottom, fits = below >= height + 2 * EDGE_PIXELS || below > top;
  put(sheet, "--left", left + width > innerWidth - EDGE_PIXELS ? right - width : left,
    innerWidth - width);
  put(sheet, "--top", fits ? bottom + GAP_PIXELS : top - height - GAP_PIXELS, innerHeight - height);
}

const put = (sheet, name, pixels, most) => sheet.style.setProperty(
  name, `${Math.max(EDGE_PIXELS, Math.min(pixels, most - EDGE_PIXELS))}px`);
