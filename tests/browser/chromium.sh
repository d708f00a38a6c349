# Chromium for the tests of the page: installed where that takes no question, else missed aloud.
# With SKIP_BROWSER=1 nothing is tried.

is_there() {
  command -v chromium || command -v chromium-browser || command -v google-chrome
}

may_install() {
  command -v apt-get && { [ "$(id -u)" = 0 ] || sudo -n true; }
}

apt() {
  sudo=$([ "$(id -u)" = 0 ] || echo "sudo -n")
  $sudo timeout "$1" env DEBIAN_FRONTEND=noninteractive apt-get -qq "$2" $3
}

install() {
  apt 300 install "-y --no-install-recommends chromium"
}

[ "${SKIP_BROWSER:-}" ] || is_there >/dev/null && exit 0
if may_install >/dev/null 2>&1; then
  echo "Installing Chromium for the tests of the page (SKIP_BROWSER=1 leaves it out)"
  { install || { apt 120 update && install; }; } </dev/null >/dev/null 2>&1
  is_there >/dev/null && exit 0
fi
echo "NO BROWSER: Chromium is missing and could not be installed; the page will NOT be tested" >&2
exit 1
