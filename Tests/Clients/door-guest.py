"""Signs in to the front door as somebody may, and then asks for what nobody may.

door-guest.py CLIENT PORT NAME HOST_KEY SOURCE     CLIENT: paramiko, asyncssh, greedy, leaving, leaving-late

Reads the password and the code from standard input, one a line. Prints what the command `whoami` says, or for `greedy`
one line for each thing, `refused THING` or `LEAK THING`.
"""
import asyncio
import os
import socket
import sys
import warnings

warnings.simplefilter("ignore")


def connected(port, source, host_key):
    import paramiko

    transport = paramiko.Transport(
        socket.create_connection(("127.0.0.1", port), timeout=20, source_address=(source, 0)))
    transport.start_client(timeout=20)
    kind, blob = open(host_key).read().split()[:2]
    shown = transport.get_remote_server_key()
    assert (shown.get_name(), shown.get_base64()) == (kind, blob), "another host key"
    return transport


def by_paramiko(port, name, host_key, source, answers):
    transport = connected(port, source, host_key)
    transport.auth_interactive(name, lambda title, text, prompts: [answers[secret] for _, secret in prompts])
    channel = transport.open_session()
    channel.exec_command("whoami")
    print(channel.makefile().read().decode(), channel.recv_exit_status())
    transport.close()


def greedy(port, name, host_key, source, answers):
    import paramiko

    transport = connected(port, source, host_key)
    transport.auth_interactive(name, lambda title, text, prompts: [answers[secret] for _, secret in prompts])

    def tried(what, act):
        try:
            print(f"LEAK {what}: {act()!r}")
        except (paramiko.SSHException, OSError, EOFError) as error:
            print(f"refused {what}: {error!r}")

    tried("a port of the server", lambda: transport.request_port_forward("127.0.0.1", 0))
    tried("another host", lambda: transport.open_channel(
        "direct-tcpip", ("127.0.0.1", 22), ("127.0.0.1", 1), timeout=10))
    tried("an agent's channel", lambda: transport.open_channel("auth-agent@openssh.com", timeout=10))
    channel = transport.open_session(timeout=10)
    tried("a second channel", lambda: transport.open_session(timeout=10))
    # A refused request closes the channel at this client's end, so the rest is asked for without an answer.
    channel.update_environment({"LD_PRELOAD": "/tmp/x.so", "PATH": "/tmp"})
    channel.exec_command("whoami; id")
    said = channel.makefile().read().decode() + channel.makefile_stderr().read().decode()
    print("refused a shell" if channel.recv_exit_status() == 2 and "uid=" not in said else f"LEAK a shell: {said}")
    tried("a command after the command", lambda: transport.open_session(timeout=10).exec_command("whoami"))
    transport.close()


def subsystem(port, name, host_key, source, answers):
    import paramiko

    transport = connected(port, source, host_key)
    transport.auth_interactive(name, lambda title, text, prompts: [answers[secret] for _, secret in prompts])
    try:
        transport.open_session(timeout=10).invoke_subsystem("sftp")
        print("LEAK sftp")
    except paramiko.SSHException as error:
        print(f"refused sftp: {error!r}")
    transport.close()


def leaving(port, name, host_key, source, answers, after=0):
    """Goes away in the middle of the conversation, without a word: once so many questions were answered."""
    asked = []

    class Gone(Exception):
        pass

    transport = connected(port, source, host_key)

    def gone(title, text, prompts):
        if prompts:
            asked.append(prompts)
        if len(asked) <= after:
            return [answers[secret] for _, secret in prompts]
        transport.sock.close()
        raise Gone()

    try:
        transport.auth_interactive(name, gone)
    except Exception:
        print("left")
    os._exit(0)


async def by_asyncssh(port, name, host_key, source, answers):
    import asyncssh

    class Client(asyncssh.SSHClient):
        def kbdint_auth_requested(self):
            return ""

        def kbdint_challenge_received(self, title, text, lang, prompts):
            return [answers[echo] for _, echo in prompts]

    known = asyncssh.import_known_hosts(f"[127.0.0.1]:{port} {open(host_key).read()}")
    async with asyncssh.connect(
            "127.0.0.1", port, username=name, config=None, agent_path=None, client_keys=None, known_hosts=known,
            local_addr=(source, 0), client_factory=Client, x509_trusted_certs=None) as connection:
        result = await connection.run("whoami")
        print(result.stdout, result.exit_status)


def main(client, port, name, host_key, source):
    password, code = sys.stdin.read().split("\n")[:2]
    # Prompts that may be seen ask for the code, the others for the password.
    answers = {False: password, True: code}
    act = {"paramiko": by_paramiko, "greedy": greedy, "subsystem": subsystem, "leaving": leaving,
           "leaving-late": lambda *rest: leaving(*rest, after=1)}
    if client == "asyncssh":
        asyncio.run(by_asyncssh(int(port), name, host_key, source, answers))
    else:
        act[client](int(port), name, host_key, source, answers)


main(*sys.argv[1:])
