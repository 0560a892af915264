#!/usr/bin/env python3
"""Prints RSA keys that must be refused: factors close together, and the form of the library of ROCA (CVE-2017-15361)."""
import base64, math, random

random.seed(2017)


def is_prime(n):
    if any(n % p == 0 for p in (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)):
        return False
    d, r = n - 1, 0
    while d % 2 == 0:
        d, r = d // 2, r + 1
    for _ in range(20):
        x = pow(random.randrange(2, n - 1), d, n)
        if x in (1, n - 1):
            continue
        for _ in range(r - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def next_prime(n):
    n |= 1
    while not is_prime(n):
        n += 2
    return n


def mpint(n):
    b = n.to_bytes(n.bit_length() // 8 + 1, "big")
    return string(b)


def string(b):
    return len(b).to_bytes(4, "big") + b


def line(n, name):
    blob = string(b"ssh-rsa") + mpint(65537) + mpint(n)
    return f"ssh-rsa {base64.b64encode(blob).decode()} {name}\n"


p = next_prime(random.getrandbits(1536) | 3 << 1534)
open("close.pub", "w").write(line(p * next_prime(p + 2), "close"))
# Fermat's method takes (q - p)² / 8p steps: 87 here.
q = next_prime(p + math.isqrt(700 * p))
open("near.pub", "w").write(line(p * q, "near"))

primorial = math.prod(p for p in range(2, 702) if all(p % d for d in range(2, p)))


def roca_prime():
    while True:
        n = random.randrange(3 << 1534, 1 << 1536) // primorial
        n = n * primorial + pow(65537, random.getrandbits(250), primorial)
        if is_prime(n):
            return n


open("roca.pub", "w").write(line(roca_prime() * roca_prime(), "roca"))
