"""Comes to the front door at a terminal, through an sshd; or lets ssh sign in before it goes to a host.

door-terminal.py NAME TOTP_SECRET_FILE SSH [ARGUMENT...]

NAME is - where nobody asks for it. Reads the password from standard input (- where nobody asks for one), and in further lines what else is answered, in
place of one code: `code` for the code of the authenticator app. Runs that ssh at a terminal, answers what it asks, prints what it
says and ends as it does. Goes away when the password is asked for once more.
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
    password, *further = sys.stdin.read().splitlines()
    answers = [(b"Name: ", lambda: name)] + [(b"assword: ", lambda: password)] * (password != "-")
    answers += [(b"app: ", lambda: code(secret)) if word == "code" else (b": ", lambda word=word: word)
                for word in further or ["code"]]
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
        if answers and said.endswith(answers[0][0]):
            os.write(terminal, answers.pop(0)[1]().encode() + b"\n")
            said += b"\n"
        elif not answers and said.endswith(b"assword: "):
            os.kill(pid, signal.SIGKILL)
    print(said.decode().replace("\r", ""), end="")
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


sys.exit(main(*sys.argv[1:]))
