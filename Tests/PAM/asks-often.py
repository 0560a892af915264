"""asks-often.py FOLDER STACK USER: asks a PAM stack from a hundred threads at a time, and prints what a process can lose by it.

Two lines of the same words, before and after: open descriptors, threads, signals caught, ignored and blocked, locale, umask. Then how
often which code came back."""
import collections
import ctypes
import os
import sys
import threading
import time

folder, stack, user = (word.encode() for word in sys.argv[1:])
pam, libc = ctypes.CDLL("libpam.so.0"), ctypes.CDLL(None)
libc.setlocale.restype = ctypes.c_char_p


class Conversation(ctypes.Structure):
    _fields_ = [("function", ctypes.c_void_p), ("context", ctypes.c_void_p)]


kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
refuses = kind(lambda *_: 19)
conversation = Conversation(ctypes.cast(refuses, ctypes.c_void_p), None)
codes = []


def ask():
    handle = ctypes.c_void_p()
    code = pam.pam_start_confdir(stack, user, ctypes.byref(conversation), folder, ctypes.byref(handle))
    code = code or pam.pam_authenticate(handle, 0)
    pam.pam_end(handle, code)
    codes.append(code)


def settled():
    """The kernel takes a moment longer than join() to end a thread."""
    end = time.monotonic() + 60
    while len(os.listdir("/proc/self/task")) > 1 and time.monotonic() < end:
        time.sleep(0.01)


def state():
    settled()
    with open("/proc/self/status") as file:
        kept = [line.split()[1] for line in file if line.startswith(("Threads", "SigCgt", "SigIgn", "SigBlk"))]
    mask = os.umask(0)
    os.umask(mask)
    return [len(os.listdir("/proc/self/fd")), *kept, libc.setlocale(6, None), mask]


# The first thread has glibc catch a signal of its own.
first = threading.Thread(target=lambda: None)
first.start()
first.join()
print(*state())
for _ in range(5):
    threads = [threading.Thread(target=ask) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
print(*state())
for code, count in collections.Counter(codes).items():
    print(count, "times", code)
