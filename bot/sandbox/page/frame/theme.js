// The light the page stands in: as the system has it, day, or night. Remembered; the page's own
// head loads this first, so that nothing flashes in the wrong light.

const KEY = "theme";

/** In the order of choosing: the other light than the system's first, so that a press shows. */
const known = () => (matchMedia("(prefers-color-scheme: dark)").matches
  ? ["system", "light", "dark"] : ["system", "dark", "light"]);

/** What was chosen: system, light or dark. */
export function theme() {
  return document.documentElement.dataset.theme ?? "system";
}

/** Choose what comes after what is chosen now. */
export function nextTheme() {
  const names = known(), next = names[(names.indexOf(theme()) + 1) % names.length];
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
