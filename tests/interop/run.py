#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Two members on the Python client, beside the real broker: they join by join lines, one refers a prospect to the
other, who works it until it is won. On the way: retries, reading one's own writes, strangers, broken messages.

usage: run.py BUILD_DIRECTORY"""
from broker import Broker, told  # first: it makes the protocol's modules
import client as vouch
from client import types, wire

steps = 0


def expect(condition, what):
    global steps
    if not condition:
        raise AssertionError(what)
    steps += 1
    print(f"ok {steps} - {what}")


def refused(status, function, *arguments, **more):
    try:
        function(*arguments, **more)
    except vouch.Refused as refusal:
        expect(refusal.status == status, f"{status} expected: {refusal}")
        return
    raise AssertionError(f"{status} expected, but it was done")


def check_strangers(broker):
    stranger = broker.client(vouch.Pair())
    stranger.send(stranger.request("hello", wire.Hello()))
    expect(stranger.receive(1) is None, "a key that nobody holds gets no answer")
    stranger.close()


def check_broken(client):
    client.socket.send(b"\xff\xff\xff")
    reply = client.receive(5)
    while reply is not None and reply.WhichOneof("body") == "delivery":  # a notice that was on its way
        reply = client.receive(5)
    expect(reply is not None and reply.reply.status == types.INVALID, f"garbage is INVALID: {reply.reply.message}")
    refused("INVALID", client.call, "find", wire.Find(kind=1, text="two\nlines"))
    refused("DENIED", client.call, "totals", wire.Totals())
    old = client.request("whoami", wire.Whoami())
    old.version = 9
    refused("UNSUPPORTED_VERSION", client.ask, old)
    refused("UNKNOWN_OPERATION", client.ask, wire.Request(version=1, id=vouch.uuid7()))


def refer(bob, carol_id):
    submit = wire.ReferralSubmit(
        new_prospect=wire.CompanyAdd(name="Globex", domain="globex.example"), receiver=carol_id, consent=True,
        new_contact=types.PersonalData(name="Hank Scorpio", email="hank@globex.example"),
        text=types.ReferralText(need="an archive", vouch="we worked together", awareness="expects a call"))
    request = bob.request("referral_submit", submit)
    first = bob.ask(request)
    again = bob.ask(request)
    expect(first.done.id == again.done.id and first.sequence == again.sequence,
           "a command sent twice is done once and gets the first answer")
    request.referral_submit.consent = False
    refused("CONFLICT", bob.ask, request)
    return first.done.id


def work(carol, bob, referral):
    verbs = [(types.ACCEPT, {}), (types.CONTACT, {"text": types.ReferralText(reason="called on Monday")}),
             (types.MEET, {}), (types.QUALIFY, {})]
    for verb, more in verbs:
        carol.call("referral_move", wire.ReferralMove(referral=referral, verb=verb, **more))
        notice = bob.next_notice()
        expect(notice.referral == referral and notice.verb == verb, f"the referrer is told: {notice.text}")
    refused("DENIED", bob.call, "referral_move", wire.ReferralMove(referral=referral, verb=types.ACCEPT))


def win(admin, carol, bob, referral):
    won = wire.ReferralMove(referral=referral, verb=types.WIN, value=types.Money(minor=1200000, currency="EUR"),
                            text=types.ReferralText(note="thank you, they signed"))
    carol.call("referral_move", won)
    notice = bob.next_notice()
    expect(notice.state == types.WON, f"the referrer is told: {notice.text}")
    admin.call("payment_record", wire.PaymentRecord(
        referral=referral, amount=types.Money(minor=600000, currency="EUR"), reference="INV-1"))
    deal = bob.call("referral_get", wire.ReferralGet(referral=referral)).deal
    expect(deal.accrued_minor == 18000 and sum(share.accrued_minor for share in deal.shares) == 18000,
           f"commission of 300 bps on what was paid: {deal.accrued_minor} by {deal.plugin}")


def tell(broker):
    check_strangers(broker)
    admin = broker.client(broker.admin)
    greeting = admin.call("hello", wire.Hello(client="interop 1"))
    expect(greeting.role == types.ADMIN and greeting.company == "Acme", f"hello: {greeting.name}, {greeting.company}")
    line = vouch.invite(admin, "Bob Referrer", role=types.REP)
    bob = vouch.join(line)
    carol = vouch.join(vouch.invite(admin, "Carol Receiver", role=types.REP))
    expect(bob.call("whoami", wire.Whoami()).name == "Bob Referrer", "joined by a join line")
    endpoint, server_key, spent = vouch.parse_join(line)
    used = vouch.Client(endpoint, server_key, spent)
    used.send(used.request("hello", wire.Hello()))
    expect(used.receive(1) is None, "a join line works once")
    used.close()
    carol_id = carol.call("whoami", wire.Whoami()).id

    bob.subscribe()
    carol.subscribe()
    referral = refer(bob, carol_id)
    view = bob.call("referral_get", wire.ReferralGet(referral=referral))
    expect(view.prospect == "Globex" and view.referral.state == types.OFFERED, "a query sees what was just written")
    notice = carol.next_notice()
    expect(notice.referral == referral and notice.state == types.OFFERED, f"the receiver is told: {notice.text}")
    own = bob.call("inbox_page", wire.InboxPage(limit=500))
    bob.seen = max([bob.seen] + [line.inbox_sequence for line in own.notices])
    bob.notices.clear()
    work(carol, bob, referral)
    win(admin, carol, bob, referral)

    carol.call("inbox_ack", wire.InboxAck(up_to=1))
    page = carol.call("inbox_page", wire.InboxPage(unread=True))
    expect(page.cursor == 1 and all(line.inbox_sequence > 1 for line in page.notices), "the inbox remembers its cursor")
    check_broken(bob)
    admin.call("member_remove", wire.MemberRemove(member=carol_id, reason="left"))
    refused("REVOKED", carol.call, "whoami", wire.Whoami())
    expect(broker.stop() == 0, "the broker drains and ends with 0")


told(tell, Broker())
print(f"{steps} passed, 0 failed")
