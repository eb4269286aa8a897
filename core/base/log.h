/* SPDX-License-Identifier: Apache-2.0
 *
 * One line an event on standard error, readable by people and by machines:
 *   2026-11-23T08:01:02.123Z warn zap key=7nVQ… address=127.0.0.1 refused: unknown key
 * Level, subject (who or what it is about), then the text; write details as key=value. Levels: error needs a
 * person, warn is a surprise, info is life, debug is for developers. Keeps errno. Any thread. */
#ifndef VOUCH_BASE_LOG_H
#define VOUCH_BASE_LOG_H

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Lines less grave than `level` are dropped. Default: LOG_INFO. */
void log_set_level(enum log_level level);

/* LOG_ERROR … LOG_DEBUG for "error" … "debug"; -1 for anything else. */
int log_level_parse(const char *name);

void log_line(enum log_level level, const char *subject, const char *format, ...) __attribute__((format(printf, 3, 4)));

#define log_error(subject, ...) log_line(LOG_ERROR, subject, __VA_ARGS__)
#define log_warn(subject, ...) log_line(LOG_WARN, subject, __VA_ARGS__)
#define log_info(subject, ...) log_line(LOG_INFO, subject, __VA_ARGS__)
#define log_debug(subject, ...) log_line(LOG_DEBUG, subject, __VA_ARGS__)

#endif
