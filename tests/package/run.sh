#!/usr/bin/env bash
# The Debian package, for real: builds it, checks its contents and its unit, installs it, runs the
# packaged configuration as root (which becomes the service's users), makes a governed call, and
# removes it again. Usage: tests/package/run.sh   (as root, on Debian; ./test package calls it)
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${PAWL_BUILD:-build}
fail() { echo "package: $*" >&2; exit 1; }
step() { printf '   %s\n' "$*"; }

[ "$(id -u)" -eq 0 ] || fail "only root can install a package"
! dpkg -s pawl >/dev/null 2>&1 || fail "pawl is installed already; remove it first"
[ ! -e /etc/pawl ] && [ ! -e /var/lib/pawl ] || fail "/etc/pawl or /var/lib/pawl exists already"

step "build"
rm -f "$build"/pawl_*.deb
(cd "$build" && cpack >cpack.log 2>&1) || { tail -20 "$build/cpack.log"; fail "cpack failed"; }
deb=$(ls "$build"/pawl_*.deb)

step "contents of $(basename "$deb")"
contents=$(dpkg-deb --contents "$deb")
for path in usr/bin/pawl lib/systemd/system/pawl.service etc/pawl/pawl.yaml etc/pawl/rules/rules.yaml \
  usr/share/man/man1/pawl.1.gz usr/share/doc/pawl/copyright usr/share/doc/pawl/changelog.gz \
  usr/share/doc/pawl/operations/status.md usr/share/doc/pawl/formats/rules.md; do
  grep -qE " \./(usr/)?$path\$" <<<"$contents" || fail "$path is missing"
done
! grep -vE '^[-dl]\S+ root/root ' <<<"$contents" || fail "a file is not root's"
! grep -qE '^-.{8}.* \./.*\.(h|a|cc)$' <<<"$contents" || fail "a development file is in it"
control=$(dpkg-deb --info "$deb")
for field in "Package: pawl" "Depends: .*libssl3" "Depends: .*adduser" "Maintainer:" "postinst" \
  "prerm" "postrm" "conffiles"; do
  grep -qE "$field" <<<"$control" || fail "the control data lacks $field"
done
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
dpkg-deb --extract "$deb" "$scratch/root"
man --warnings -l "$scratch/root/usr/share/man/man1/pawl.1.gz" >/dev/null 2>"$scratch/man" ||
  fail "the manual page: $(cat "$scratch/man")"
[ ! -s "$scratch/man" ] || fail "the manual page: $(cat "$scratch/man")"
if command -v lintian >/dev/null; then
  lintian --fail-on error "$deb" || fail "lintian"
fi

# Whatever happens from here on, the machine is left as it was.
remove() {
  if [ -n "${daemon:-}" ]; then kill "$daemon" 2>/dev/null && wait "$daemon" || true; fi
  dpkg --purge pawl >/dev/null 2>&1 || true
  rm -rf /var/lib/pawl "$scratch"
  for user in pawl pawl-servers; do deluser --quiet "$user" >/dev/null 2>&1 || true; done
}
trap remove EXIT

step "install"
dpkg -i "$deb" >"$scratch/dpkg" 2>&1 || { cat "$scratch/dpkg"; fail "dpkg -i"; }
id pawl >/dev/null && id pawl-servers >/dev/null || fail "the users were not made"
[ "$(stat -c '%U %a' /var/lib/pawl)" = "pawl 700" ] || fail "$(stat -c '%U %a' /var/lib/pawl)"

step "systemd-analyze verify"
unit=$(dpkg -L pawl | grep 'pawl\.service$')
systemd-analyze verify "$unit" 2>&1 | grep -i pawl && fail "systemd-analyze verify complains"
step "systemd-analyze security"
exposure=$(systemd-analyze security --offline=true "$unit" --no-pager | tail -1)
echo "      $exposure"
score=$(grep -oE '[0-9]+\.[0-9]' <<<"$exposure" | head -1)
awk -v score="$score" 'BEGIN { exit !(score <= 4.0) }' || fail "exposure $score is over 4.0"

step "serve with the packaged configuration; a governed call"
PAWL_BIN=/usr/bin/pawl tests/e2e/node22 tests/package/governed_call.mjs || fail "no governed call"

step "remove keeps keys and ledger, purge too"
dpkg --remove pawl >/dev/null 2>&1
[ -e /etc/pawl/pawl.yaml ] && [ -d /var/lib/pawl/ledger ] || fail "remove took too much"
[ ! -e /usr/bin/pawl ] || fail "remove left the program"
dpkg --purge pawl >/dev/null 2>&1
[ ! -e /etc/pawl ] && [ -d /var/lib/pawl/ledger ] || fail "purge"
echo "package: good"
