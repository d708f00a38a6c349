// The light the page stands in: as the system has it, day, or night. Remembered; the page's own
// head loads this first, so that nothing flashes in the wrong light.

const KEY = "theme", KNOWN = ["system", "light", "dark"];

/** What was chosen: system, light or dark. */
export function theme() {
  return document.documentElement.dataset.theme ?? "system";
}

/** Choose what comes after what is chosen now. */
export function nextTheme() {
  const next = KNOWN[(KNOWN.indexOf(theme()) + 1) % KNOWN.length];
  apply(next);
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // it holds until this tab is closed
  }
}

function apply(name) {
  if (name === "light" || name === "dark") document.documentElement.dataset.theme = name;
  else delete document.documentElement.dataset.theme;
}

try {
  apply(localStorage.getItem(KEY));
} catch {
  // without storage the system's own light is right
}
