#!/bin/bash
# Feeds each decoder with what libFuzzer thinks of, and says how often; fails if one breaks a promise, traps, takes more
# than 5 s for an input or more than 1 GiB of memory. The input is then in .build-fuzz/found; its test comes before its fix.
#
#   FUZZ_SECONDS=60    for each decoder        FUZZ_ONLY="krl sshsig"   these decoders alone
#   FUZZ_JOBS=1        decoders at a time      FUZZ_RESUME=1            leave out those that were done for as long already
#   FUZZ_KEEP=1        put what reaches new code, minimised, into the kept corpus, Tests/Fuzz/Corpus
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${FUZZ_SECONDS:-60}
build=$PWD/.build-fuzz
mkdir -p "$build"/{package,corpus,found,logs,done}
# A package of its own: SwiftPM would else forget the versions of what the fuzzers do not need.
for name in Package.swift Sources Tests; do ln -sfn "../../$name" "$build/package/$name"; done
export KEYREEVE_FUZZ=1 SWIFT_BACKTRACE=enable=no
swift build --configuration release --package-path "$build/package" --scratch-path "$build/build" --product Fuzz >&2
fuzz=$build/build/release/Fuzz

one() { # NAME LONGEST
    name=$1 log=$build/logs/$1.log
    if [ -n "${FUZZ_RESUME:-}" ] && [ "$(cat "$build/done/$name" 2>/dev/null || echo 0)" -ge "$seconds" ]; then
        report "$name" "$log"
        return 0
    fi
    rm -f "$build/done/$name"
    mkdir -p "$build/corpus/$name" "Tests/Fuzz/Corpus/$name"
    if ! FUZZ_DECODER=$name "$fuzz" "$build/corpus/$name" "Tests/Fuzz/Corpus/$name" -max_total_time="$seconds" \
        -max_len="$2" -timeout=5 -rss_limit_mb=1024 -print_final_stats=1 \
        -artifact_prefix="$build/found/$name-" >"$log" 2>&1; then
        echo "fuzz: $name: FOUND SOMETHING; the end of $log:"
        tail -n 15 "$log"
        return 1
    fi
    echo "$seconds" >"$build/done/$name"
    report "$name" "$log"
    [ -z "${FUZZ_KEEP:-}" ] || keep "$name" "$2"
}

report() { # NAME LOG
    awk -v name="$1" '
        /^stat::number_of_executed_units/ { runs = $2 }
        /^stat::average_exec_per_sec/ { rate = $2 }
        /^stat::peak_rss_mb/ { memory = $2 }
        match($0, /cov: [0-9]+/) { edges = substr($0, RSTART + 5, RLENGTH - 5) }
        END { printf "%-22s %12d executions %8d/s %6d edges %5d MB\n", name, runs, rate, edges, memory }' "$2"
}

keep() { # NAME LONGEST
    fresh=$build/kept/$1
    rm -rf "$fresh"
    mkdir -p "$fresh"
    FUZZ_DECODER=$1 "$fuzz" -set_cover_merge=1 -max_len="$2" "$fresh" "Tests/Fuzz/Corpus/$1" "$build/corpus/$1" \
        >"$build/logs/$1.merge.log" 2>&1
    [ -n "$(ls -A "$fresh")" ] || { echo "fuzz: $1: the corpus could not be merged"; return 1; }
    rm -rf "Tests/Fuzz/Corpus/$1"
    cp -r "$fresh" "Tests/Fuzz/Corpus/$1"
}

status=0
running=0
while read -r name longest; do
    case " ${FUZZ_ONLY:-$name} " in *" $name "*) ;; *) continue ;; esac
    if [ "$running" -ge "${FUZZ_JOBS:-1}" ]; then
        wait -n || status=1
        running=$((running - 1))
    fi
    one "$name" "$longest" &
    running=$((running + 1))
done < <("$fuzz" list)
while [ "$running" -gt 0 ]; do
    wait -n || status=1
    running=$((running - 1))
done
exit $status
