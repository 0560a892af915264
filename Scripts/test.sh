#!/bin/sh
# Builds everything and runs all tests; prints the runner's closing line last.
set -eu
cd "$(dirname "$0")/.."
swift build --build-tests
exec swift test --skip-build --disable-xctest "$@"
