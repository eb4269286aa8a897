#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Complaint 2: two racing requests duplicate a commission. Here a deal is won twice, two clerks record the same invoice
at the same moment, one clerk's computer sends the same command over two connections, a refund is recorded twice, a month
closed twice, a batch made and settled twice. Every time one of the two is done, the other is told so, and the books have
it once.

usage: complaint_2_racing_requests_duplicate_a_commission.py BUILD_DIRECTORY"""
import datetime
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "interop"))

from broker import Broker, told  # noqa: E402  (makes the protocol's modules)
import client as vouch  # noqa: E402
from client import types, wire  # noqa: E402

ROUNDS = 50
INVOICE = 100000  # 1,000.00 EUR each
PART = INVOICE * 300 // 10000


def milliseconds(*date):
    return int(datetime.datetime(*date, tzinfo=datetime.timezone.utc).timestamp() * 1000)


def race(*requests):
    """Sends (client, request) pairs without waiting in between; the replies in this order."""
    for client, request in requests:
        client.send(request)
    return [client.await_reply(request.id, 30) for client, request in requests]


def one_of_two(left, right, operation, body, loser):
    """Both ask for the same: one is done, the other gets this status and posts nothing."""
    replies = race(*((client, client.request(operation, body)) for client in (left, right)))
    statuses = sorted(types.Status.Name(reply.status) for reply in replies)
    assert statuses == sorted(["OK", loser]), f"{operation}: {[(reply.status, reply.message) for reply in replies]}"
    return next(reply.done.id for reply in replies if reply.status == types.OK)


def won_deal(admin, referrer, receiver):
    receiver_id = receiver.call("whoami", wire.Whoami()).id
    referral = referrer.call("referral_submit", wire.ReferralSubmit(
        new_prospect=wire.CompanyAdd(name="Kestrel Bank"), receiver=receiver_id, consent=True,
        text=types.ReferralText(vouch="six years a customer of mine"))).id
    for verb in (types.ACCEPT, types.CONTACT, types.MEET, types.QUALIFY):
        receiver.call("referral_move", wire.ReferralMove(referral=referral, verb=verb,
                                                         text=types.ReferralText(reason="called")))
    won = wire.ReferralMove(referral=referral, verb=types.WIN, text=types.ReferralText(note="signed, thank you"),
                            value=types.Money(minor=INVOICE * 200, currency="EUR"))
    one_of_two(receiver, admin, "referral_move", won, "CONFLICT")
    return referral


def account(client):
    page = client.call("account_list", wire.AccountList())
    assert len(page.accounts) == 1, "one payee, one company, one currency"
    return page.accounts[0]


def tell(broker):
    admin = broker.client(broker.admin)
    ana = vouch.join(vouch.invite(admin, "Ana Sol", role=types.REP))
    tom = vouch.join(vouch.invite(admin, "Tom Rieke", role=types.REP))
    fay = vouch.join(vouch.invite(admin, "Fay Finance", role=types.FINANCE))
    gus = vouch.join(vouch.invite(admin, "Gus Finance", role=types.FINANCE))
    referral = won_deal(admin, ana, tom)

    for number in range(ROUNDS):
        payment = wire.PaymentRecord(referral=referral, reference=f"INV-{number}",
                                     amount=types.Money(minor=INVOICE, currency="EUR"))
        one_of_two(fay, gus, "payment_record", payment, "DUPLICATE")
    assert account(gus).accrued_minor == ROUNDS * PART, "the same invoice of two clerks accrued twice"
    print(f"{ROUNDS} invoices recorded by two clerks at once: each accrued once")

    again = broker.client(fay.pair)  # a second connection of the same clerk
    for number in range(ROUNDS):
        request = fay.request("payment_record", wire.PaymentRecord(
            referral=referral, reference=f"WIRE-{number}", amount=types.Money(minor=INVOICE, currency="EUR")))
        first, second = race((fay, request), (again, request))
        assert (first.status, first.done.id, first.sequence) == (second.status, second.done.id, second.sequence) == (
            types.OK, first.done.id, first.sequence), f"the same command got two answers: {first} {second}"
    assert account(fay).accrued_minor == 2 * ROUNDS * PART, "a command that was sent twice accrued twice"
    print(f"{ROUNDS} commands sent over two connections at once: done once each, the same answer twice")

    refund = wire.PaymentRefund(payment=1, minor=INVOICE // 2, currency="EUR", reference="CREDIT-1")
    one_of_two(fay, gus, "payment_refund", refund, "DUPLICATE")
    left = 2 * ROUNDS * PART - PART // 2
    assert account(gus).accrued_minor == left, "a refund was taken back twice"

    admin.call("clock_set", wire.ClockSet(time_ms=milliseconds(2027, 3, 2)))
    one_of_two(fay, gus, "period_close", wire.PeriodClose(period=202701), "CONFLICT")
    one_of_two(fay, gus, "period_close", wire.PeriodClose(period=202702), "CONFLICT")
    assert account(gus).payable_minor == left, "a month was closed twice"
    batch = one_of_two(fay, gus, "payout_make", wire.PayoutMake(currency="EUR"), "CONFLICT")
    one_of_two(fay, gus, "payout_settle", wire.PayoutSettle(payout=batch), "CONFLICT")
    books = account(gus)
    assert (books.paid_minor, books.payable_minor, books.sent_minor) == (left, 0, 0), "a commission was paid twice"
    print("a refund, a month, a batch and its settlement, each asked for twice at once: each in the books once")
    assert broker.stop() == 0, "the broker did not stop cleanly"
    print(broker.vouchd("check").strip())


told(tell, Broker(clock=f"manual:{milliseconds(2027, 1, 11, 9)}"))
