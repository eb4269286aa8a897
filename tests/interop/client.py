#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A vouch client in Python, written from docs/protocol.md and proto/ alone: no line of it comes from the C library.
It serves as a test of both documents and as a start for a client in another language."""
import base64
import collections
import os
import time
import urllib.parse

import zmq
import zmq.utils.z85 as z85

from vouch.v1 import types_pb2 as types
from vouch.v1 import wire_pb2 as wire


class Refused(Exception):
    """An answer with a status other than OK."""

    def __init__(self, reply):
        self.status = types.Status.Name(reply.status)
        super().__init__(f"{self.status}: {reply.message}")


def uuid7():
    """16 bytes: 48 bits of milliseconds, version 7, the rest random."""
    value = bytearray(int(time.time() * 1000).to_bytes(6, "big") + os.urandom(10))
    value[6] = value[6] & 0x0F | 0x70
    value[8] = value[8] & 0x3F | 0x80
    return bytes(value)


def key_text(key):
    return base64.urlsafe_b64encode(key).rstrip(b"=").decode()


def key_bytes(text):
    key = base64.urlsafe_b64decode(text + "=")
    if len(key) != 32:
        raise ValueError("a key has 32 bytes")
    return key


class Pair:
    """A CURVE key pair."""

    def __init__(self, secret=None):
        if secret is None:
            _, text = zmq.curve_keypair()
            secret = z85.decode(text)
        self.secret = secret
        self.public = z85.decode(zmq.curve_public(z85.encode(secret)))


class Client:
    """One connection of one member (or of one invitation)."""

    sequence = 0  # the highest that any connection of this program was told: what later queries of each must see

    def __init__(self, endpoint, server_key, pair):
        self.endpoint = endpoint
        self.server_key = server_key
        self.pair = pair
        self.context = zmq.Context.instance()
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.curve_serverkey = z85.encode(server_key)
        self.socket.curve_publickey = z85.encode(pair.public)
        self.socket.curve_secretkey = z85.encode(pair.secret)
        self.socket.linger = 0
        self.socket.setsockopt(zmq.MAXMSGSIZE, 262144)
        self.socket.handshake_ivl = 5000
        self.socket.connect("tcp://" + endpoint)
        self.seen = 0  # last line of the inbox
        self.notices = collections.deque()

    def close(self):
        self.socket.close()

    def receive(self, timeout):
        """The next message; notices are kept in order, once each. None when there was none in time."""
        if not self.socket.poll(int(timeout * 1000)):
            return None
        message = wire.FromBroker.FromString(self.socket.recv())
        if message.WhichOneof("body") == "delivery":
            notice = message.delivery.notice
            if notice.inbox_sequence == self.seen + 1:
                self.seen += 1
                self.notices.append(notice)
            elif notice.inbox_sequence > self.seen:
                self.send(self.request("subscribe", wire.Subscribe(after=self.seen)))
        elif message.WhichOneof("body") == "reply":
            Client.sequence = max(Client.sequence, message.reply.sequence, message.reply.greeting.last_sequence)
        return message

    def request(self, operation, body, request_id=None):
        request = wire.Request(version=1, id=request_id or uuid7(), see_sequence=self.sequence)
        getattr(request, operation).CopyFrom(body)
        getattr(request, operation).SetInParent()
        return request

    def send(self, request):
        self.socket.send(request.SerializeToString())

    def ask(self, request, timeout=10):
        """Sends the same bytes until they are answered; waits as told when the broker is busy."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            self.send(request)
            reply = self.await_reply(request.id, min(5, max(0.001, end - time.monotonic())))
            if reply is None:
                continue
            if reply.status == types.BUSY:
                self.receive(max(reply.retry_after_ms, 10) / 1000)
                continue
            if reply.status != types.OK:
                raise Refused(reply)
            return reply
        raise TimeoutError(f"no answer from {self.endpoint}")

    def await_reply(self, request_id, timeout):
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0:
            message = self.receive(left)
            if message is not None and message.WhichOneof("body") == "reply" and message.reply.id == request_id:
                return message.reply
        return None

    def call(self, operation, body, timeout=10):
        """One operation; answers its result."""
        reply = self.ask(self.request(operation, body), timeout)
        return getattr(reply, reply.WhichOneof("result"))

    def subscribe(self):
        return self.call("subscribe", wire.Subscribe(after=self.seen))

    def next_notice(self, timeout=10):
        end = time.monotonic() + timeout
        while not self.notices:
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError("no notice")
            self.receive(left)
        return self.notices.popleft()


def parse_join(line):
    """(endpoint, server key, throw-away pair) of a join line."""
    parts = urllib.parse.urlsplit(line.strip())
    if parts.scheme != "vouch":
        raise ValueError("a join line starts with vouch://")
    return parts.netloc, key_bytes(parts.path.lstrip("/")), Pair(key_bytes(parts.fragment))


def join(line):
    """Turns a join line into membership; answers a client with the member's own key."""
    endpoint, server_key, invitation = parse_join(line)
    own = Pair()
    guest = Client(endpoint, server_key, invitation)
    if guest.call("hello", wire.Hello(client="interop 1")).member != 0:
        raise ValueError("an invitation is no member yet")
    guest.call("enrol", wire.Enrol(key=own.public))
    guest.close()
    return Client(endpoint, server_key, own)


def invite(client, name, **more):
    """Invites a member; answers the join line."""
    throw_away = Pair()
    client.call("member_invite", wire.MemberInvite(name=name, invite_key=throw_away.public, **more))
    return f"vouch://{client.endpoint}/{key_text(client.server_key)}#{key_text(throw_away.secret)}"
