/* The language netsuff speaks. */
#ifndef NETSUFF_LANGUAGE_H
#define NETSUFF_LANGUAGE_H

#include <libintl.h>
#include <stdbool.h>

#define _(text) dgettext("libruralnet", text)
#define N_(text) text
#define _n(one, many, n) dngettext("libruralnet", one, many, (unsigned long)(n))

/*
 * Speak the language of this code ("fr", "fr_FR.UTF-8"). No locale of it has to be installed. Opens the
 * catalogue, so that no file has to be opened for it later. Complains and yields false when there are no
 * words in it.
 */
bool
language_choose(const char *wanted);

/* The same for what LANGUAGE, LC_ALL, LC_MESSAGES and LANG say, as gettext reads them; English when there
 * are no words in that language. */
void
language_of_user(void);

#endif
