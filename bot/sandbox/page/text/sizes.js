// How large a file is, as people say it.

/** 10 MB · 10.1 MB · 3 kB: rounded up, so that what is too large never looks as if it fitted. */
export function sizeInWords(bytes) {
  const size = bytes / 2 ** 20;
  if (size < 0.1) return `${Math.ceil(bytes / 1024)} kB`;
  return `${Number.isInteger(size) ? size : (Math.ceil(size * 10) / 10).toFixed(1)} MB`;
}
