/* SPDX-License-Identifier: Apache-2.0
 *
 * Steps on a payee's balances and on the units of a line, both as the table says, and what must hold of them. */
#include "domain/ledger.h"

#include "base/check.h"
#include "domain/wide.h"

#include <inttypes.h>
#include <string.h>

#define WITH_REASON true

static const struct ledger_account_rule accounts[LEDGER_ACCOUNTS] = {
#define ACCOUNT(NAME, number, OWNER, SIDE, sentence) [number] = {#NAME, OWNER_##OWNER, SIDE_##SIDE, sentence},
#include "domain/ledger_accounts.def"
#undef ACCOUNT
};

static const struct ledger_step_rule steps[LEDGER_STEPS] = {
#define STEP(NAME, number, word, DEBIT, CREDIT, FROM, TO, NEEDS, sentence)                                             \
    [number] = {word, LEDGER_##DEBIT, LEDGER_##CREDIT, PLACE_##FROM, PLACE_##TO, NEEDS, sentence},
#include "domain/ledger_steps.def"
#undef STEP
};

static const char *const reasons[LEDGER_REASONS] = {
#define REASON(NAME, number, word) [number] = word,
#include "domain/ledger_reasons.def"
#undef REASON
};

const struct ledger_account_rule *ledger_account_find(enum ledger_account account)
{
    return account > LEDGER_ACCOUNT_NONE && account < LEDGER_ACCOUNTS ? &accounts[account] : NULL;
}

const struct ledger_step_rule *ledger_step_find(enum ledger_step step)
{
    return step > LEDGER_STEP_NONE && step < LEDGER_STEPS ? &steps[step] : NULL;
}

const char *ledger_reason_word(enum ledger_reason reason)
{
    return reason > LEDGER_REASON_NONE && reason < LEDGER_REASONS ? reasons[reason] : NULL;
}

enum ledger_reason ledger_reason_find(const char *word)
{
    for (int i = LEDGER_REASON_NONE + 1; i < LEDGER_REASONS; i++) {
        if (strcmp(reasons[i], word) == 0) {
            return (enum ledger_reason)i;
        }
    }
    return LEDGER_REASON_NONE;
}

static bool stands_on(enum ledger_side side, wide minor)
{
    return side == SIDE_ANY || minor == 0 || (minor > 0) == (side == SIDE_DEBIT);
}

static wide open_of(const struct ledger_balances *balances)
{
    wide sum = balances->minor[LEDGER_ACC];
    sum += balances->minor[LEDGER_APP];
    sum += balances->minor[LEDGER_PAY];
    return -sum;
}

/* What was paid or offset and not clawed back yet: the expense that nothing is owed on any more. */
static wide paid_of(const struct ledger_balances *balances)
{
    return (wide)balances->minor[LEDGER_EXP] + balances->minor[LEDGER_CLR] - open_of(balances);
}

static enum vouch_status check_move(const struct ledger_move *move, const struct ledger_step_rule *rule,
                                    const struct ledger_balances *balances, struct status_text *why)
{
    char wanted[MONEY_TEXT_BYTES];
    char held[MONEY_TEXT_BYTES];
    if (rule == NULL) {
        return status_set(why, VOUCH_INVALID, "the ledger has no step %d", (int)move->step);
    }
    if (currency_exponent(move->currency) < 0) {
        return status_set(why, VOUCH_INVALID, "%.3s is no currency with a minor unit (ISO 4217)", move->currency);
    }
    if (move->minor <= 0) {
        return status_set(why, VOUCH_INVALID, "%s: an amount above zero, not %s", rule->word,
                          money_format(wanted, move->minor, move->currency));
    }
    if (rule->with_reason && ledger_reason_word(move->reason) == NULL) {
        return status_set(why, VOUCH_INVALID, "%s: a correction says why", rule->word);
    }
    if (move->step == LEDGER_STEP_CLAW_BACK && move->minor > paid_of(balances)) {
        wide paid = paid_of(balances) > 0 ? paid_of(balances) : 0;
        return status_set(why, VOUCH_CONFLICT, "%s: %s were paid and %s are wanted back", rule->word,
                          money_format(held, (int64_t)paid, move->currency),
                          money_format(wanted, move->minor, move->currency));
    }
    return VOUCH_OK;
}

/* Adds to one account, if its balance may be what it becomes. A step that leads to the right side of an account is
 * never refused for its side. */
static enum vouch_status add(const struct ledger_move *move, const struct ledger_step_rule *rule,
                             enum ledger_account account, int64_t minor, struct ledger_balances *balances,
                             struct status_text *why)
{
    char wanted[MONEY_TEXT_BYTES];
    char held[MONEY_TEXT_BYTES];
    int64_t before = balances->minor[account];
    wide after = (wide)before + minor;
    if (!stands_on(accounts[account].side, after)) {
        return status_set(why, VOUCH_CONFLICT, "%s: %s holds %s and %s are to leave it", rule->word,
                          accounts[account].name, money_format(held, before < 0 ? -before : before, move->currency),
                          money_format(wanted, move->minor, move->currency));
    }
    /* Symmetric bounds, so that every balance can be negated. */
    if (after > INT64_MAX || after < -INT64_MAX) {
        return status_set(why, VOUCH_INVALID, "%s: the balance of %s would not fit a number any more", rule->word,
                          accounts[account].name);
    }
    balances->minor[account] = (int64_t)after;
    return VOUCH_OK;
}

static struct ledger_posting posting_of(const struct ledger_move *move, enum ledger_account account, int64_t minor)
{
    struct ledger_posting posting = {account, 0, "", minor};
    posting.owner = accounts[account].owner == OWNER_PAYEE ? move->payee : move->company;
    memcpy(posting.currency, move->currency, CURRENCY_BYTES);
    return posting;
}

enum vouch_status ledger_post(const struct ledger_move *move, struct ledger_balances *balances,
                              struct ledger_posting postings[2], struct status_text *why)
{
    const struct ledger_step_rule *rule = ledger_step_find(move->step);
    struct ledger_balances after = *balances;
    enum vouch_status status = check_move(move, rule, balances, why);
    if (status == VOUCH_OK) {
        status = add(move, rule, rule->debit, move->minor, &after, why);
    }
    if (status == VOUCH_OK) {
        status = add(move, rule, rule->credit, -move->minor, &after, why);
    }
    if (status == VOUCH_OK && open_of(&after) > INT64_MAX) {
        status = status_set(why, VOUCH_INVALID, "%s: what is open would not fit a number any more", rule->word);
    }
    if (status == VOUCH_OK) {
        postings[0] = posting_of(move, rule->debit, move->minor);
        postings[1] = posting_of(move, rule->credit, -move->minor);
        *balances = after;
    }
    return status;
}

enum vouch_status ledger_post_converted(const struct ledger_move *move, const char *to_currency, int64_t to_minor,
                                        bool fail, struct ledger_balances *balances,
                                        struct ledger_balances *to_balances, struct ledger_posting postings[4],
                                        struct status_text *why)
{
    struct ledger_balances after = *balances;
    struct ledger_balances to_after = *to_balances;
    struct ledger_move out = *move;
    struct ledger_move in = *move;
    out.step = fail ? LEDGER_STEP_FX_OUT_FAIL : LEDGER_STEP_FX_OUT;
    in.step = fail ? LEDGER_STEP_FX_IN_FAIL : LEDGER_STEP_FX_IN;
    in.currency = to_currency;
    in.minor = to_minor;
    CHECK(balances != to_balances);
    if (strcmp(move->currency, to_currency) == 0) {
        return status_set(why, VOUCH_INVALID, "%s is not converted into itself", to_currency);
    }
    enum vouch_status status = ledger_post(&out, &after, postings, why);
    if (status == VOUCH_OK) {
        status = ledger_post(&in, &to_after, postings + 2, why);
    }
    if (status == VOUCH_OK) {
        *balances = after;
        *to_balances = to_after;
    }
    return status;
}

int64_t ledger_open(const struct ledger_balances *balances)
{
    wide sum = open_of(balances);
    CHECK(sum >= 0 && sum <= INT64_MAX);
    return (int64_t)sum;
}

int64_t ledger_offsettable(const struct ledger_balances *balances)
{
    int64_t approved = -balances->minor[LEDGER_APP];
    int64_t owed = balances->minor[LEDGER_RCV];
    CHECK(approved >= 0 && owed >= 0);
    return approved < owed ? approved : owed;
}

enum vouch_status ledger_balances_check(const struct ledger_balances *balances, struct status_text *why)
{
    wide sum = 0;
    for (int i = LEDGER_ACCOUNT_NONE + 1; i < LEDGER_ACCOUNTS; i++) {
        sum += balances->minor[i];
        if (!stands_on(accounts[i].side, balances->minor[i])) {
            return status_set(why, VOUCH_INTERNAL, "%s stands at %" PRId64 ", on the wrong side", accounts[i].name,
                              balances->minor[i]);
        }
    }
    return sum == 0 ? VOUCH_OK : status_set(why, VOUCH_INTERNAL, "the accounts do not add up to zero");
}

static const char *const places[PLACES] = {"outside", "accrued", "approved", "payable", "on its way", "paid"};

enum vouch_status ledger_line_move(struct ledger_line *line, enum ledger_step step, int64_t minor,
                                   struct status_text *why)
{
    const struct ledger_step_rule *rule = ledger_step_find(step);
    if (rule == NULL || rule->from == PLACE_PAYEE) {
        return status_set(why, VOUCH_INVALID, "step %d moves nothing on a line", (int)step);
    }
    if (minor <= 0) {
        return status_set(why, VOUCH_INVALID, "%s: an amount above zero, not %" PRId64, rule->word, minor);
    }
    int64_t *from = &line->minor[rule->from];
    int64_t *to = &line->minor[rule->to];
    int64_t sum = 0;
    if (rule->from != PLACE_OUTSIDE && *from < minor) {
        return status_set(why, VOUCH_CONFLICT, "%s: %" PRId64 " of the line are %s, not %" PRId64, rule->word, *from,
                          places[rule->from], minor);
    }
    if (rule->to != PLACE_OUTSIDE && __builtin_add_overflow(*to, minor, &sum)) {
        return status_set(why, VOUCH_INVALID, "%s: the line would not fit a number any more", rule->word);
    }
    if (rule->from != PLACE_OUTSIDE) {
        *from -= minor;
    }
    if (rule->to != PLACE_OUTSIDE) {
        *to = sum;
    }
    return VOUCH_OK;
}

enum vouch_status ledger_take_back(const struct ledger_line *line, int64_t minor,
                                   struct ledger_taking takings[LEDGER_TAKINGS_MAX], size_t *count,
                                   struct status_text *why)
{
    static const enum ledger_step order[LEDGER_TAKINGS_MAX] = {LEDGER_STEP_REVERSE_ACC, LEDGER_STEP_REVERSE_APP,
                                                               LEDGER_STEP_REVERSE_PAY, LEDGER_STEP_CLAW_BACK};
    int64_t rest = minor;
    *count = 0;
    if (minor <= 0) {
        return status_set(why, VOUCH_INVALID, "an amount above zero is taken back, not %" PRId64, minor);
    }
    for (size_t i = 0; i < LEDGER_TAKINGS_MAX && rest > 0; i++) {
        int64_t there = line->minor[steps[order[i]].from];
        CHECK(there >= 0);
        if (there > 0) {
            takings[*count] = (struct ledger_taking){order[i], there < rest ? there : rest};
            rest -= takings[(*count)++].minor;
        }
    }
    if (rest == 0) {
        return VOUCH_OK;
    }
    *count = 0;
    return rest <= line->minor[PLACE_SENT]
               ? status_set(why, VOUCH_CONFLICT, "a part of that is on its way to the bank; wait until it has settled")
               : status_set(why, VOUCH_CONFLICT, "the line is smaller than what is to be taken back");
}
