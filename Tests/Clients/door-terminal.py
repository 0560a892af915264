"""Comes to the front door at a terminal, through an sshd; or lets ssh sign in before it goes to a host.

door-terminal.py NAME TOTP_SECRET_FILE SSH [ARGUMENT...]

NAME is - where nobody asks for it. Reads the password from standard input. Runs that ssh at a terminal, answers what it asks, prints what it says and ends as
it does. Goes away when the password is asked for once more.
"""
import os
import pty
import signal
import subprocess
import sys


def code(file):
    later = subprocess.check_output(["date", "-d", "+30 sec", "+%F %T"], text=True).strip()
    return subprocess.check_output(
        ["oathtool", "--totp", "-b", open(file).read().strip(), "-N", later], text=True).strip()


def main(name, secret, *command):
    password = sys.stdin.readline().rstrip("\n")
    answers = [(b"Name: ", lambda: name), (b"assword: ", lambda: password), (b"app: ", lambda: code(secret))]
    if name == "-":
        answers.pop(0)
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(command[0], command)
    said = b""
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:  # Linux says so at the end of a terminal
            break
        if not part:
            break
        said += part
        if answers and answers[0][0] in said.rpartition(b"\n")[2]:
            os.write(terminal, answers.pop(0)[1]().encode() + b"\n")
            said += b"\n"
        elif not answers and said.endswith(b"assword: "):
            os.kill(pid, signal.SIGKILL)
    print(said.decode().replace("\r", ""), end="")
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


sys.exit(main(*sys.argv[1:]))
