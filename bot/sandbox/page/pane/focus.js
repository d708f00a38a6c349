// Where the keyboard stands in a list that is drawn again. What had the focus may go: a message is
// deleted, the bot puts another button in its place. The keyboard then goes on from there, and is
// not thrown back to the top of the page.

const STOPS = "button, a[href], select, summary";

/** Remember it before the list is drawn; call what this gives when it is. */
export function focusOf(list) {
  const held = document.activeElement, message = held?.closest(".message");
  if (!message || !list.contains(message)) return () => {};
  const stops = stopsOf(message), messages = [...list.querySelectorAll(":scope > .message")];
  const later = messages.slice(messages.indexOf(message));
  return () => {
    if (document.activeElement !== document.body) return;
    const there = later.find((one) => one.isConnected) ?? list;
    // the same button under another id, but no other one: a press there might do anything
    const fresh = there === message ? stopsOf(message) : [];
    const same = fresh.length === stops.length ? fresh[stops.indexOf(held)] : null;
    (held.isConnected ? held : same ?? there).focus({ preventScroll: true });
  };
}

const stopsOf = (message) => [...message.querySelectorAll(STOPS)];
