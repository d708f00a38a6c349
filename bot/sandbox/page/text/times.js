// Moments as people say them, in this browser's language and time zone. Everything is milliseconds
// since 1970. What is told as an age ages by itself: one timer for the whole page.

const clocks = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const days = new Intl.DateTimeFormat(undefined, { dateStyle: "long" });
const fulls = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });
const ages = new Intl.RelativeTimeFormat(undefined);
const soon = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" }); // says "now" for 0

/** 14:05 */
export const clock = (ms) => clocks.format(ms);

/** 14:05:09 */
export const toTheSecond = (ms) => STYLES.T.format(ms);

/** 22 November 2026 */
export const day = (ms) => days.format(ms);

/** Sunday, 22 November 2026 at 14:05 */
export const full = (ms) => fulls.format(ms);

const SECOND_MS = 1000, MINUTE_MS = 60_000, HOUR_MS = 60 * MINUTE_MS, DAY_MS = 24 * HOUR_MS;
// a unit, its length, how many of it are told before the next one is
const STEPS = [
  ["second", SECOND_MS, 60], ["minute", MINUTE_MS, 60], ["hour", HOUR_MS, 24], ["day", DAY_MS, 30],
  ["month", 30.44 * DAY_MS, 12], ["year", 365.25 * DAY_MS, Infinity],
];

/** 20 minutes ago · in 3 days */
function ago(ms, now) {
  const away = ms - now;
  const [unit, length] = STEPS.find(([, long, many]) => Math.round(Math.abs(away) / long) < many);
  const count = Math.round(Math.abs(away) / length);
  return (unit === "second" ? soon : ages).format(away < 0 ? -count : count, unit);
}

// How a text may ask for a moment: `<t:1700000000:R>`.
const STYLES = {
  t: clocks,
  T: new Intl.DateTimeFormat(undefined, { timeStyle: "medium" }),
  d: new Intl.DateTimeFormat(undefined, { dateStyle: "short" }),
  D: days,
  f: new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeStyle: "short" }),
  F: fulls,
};

/** A moment in one of Discord's styles: t T d D f F, or R for its age. */
export const styled = (ms, style, now) => style === "R" ? ago(ms, now) : STYLES[style].format(ms);

const AGING = "time[data-age]";
let aging = 0;

/** Let every `time[data-age]` of the page tell its age, by this world's clock. */
export function keepAging(world) {
  aging ||= setInterval(() => {
    for (const element of document.querySelectorAll(AGING)) {
      const told = ago(Date.parse(element.dateTime), world.now());
      if (element.textContent !== told) element.textContent = told;
    }
  }, SECOND_MS);
}
