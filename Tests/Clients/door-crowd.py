"""Stands in the way of others at the front door.

door-crowd.py hold PORT COUNT SPREAD FILE   opens COUNT connections, from one address or from many, and holds them until
                                            FILE goes away; prints `held`. Every other one says its name first.
door-crowd.py spoil PORT COUNT SEED         COUNT connections whose opening bytes have been changed; prints `spoilt`
"""
import os
import random
import socket
import struct
import sys
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


{"hold": hold, "spoil": spoil}[sys.argv[1]](*sys.argv[2:])
