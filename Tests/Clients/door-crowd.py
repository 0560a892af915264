"""Stands in the way of others at the front door.

door-crowd.py hold PORT COUNT SPREAD FILE   opens COUNT connections, from one address or from many, and holds them until
                                            FILE goes away; prints `held`. Every other one says its name first.
door-crowd.py spoil PORT COUNT SEED         COUNT connections whose opening bytes have been changed; prints `spoilt`
door-crowd.py flip PORT COUNT               COUNT connections of stock ssh in each of which one bit turns on the way to the
                                            door, from the last byte backwards; prints how many ended without a sign-in
"""
import os
import random
import socket
import struct
import subprocess
import sys
import threading
import time

NAME = b"SSH-2.0-OpenSSH_9.2p1\r\n"


def opened(port, source):
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=20, source_address=(source, 0))
        except OSError:
            time.sleep(0.05)


def hold(port, count, spread, path):
    held = []
    for number in range(int(count)):
        source = f"127.1.{number // 250}.{number % 250 + 1}" if spread == "many" else "127.0.0.9"
        held.append(opened(int(port), source))
        if number % 2:
            held[-1].sendall(NAME)
    print("held", flush=True)
    while os.path.exists(path):
        time.sleep(0.05)


def packet(payload):
    padding = 8 - (len(payload) + 5) % 8 + (8 if (8 - (len(payload) + 5) % 8) < 4 else 0)
    return struct.pack(">IB", len(payload) + padding + 1, padding) + payload + bytes(padding)


def names(*lists):
    return b"".join(struct.pack(">I", len(text)) + text for text in (",".join(words).encode() for words in lists))


def opening():
    ciphers, macs = ["chacha20-poly1305@openssh.com", "aes256-ctr"], ["hmac-sha2-256"]
    keys = bytes([20]) + bytes(16) + names(
        ["curve25519-sha256"], ["ssh-ed25519"], ciphers, ciphers, macs, macs, ["none"], ["none"], [], []) + bytes(5)
    begin = bytes([30]) + struct.pack(">I", 32) + bytes(range(1, 33))
    service = bytes([5]) + struct.pack(">I", 12) + b"ssh-userauth"
    return NAME + packet(keys) + packet(begin) + packet(bytes([21])) + packet(service)


def spoil(port, count, seed):
    chance = random.Random(int(seed))
    for number in range(int(count)):
        data = bytearray(opening())
        for _ in range(chance.choice([1, 1, 2, 8])):
            place = chance.randrange(4, len(data))
            kind = chance.randrange(4)
            if kind == 0:
                data[place] ^= 1 << chance.randrange(8)
            elif kind == 1:
                data[place] = chance.choice([0, 0x7F, 0x80, 0xFF])
            elif kind == 2:
                del data[place:place + chance.randrange(1, 64)]
            else:
                data[place:place] = bytes(chance.randrange(256) for _ in range(chance.choice([1, 4, 1000, 70000])))
        connection = opened(int(port), f"127.2.{number // 250}.{number % 250 + 1}")
        connection.settimeout(0.3)
        try:
            connection.sendall(data)
            while connection.recv(4096):
                pass
        except OSError:
            pass
        connection.close()
    print("spoilt", flush=True)


def passed_on(listener, port, source, place):
    """One connection, until either side ends or the client waits; returns how many bytes it said.

    Where a length is spoilt the door waits for more: as the client, which is ended here.
    """
    client = listener.accept()[0]
    client.settimeout(1)
    door = opened(port, source)

    def back():
        try:
            while part := door.recv(65536):
                client.sendall(part)
            client.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    answers = threading.Thread(target=back)
    answers.start()
    count = 0
    try:
        while part := bytearray(client.recv(65536)):
            if count <= place < count + len(part):
                part[place - count] ^= 1 << place % 8
            count += len(part)
            door.sendall(part)
    except OSError:
        pass
    try:
        door.shutdown(socket.SHUT_WR)
    except OSError:
        pass
    answers.join()
    client.close()
    door.close()
    return count


def flip(port, count):
    listener = socket.create_server(("127.0.0.1", 0))
    command = ["/usr/bin/ssh", "-F", "none", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no",
               "-o", "UserKnownHostsFile=/dev/null", "-p", str(listener.getsockname()[1]), "ann@127.0.0.1", "whoami"]

    def visit(number, place):
        client = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        said = passed_on(listener, int(port), f"127.3.{number // 250}.{number % 250 + 1}", place)
        out, _ = client.communicate()
        return said, client.returncode == 255 and not out

    length, _ = visit(0, -1)
    ended = [visit(number, length - number * max(1, length // int(count)))[1] for number in range(1, int(count) + 1)]
    print(sum(ended), flush=True)


{"hold": hold, "spoil": spoil, "flip": flip}[sys.argv[1]](*sys.argv[2:])
