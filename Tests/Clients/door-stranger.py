"""Tries to get something out of the front door without signing in, by messages that no client would send.

door-stranger.py PORT NAME [PASSWORD]

With a password, of a way to sign in that asks for it alone: in the middle of what is asked for after that.
Prints one line for each try, `refused TRY` or `LEAK TRY TYPES`: whether the door ever answered with anything but no.
"""
import socket
import sys
import time
import warnings

warnings.simplefilter("ignore")
import paramiko  # noqa: E402

SERVICE_ACCEPT, SUCCESS, INFO_REQUEST = 6, 52, 60
# REQUEST_SUCCESS, CHANNEL_OPEN_CONFIRMATION, CHANNEL_DATA, CHANNEL_EXTENDED_DATA, CHANNEL_REQUEST, CHANNEL_SUCCESS
GIFTS = {SUCCESS, 81, 91, 94, 95, 98, 99}


def message(kind, *fields):
    built = paramiko.Message()
    built.add_byte(bytes([kind]))
    for field in fields:
        if isinstance(field, bool):
            built.add_boolean(field)
        elif isinstance(field, int):
            built.add_int(field)
        elif isinstance(field, bytes):
            built.add_bytes(field)
        else:
            built.add_string(field)
    return built


def service(name="ssh-userauth"):
    return message(5, name)


def auth(name, method, *rest):
    return message(50, name, "ssh-connection", method, *rest)


def open_channel(kind="session", *rest):
    return message(90, kind, 0, 1 << 20, 1 << 15, *rest)


def ask(command):
    return message(98, 0, "exec", True, command)


def later_tries(name, password):
    """In the further rounds of somebody who has a session, and is not in."""
    talk = [service(), auth(name, "keyboard-interactive", "", ""), message(61, 1, password)]
    channel = [open_channel(), message(98, 0, "auth-agent-req@openssh.com", True), ask("whoami")]
    return {
        "a channel before the further factor": talk + channel,
        "the server's own word for success before it": talk + [message(52)] + channel,
        "no answers to it": talk + [message(61, 0)] + channel,
        "too many answers to it": talk + [message(61, 2, "0", "0")] + channel,
        "another conversation in place of it": talk + [auth(name, "keyboard-interactive", "", "")] + channel,
        "sign-in by none in place of it": talk + [auth(name, "none")] + channel,
        "a very long answer to it": talk + [message(61, 1, "0" * 200_000)] + channel,
        "a disconnect in place of it": talk + [message(1, 11, "bye", "")] + channel,
    }


def tries(name):
    talk = [service(), auth(name, "keyboard-interactive", "", "")]
    wrong = message(61, 2, "wrong", "000000")
    channel = [open_channel(), message(98, 0, "auth-agent-req@openssh.com", True), ask("whoami")]
    return {
        "a channel without a sign-in": channel,
        "a channel after asking for the service": [service()] + channel,
        "the service of connections": [service("ssh-connection")] + channel,
        "a channel in the middle of the conversation": talk + channel,
        "a channel after a refused conversation": talk + [wrong] + channel,
        "the server's own word for success": [service(), message(52)] + channel,
        "the same in the middle of the conversation": talk + [message(52)] + channel,
        "answers to nothing": [service(), message(61, 2, "a", "b")] + channel,
        "no answers": talk + [message(61, 0)] + channel,
        "too many answers": talk + [message(61, 3, "a", "b", "c")] + channel,
        "a billion answers": talk + [message(61, 1 << 30, "a")] + channel,
        "answers twice": talk + [wrong, wrong] + channel,
        "sign-in by none": [service(), auth(name, "none")] + channel,
        "sign-in by password": [service(), auth(name, "password", False, "x")] + channel,
        "sign-in by a key": [service(), auth(name, "publickey", False, "ssh-ed25519", "x" * 51)] + channel,
        "sign-in by host": [service(), auth(name, "hostbased", "ssh-ed25519", "x", "h", "u", "s")] + channel,
        "sign-in by gssapi": [service(), auth(name, "gssapi-with-mic", 1, "\x06\x01x")] + channel,
        "another name in the middle": talk + [auth("other", "keyboard-interactive", "", ""), wrong] + channel,
        "a forwarded port": [service(), message(80, "tcpip-forward", True, "0.0.0.0", 4444)],
        "a way to another host": [service(), open_channel("direct-tcpip", "127.0.0.1", 22, "127.0.0.1", 1)],
        "an agent's channel": [service(), open_channel("auth-agent@openssh.com")],
        "data on a channel that is not there": [message(94, 0, "x"), message(94, 7, "x")],
        "an open channel's confirmation": [message(91, 0, 0, 1 << 20, 1 << 15)],
        "a request on a channel that is not there": [ask("whoami"), message(98, 7, "shell", True)],
        "a disconnect, and on": [message(1, 11, "bye", "")] + channel,
        "numbers that nobody uses": [message(kind) for kind in (0, 9, 49, 79, 127, 192, 255)] + channel,
        "empty and cut messages": [message(5), message(50), message(50, b"\x00\x00\xff\xff"), message(61)] + channel,
        "a name of a megabyte": [service(), auth("x" * 200_000, "keyboard-interactive", "", "")] + channel,
        "a name that is none": [service(), auth("a\x00b\n\x1b[31m", "keyboard-interactive", "", "")] + channel,
    }


def attempt(port, source, messages):
    connection = socket.create_connection(("127.0.0.1", port), timeout=20, source_address=(source, 0))
    transport = paramiko.Transport(connection)
    seen = []
    read = transport.packetizer.read_message

    def noting():
        kind, body = read()
        seen.append(kind)
        return kind, body

    transport.packetizer.read_message = noting
    transport.start_client(timeout=20)
    # Whoever is asked for a service or answers waits for the word before going on.
    for built in messages:
        before = len(seen)
        try:
            transport._send_message(built)
        except Exception:
            break
        until = time.monotonic() + (5 if built.asbytes()[:1] in (b"\x05", b"\x32", b"\x3d") else 0.2)
        while len(seen) == before and transport.is_active() and time.monotonic() < until:
            time.sleep(0.02)
    until = time.monotonic() + 1
    while transport.is_active() and time.monotonic() < until:
        time.sleep(0.05)
    transport.close()
    return seen


def main(port, name, password=None):
    all_tries = later_tries(name, password) if password else tries(name)
    for number, (what, messages) in enumerate(all_tries.items()):
        try:
            seen = attempt(int(port), f"127.0.7.{number + 1}", messages)
        except Exception as error:
            print(f"FAILED {what}: {error!r}")
            continue
        gifts = [kind for kind in seen if kind in GIFTS]
        print(f"LEAK {what}: {gifts}" if gifts else f"refused {what}")


main(*sys.argv[1:])
