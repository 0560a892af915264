"""Runs a command at a terminal of its own and types an answer to each prompt in turn.

door-terminal.py COMMAND…     Reads `PROMPT<TAB>ANSWER` from standard input, one a line. Prints what the terminal shows.
"""
import os
import pty
import select
import sys
import time

answers = [line.rstrip("\n").split("\t", 1) for line in sys.stdin if "\t" in line]
child, terminal = pty.fork()
if child == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
shown, until = b"", time.monotonic() + 120
while time.monotonic() < until:
    ready, _, _ = select.select([terminal], [], [], 0.2)
    if ready:
        try:
            more = os.read(terminal, 4096)
        except OSError:
            break
        if not more:
            break
        shown += more
    if answers and answers[0][0].encode() in shown.rsplit(b"\n", 1)[-1]:
        os.write(terminal, answers.pop(0)[1].encode() + b"\r")
        shown += b"\n"
sys.stdout.write(shown.decode(errors="replace").replace("\r", ""))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
