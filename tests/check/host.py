#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A worker in another language: takes the place of vouch-plugin-host and speaks proto/vouch/v1/worker.proto by hand, as
an author without our C would. It is an attribution that gives each touch one point; its one argument of interest is the
name of the plugin: "late" answers the third call with another number, anything else is good.

usage: host.py --serve PARENT-PID MEMORY-BYTES NAME      (started by the broker, or by vouch-plugin-check --host)"""
import mmap
import os
import socket
import struct
import sys

SOCKET, REQUEST, ANSWER = 3, 4, 5
TOUCH = struct.Struct("<QQqII")
SHARE = struct.Struct("<Qq")


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out + bytes([number]))


def field(number, value):
    """One field: a number, a text, or a message that is packed already."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def fields(data):
    """Fields of a packed message: number -> value, the last where one is there twice."""
    def read():
        nonlocal at
        number = shift = 0
        while True:
            byte = data[at]
            at += 1
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number

    at, found = 0, {}
    while at < len(data):
        key = read()
        value = read()
        if key & 7 == 2:
            value, at = data[at:at + value], at + value
        found[key >> 3] = value
    return found


def attribute(call, request, answer):
    """Weights of an Attribute message; how many shares were written."""
    weights = {}
    for i in range(call[5]):
        party = TOUCH.unpack_from(request, call.get(4, 0) + i * TOUCH.size)[0]  # a position of 0 is left out
        weights[party] = weights.get(party, 0) + 1
    for i, (party, weight) in enumerate(weights.items()):
        SHARE.pack_into(answer, i * SHARE.size, party, weight)
    return len(weights)


def main():
    name = os.path.basename(sys.argv[4])
    wire = socket.socket(fileno=SOCKET)
    request = mmap.mmap(REQUEST, 0, prot=mmap.PROT_READ)
    answer = mmap.mmap(ANSWER, 0)
    hello = fields(fields(wire.recv(65536))[1])
    if 3 in hello:  # this plugin has no settings
        wire.send(field(2, field(1, 1) + field(2, f"plugin {name} has no setting \"{fields(hello[3])[1].decode()}\"")))
        return
    ready = field(1, 1) + field(2, 1) + field(3, name) + field(4, "1.0.0") + field(6, "none")
    wire.send(field(1, ready))
    while packet := wire.recv(65536):
        call = fields(fields(packet)[2])
        number = call[1]
        count = attribute(fields(call[3]), request, answer)
        if name == "late" and number == 3:
            number = 2
        wire.send(field(3, field(1, number) + field(4, count)))


main()
