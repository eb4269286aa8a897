#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Commission on real input: the won deals of one data set under the terms of another, through the real commands, from
terms to payout. What every payee gets is computed here a second time, with fractions, and must be the same to the cent.

The deals: the 4,238 won opportunities of the CRM data set, at their close value in USD, on their close dates. Its 30
agents who closed any receive; for who refers, the data has nothing, so it is computed: the n-th won opportunity of the
file (from 0) was referred by the agent who comes 1 + n mod 29 places after the closing one in the alphabet, around the
end to the beginning. Every third was introduced by the closing agent's manager, who then gets half. Each is a product
line of its own, because the agents of this data set sell to the same accounts.

The terms: those of the 17 salespeople of AdventureWorks, in the order of their numbers, given to the 30 agents in the
order of the alphabet, around: CommissionPct is the rate, in basis points without a rest; SalesQuota is the quota of the
year; Bonus is what there is for reaching it, in a year, so a hundredth of it is paid as the bounty of each deal. Past the
quota commission counts one and a half times; that number is ours. Three have neither commission nor quota nor bonus.

The payments: a third of the value, rounded down to the cent, 14 days after the deal was won, the rest 31 days later. On
the third of every month the month before is closed, and what is payable is sent to the bank, which pays it. (What falls
on the first days of a month happens on the third.)

