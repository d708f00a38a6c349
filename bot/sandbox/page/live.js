// A socket that stays: it opens again by itself, and says when it is lost and when it is back.

const FIRST_WAIT_MS = 250, LONGEST_WAIT_MS = 4000;

/**
 * Listen at `path` until `close()`. `hear(frame)` gets each frame; `lost()` is called once when the
 * line breaks, `back()` once when it stands again (also the first time).
 */
export function listenTo(path, { hear, back = () => {}, lost = () => {} }) {
  let socket = null, closed = false, wait = FIRST_WAIT_MS, stands = false, timer = 0;

  function open() {
    socket = new WebSocket(`ws://${location.host}${path}`);
    socket.addEventListener("message", (event) => {
      const frame = JSON.parse(event.data);
      if (frame.event === "hello" && !stands) {
        stands = true;
        wait = FIRST_WAIT_MS;
        back();
      }
      hear(frame);
    });
    socket.addEventListener("close", ({ target }) => {
      if (closed || target !== socket) return;
      if (stands || wait === FIRST_WAIT_MS) lost();
      stands = false;
      timer = setTimeout(open, wait);
      wait = Math.min(2 * wait, LONGEST_WAIT_MS);
    });
  }

  open();
  return {
    close() {
      closed = true;
      clearTimeout(timer);
      socket.close();
    },
    again() {
      if (closed || stands || socket.readyState <= WebSocket.OPEN) return;
      clearTimeout(timer);
      wait = FIRST_WAIT_MS;
      open();
    },
  };
}
