#!/bin/sh
# What swift-format does not see: traps on data in shipped code, sleeps in tests, overlong files.
set -u
cd "$(dirname "$0")/.."
status=0
report() { printf '%s\n%s\n' "$1" "$2" >&2; status=1; }
found=$(grep -rnE '\btry!|\bas!|fatalError\(|@unchecked Sendable|nonisolated\(unsafe\)' Sources --include='*.swift' | grep -v '// trap:')
[ -n "$found" ] && report "Traps or unchecked claims in Sources:" "$found"
found=$(grep -rnE 'Task\.sleep|usleep\(|\bsleep\(' Tests --include='*.swift' | grep -v '// polls:')
[ -n "$found" ] && report "Sleeps in Tests (wait for the event instead, or say what is polled and why):" "$found"
found=$(find Sources -name '*.swift' -exec wc -l {} + | awk '$2 != "total" && $1 > 300')
[ -n "$found" ] && report "Files over 300 lines:" "$found"
found=$(grep -rniE '\b(TODO|FIXME|XXX)\b' Sources --include='*.swift')
[ -n "$found" ] && report "Unfinished words in Sources:" "$found"
[ $status = 0 ] && echo "lint: the repository keeps its rules"
exit $status
