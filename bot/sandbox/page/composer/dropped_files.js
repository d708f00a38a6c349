// Files that reach a look without a picker: dropped on it, or pasted into what one types.

/** Hear files dropped anywhere on `home`; while they hover, it has the class `dropping`. */
export function hearDrops(home, take) {
  const over = (yes) => home.classList.toggle("dropping", yes);
  home.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    over(true);
  });
  home.addEventListener("dragleave", (event) => {
    if (!home.contains(event.relatedTarget)) over(false);
  });
  home.addEventListener("drop", (event) => {
    over(false);
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    take([...event.dataTransfer.files]);
  });
}

/** Keep the browser from leaving the page for a file that is dropped beside the looks. */
export function stopStrayDrops() {
  const stop = (event) => {
    if (event.dataTransfer.types.includes("Files")) event.preventDefault();
  };
  for (const type of ["dragover", "drop"]) addEventListener(type, stop, { capture: true });
}

/** Hear files pasted into `field`. A paste that has words, too, is words: office programs add a
 *  picture of them. */
export function hearPastes(field, take) {
  field.addEventListener("paste", (event) => {
    const { files, types } = event.clipboardData;
    if (!files.length || types.includes("text/plain")) return;
    event.preventDefault();
    take([...files]);
  });
}