usage: commission_real.py BUILD_DIRECTORY CRM_DIRECTORY ADVENTUREWORKS_DIRECTORY; skipped (77) without the data."""
import collections
import csv
import datetime
import fractions
import pathlib
import sys

if not all(pathlib.Path(directory).is_dir() for directory in sys.argv[2:4]) or len(sys.argv) < 4:
    print("skipped: the data sets are not there")
    sys.exit(77)
sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "interop"))

from broker import Broker, told  # noqa: E402  (makes the protocol's modules)
import client as vouch  # noqa: E402
from client import types, wire  # noqa: E402

CRM, ADVENTUREWORKS = (pathlib.Path(directory) for directory in sys.argv[2:4])
DAY = datetime.timedelta(days=1)
WHOLE = 10000  # basis points
ACCELERATOR = 15000
NO_LIMIT = 2**63 - 1
FIRST_DAY = datetime.date(2017, 3, 1)
FIRST_AFTER, SECOND_AFTER = 14 * DAY, 45 * DAY


class Deal:
    """One won opportunity, and what becomes of it."""

    def __init__(self, number, row, agents, manager_of):
        place = (agents.index(row["sales_agent"]) + 1 + number % (len(agents) - 1)) % len(agents)
        self.receiver = row["sales_agent"]
        self.referrer = agents[place]
        self.connector = manager_of[self.receiver] if number % 3 == 0 else None
        self.account = row["account"]
        self.product = f"{row['product']} {row['opportunity_id']}"
        self.day = datetime.date.fromisoformat(row["close_date"])
        self.cents = int(row["close_value"]) * 100
        self.first = self.cents // 3
        self.referral = None
        self.prior = None

    def parties(self):
        return [self.referrer] + ([self.connector] if self.connector else [])


Rates = collections.namedtuple("Rates", "bps quota bounty accelerator")


def read(directory, name):
    with open(directory / name, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def read_deals():
    manager_of = {row["sales_agent"]: row["manager"] for row in read(CRM, "sales_teams.csv")}
    won = [row for row in read(CRM, "sales_pipeline.csv") if row["deal_stage"] == "Won"]
    agents = sorted({row["sales_agent"] for row in won})
    return [Deal(number, row, agents, manager_of) for number, row in enumerate(won)], agents


def exact(text, unit):
    """A number of the file in these units, which must be whole."""
    value = fractions.Fraction(text or "0") * unit
    assert value.denominator == 1, f"{text} is no whole number of 1/{unit}"
    return int(value)


def read_rates():
    with open(ADVENTUREWORKS / "oltp" / "SalesPerson.csv", encoding="utf-8") as file:
        people = sorted((line.rstrip("\n").split("\t") for line in file), key=lambda fields: int(fields[0]))
    return [Rates(exact(fields[4], WHOLE), exact(fields[2], 100), exact(fields[3], 1),
                  ACCELERATOR if fields[2] else WHOLE) for fields in people]


# ---- the second computation: nothing of it comes from the broker ----


def pool(rates, prior, base):
    """Commission on all that was paid of a deal, in cents; round() is half to even."""
    earned = round(fractions.Fraction(base * rates.bps, WHOLE)) + rates.bounty
    return round(fractions.Fraction(earned * (rates.accelerator if prior >= rates.quota else WHOLE), WHOLE))


def shares(cents, parties):
    """In equal parts; what is left over goes to the first ones."""
    each, rest = divmod(cents, len(parties))
    return [each + (place < rest) for place in range(len(parties))]


def expected(deals, rates_of):
    """What each payee gets; the value won before each deal."""
    total = collections.Counter()
    won = collections.Counter()  # all in one year
    for deal in deals:
        deal.prior = won[deal.referrer]
        won[deal.referrer] += deal.cents
        whole = pool(rates_of[deal.referrer], deal.prior, deal.cents)
        for party, cents in zip(deal.parties(), shares(whole, deal.parties())):
            total[party] += cents
    return total


# ---- through the broker ----


def together(calls):
    """Sends them all, then waits for the answers; the ids of what was made, in their order."""
    waiting, ids = collections.defaultdict(dict), [None] * len(calls)
    for place, (client, operation, body) in enumerate(calls):
        request = client.request(operation, body)
        waiting[client][request.id] = (place, request)
        client.send(request)
    for client, requests in waiting.items():
        while requests:
            message = client.receive(60)
            assert message is not None, "no answer"
            place, request = requests[message.reply.id]
            if message.reply.status == types.BUSY:
                client.send(request)
                continue
            if message.reply.status != types.OK:
                raise vouch.Refused(message.reply)
            ids[place] = message.reply.done.id
            del requests[message.reply.id]
    return ids


def milliseconds(day):
    return int(datetime.datetime(day.year, day.month, day.day, 9, tzinfo=datetime.timezone.utc).timestamp() * 1000)


class World:
    """The agents, their managers and a finance clerk, each with a connection of their own."""

    def __init__(self, broker, agents, managers):
        self.admin = broker.client(broker.admin)
        self.of = {}
        for name, role in ([(name, types.REP) for name in agents] + [(name, types.MANAGER) for name in managers] +
                           [("Fay Finance", types.FINANCE)]):
            self.of[name] = vouch.join(vouch.invite(self.admin, name, role=role))
        self.id = {name: client.call("whoami", wire.Whoami()).id for name, client in self.of.items()}
        self.finance = self.of["Fay Finance"]
        self.accounts = {}

    def set_day(self, day):
        self.admin.call("clock_set", wire.ClockSet(time_ms=milliseconds(day)))

    def write_terms(self, agent, rates):
        terms = types.Terms(name=f"terms of {agent}", member=self.id[agent], currency="USD", from_ms=1, until_ms=NO_LIMIT,
                            partner_bps=rates.bps, coworker_bps=rates.bps, bounty_minor=rates.bounty,
                            accelerator_bps=rates.accelerator, quota_minor=rates.quota, cap_minor=NO_LIMIT,
                            window_days=180, hold_days=30)
        number = self.finance.call("terms_write", wire.TermsWrite(terms=terms)).id
        self.admin.call("terms_approve", wire.TermsApprove(terms=number, version=1))

    def add_accounts(self, names):
        names = sorted(names)
        ids = together([(self.admin, "company_add", wire.CompanyAdd(name=name)) for name in names])
        self.accounts = dict(zip(names, ids))

    def win(self, deals):
        """All deals of a day, in the order of the file."""
        submitted = together([(self.of[deal.referrer], "referral_submit", wire.ReferralSubmit(
            prospect=self.accounts[deal.account], receiver=self.id[deal.receiver], product=deal.product, consent=True,
            connector=self.id[deal.connector] if deal.connector else 0,
            text=types.ReferralText(vouch="a customer of mine"))) for deal in deals])
        for deal, referral in zip(deals, submitted):
            deal.referral = referral
        together([(self.of[deal.connector], "referral_move", self.move(deal, types.INTRODUCE))
                  for deal in deals if deal.connector])
        for verb in (types.ACCEPT, types.CONTACT, types.MEET, types.QUALIFY):
            together([(self.of[deal.receiver], "referral_move", self.move(deal, verb)) for deal in deals])
        for deal in deals:  # one after the other: what was won before counts
            self.of[deal.receiver].call("referral_move", self.move(deal, types.WIN), 60)

    @staticmethod
    def move(deal, verb):
        move = wire.ReferralMove(referral=deal.referral, verb=verb)
        if verb == types.CONTACT:
            move.text.reason = "as the pipeline has it"
        if verb == types.WIN:
            move.text.note = "as the pipeline has it"
            move.value.minor, move.value.currency = deal.cents, "USD"
        return move

    def pay(self, payments):
        together([(self.finance, "payment_record", wire.PaymentRecord(
            referral=deal.referral, reference=f"{deal.product}: {which}", amount=types.Money(minor=cents, currency="USD")))
                  for deal, which, cents in payments])


def close_month(world, month, batches):
    """On the third of the next month: statements, a batch for the bank, which pays it."""
    world.set_day((month + 31 * DAY).replace(day=3))
    world.finance.call("period_close", wire.PeriodClose(period=month.year * 100 + month.month), 60)
    try:
        batch = world.finance.call("payout_make", wire.PayoutMake(currency="USD"), 60).id
    except vouch.Refused as refused:
        assert refused.status == "CONFLICT" and month == FIRST_DAY, f"{month}: {refused}"  # still within its hold
        return
    world.finance.call("payout_settle", wire.PayoutSettle(payout=batch), 60)
    batches.append(batch)


def live_through(world, deals):
    """Day by day, and month by month until the last cent is paid; the batches."""
    won, paid = collections.defaultdict(list), collections.defaultdict(list)
    for deal in deals:
        won[deal.day].append(deal)
        paid[deal.day + FIRST_AFTER].append((deal, "first", deal.first))
        paid[deal.day + SECOND_AFTER].append((deal, "rest", deal.cents - deal.first))
    month, batches = FIRST_DAY, []
    for day in sorted(won.keys() | paid.keys() | {max(paid) + 31 * DAY, max(paid) + 62 * DAY}):
        while month < day.replace(day=1):
            close_month(world, month, batches)
            month = (month + 31 * DAY).replace(day=1)
        if day in won or day in paid:
            world.set_day(max(day, month + 2 * DAY))  # the clock never goes back
            world.win(won[day])
            world.pay(paid[day])
    return batches


def compare(what, ours, theirs):
    different = {name: (ours[name], theirs[name]) for name in ours.keys() | theirs.keys() if ours[name] != theirs[name]}
    assert not different, f"{what}: {different}"
    print(f"{what}: {len(+ours)} payees, {sum(ours.values()) / 100:,.2f} USD, the same to the cent")


def compare_deals(world, deals, total):
    """The shares of every deal, and what was won before it."""
    got = collections.Counter()
    name_of = {number: name for name, number in world.id.items()}
    for deal in deals:
        view = world.admin.call("referral_get", wire.ReferralGet(referral=deal.referral)).deal
        assert view.prior_minor == deal.prior, f"R{deal.referral}: {view.prior_minor} won before, not {deal.prior}"
        for share in view.shares:
            got[name_of[share.member]] += share.accrued_minor
    compare("accrued by deal", total, got)


def compare_accounts(world, total, batches):
    """All of it was paid; nothing is left on the way."""
    page = world.admin.call("account_list", wire.AccountList(limit=500))
    name_of = {number: name for name, number in world.id.items()}
    got = collections.Counter()
    for account in page.accounts:
        left = [account.accrued_minor, account.approved_minor, account.payable_minor, account.sent_minor,
                account.owed_minor, account.disputed_minor]
        assert not any(left) and account.currency == "USD", f"{account.payee_name}: {left} is on the way"
        got[name_of[account.payee]] += account.paid_minor
    compare("paid by account", total, got)
    sums = [world.admin.call("payout_get", wire.PayoutGet(payout=batch)).payout.total_minor for batch in batches]
    assert sum(sums) == sum(total.values()), f"the {len(sums)} batches come to {sum(sums)}"
    print(f"{len(sums)} batches for the bank, the largest {max(sums) / 100:,.2f} USD")


def replay(world, deals):
    """All of it computed again by the broker, with the plugin asked again; the first deals explained number by number."""
    compared, after, more = 0, 0, True
    while more:
        page = world.admin.call("commission_replay", wire.CommissionReplay(after=after), 60)
        assert not page.differences, page.differences[0].why
        assert page.asked == page.deals, "the plugin was not asked about every deal"
        compared, after, more = compared + page.deals, page.next, page.more
    assert compared == len(deals), f"{compared} of {len(deals)} deals were computed again"
    for deal in deals[:200]:
        view = world.admin.call("commission_explain", wire.CommissionExplain(referral=deal.referral))
        assert view.same and len(view.steps) == 2, f"R{deal.referral}: {view.why}"
    print(f"{compared} deals computed again by the broker, bit for bit")


def tell(broker):
    deals, agents = read_deals()
    deals.sort(key=lambda deal: deal.day)  # keeps the order of the file within a day
    rates = read_rates()
    rates_of = {agent: rates[place % len(rates)] for place, agent in enumerate(agents)}
    assert len(deals) == 4238 and sum(deal.cents for deal in deals) == 1000553400 and len(rates) == 17
    total = expected(deals, rates_of)
    world = World(broker, agents, sorted({deal.connector for deal in deals if deal.connector}))
    world.set_day(deals[0].day)
    for agent in agents:
        world.write_terms(agent, rates_of[agent])
    world.add_accounts({deal.account for deal in deals})
    batches = live_through(world, deals)
    compare_deals(world, deals, total)
    compare_accounts(world, total, batches)
    replay(world, deals)
    assert broker.stop() == 0, "the broker did not stop cleanly"
    print(broker.vouchd("check").strip())


told(tell, Broker(clock=f"manual:{milliseconds(FIRST_DAY - 30 * DAY)}"))
