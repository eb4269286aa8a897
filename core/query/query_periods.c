/* SPDX-License-Identifier: Apache-2.0
 *
 * Periods of a company that pays: the open months, newest first, then the closed ones. */
#include "base/check.h"
#include "domain/zone.h"
#include "query/books_view.h"

static uint32_t month_before(uint32_t month)
{
    CHECK(month > MONTH_LEAST);
    return month % 100 == 1 ? month - 89 : month - 1;
}

/* The first month that can have bookings of the company: the one after its last closing, else that of the first
 * booking of all. */
static uint32_t first_open(const struct question *question, uint64_t company, uint32_t now)
{
    uint32_t closed = period_last_closed(question->view, company);
    const Vouch__V1__Booking *first = record_booking(question->view, 1, question->arena);
    uint32_t from = closed != 0 ? month_next(closed) : first != NULL ? first->period : now;
    return from < now ? from : now;
}

static bool add_period(struct question *question, uint64_t company, uint32_t period, struct page *page)
{
    Vouch__V1__Period *view = page_is_full(page) ? NULL : period_view(question, company, period);
    page->more = view == NULL;
    return view != NULL && page_add(page, view, protobuf_c_message_get_packed_size(&view->base));
}

static void add_open(struct question *question, uint64_t company, struct page *page)
{
    uint32_t now = period_of_now(question, company);
    uint32_t from = first_open(question, company, now);
    for (uint32_t period = now; period >= from && add_period(question, company, period, page);
         period = month_before(period)) {
    }
}

static void add_closed(struct question *question, uint64_t company, struct page *page)
{
    uint32_t period = period_last_closed(question->view, company);
    while (!page->more && period > MONTH_LEAST) {
        struct key key = key_period(company, period);
        struct slice value;
        if (!table_get(question->view, TABLE_PERIOD, key_slice(&key), &value) ||
            !add_period(question, company, period, page)) {
            return;
        }
        period = month_before(period);
    }
}

enum vouch_status query_period_list(struct question *question, const Vouch__V1__Request *request)
{
    const Vouch__V1__PeriodList *asked = request->period_list;
    uint64_t company = asked->company == 0 ? question->actor->company : asked->company;
    Vouch__V1__PeriodPage *answer = question_message(question, &vouch__v1__period_page__descriptor);
    struct page page;
    if (answer == NULL || !page_start(question, asked->limit, &page)) {
        return question_too_large(question);
    }
    if (!record_exists(question->view, TABLE_COMPANY, company)) {
        return status_set(&question->why, VOUCH_NOT_FOUND, "there is no company %" PRIu64, company);
    }
    add_open(question, company, &page);
    add_closed(question, company, &page);
    answer->periods = (Vouch__V1__Period **)page.rows;
    answer->n_periods = page.count;
    answer->more = page.more;
    question->reply->result_case = RESULT(PERIODS);
    question->reply->periods = answer;
    return page.more && page.count == 0 ? question_too_large(question) : VOUCH_OK;
}
