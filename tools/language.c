/* The language netsuff speaks: which one, and where its catalogue is. */
#include "language.h"

#include "commands.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DOMAIN "libruralnet"

/* lib/po/LINGUAS and the language of the source. */
static const char *const languages[] = {"en", "fr"};

#define LANGUAGES (sizeof languages / sizeof *languages)

/* "fr" of "fr_FR.UTF-8" or "fr:en"; NULL when there are no words in that language. */
static const char *
known_language(const char *wanted)
{
    for (size_t i = 0; i < LANGUAGES; i++)
        if (strncmp(wanted, languages[i], 2) == 0 && strchr("_.@:", wanted[2]) != NULL)
            return languages[i];
    return NULL;
}

static const char *
language_of_environment(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    const char *locale = NULL, *wanted = getenv("LANGUAGE");

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        locale = getenv(names[i]);
        if (locale != NULL && *locale != '\0')
            break;
    }
    /* As gettext has it: LANGUAGE counts only where there is a locale other than C. */
    if (locale == NULL || strcmp(locale, "C") == 0 || strcmp(locale, "POSIX") == 0)
        return NULL;
    return wanted != NULL && *wanted != '\0' ? wanted : locale;
}

/* Catalogues lie beside the program: as installed, else as built. */
static void
bind_catalogues(void)
{
    static const char *const places[] = {"/../share/locale", "/../lib/po"};
    char program[3072], folder[4096], file[4352];
    const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    char *end;

    if (length <= 0)
        return;
    program[length] = '\0';
    end = strrchr(program, '/');
    if (end == NULL)
        return;
    *end = '\0';
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        snprintf(folder, sizeof folder, "%s%s", program, places[i]);
        snprintf(file, sizeof file, "%s/fr/LC_MESSAGES/" DOMAIN ".mo", folder);
        if (access(file, R_OK) == 0) {
            bindtextdomain(DOMAIN, folder);
            return;
        }
    }
}

static void
speak(const char *language)
{
    if (language == NULL || strcmp(language, "en") == 0)
        return;
    /* C.UTF-8 is always there, and LANGUAGE decides under any locale but C. */
    if (setenv("LANGUAGE", language, 1) != 0 || setlocale(LC_MESSAGES, "C.UTF-8") == NULL)
        return;
    bind_catalogues();
    bind_textdomain_codeset(DOMAIN, "UTF-8");
    (void)_("unknown"); /* opens the catalogue */
}

bool
language_choose(const char *wanted)
{
    const char *language = known_language(wanted);

    if (language == NULL) {
        complain("--lang: no words in '%s'; there are en and fr", wanted);
        return false;
    }
    speak(language);
    return true;
}

void
language_of_user(void)
{
    const char *wanted = language_of_environment();

    speak(wanted != NULL ? known_language(wanted) : NULL);
}
