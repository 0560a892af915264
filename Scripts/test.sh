#!/usr/bin/env bash
# Builds everything and runs all tests; prints the runner's closing line last. A test that waits for ever is named.
set -euo pipefail
cd "$(dirname "$0")/.."
swift build --build-tests
log=.build/tests.log
if timeout --signal=INT --kill-after=60 "${KEYREEVE_TEST_MINUTES:-30}m" \
  swift test --skip-build --disable-xctest "$@" 2>&1 | tee "$log"
then exit 0
else status=${PIPESTATUS[0]}
fi
if [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
  echo "tests: not ended after ${KEYREEVE_TEST_MINUTES:-30} minutes:" >&2
  sed -nE 's/^◇ ((Test|Suite) .+) started\.$/\1/p' "$log" | grep -v '^Test \(run\|case\)' | sort -u >"$log.started"
  sed -nE 's/^[✔✘➜] ((Test|Suite) .+)( with [0-9]+ test cases?)? (passed|failed|skipped).*$/\1/p' "$log" |
    sed -E 's/ with [0-9]+ test cases?$//' | sort -u >"$log.ended"
  comm -23 "$log.started" "$log.ended" >&2
fi
exit "$status"
