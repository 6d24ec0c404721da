/* Decides the order in which the manual lists the keys. What they mean is said in the tables of the sections. */
#include "dnspolicy/config/reference.h"

#include "dnspolicy/base/mem.h"
#include "sections.h"

static const struct schema_section *const sections[] = {
    &root_section,  &global_section, &key_section,   &client_section, &resolver_section, &tls_section,
    &https_section, &check_section,  &query_section, &expect_section, &answer_section,   &policy_section,
};

/* Every key as the manual shows it; the slot is overwritten by the next call of the same thread. */
static _Thread_local struct config_key_reference shown;

const struct config_key_reference *config_key_reference(size_t idx)
{
    for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
        const struct schema_section *section = sections[i];
        if (idx >= section->key_count) {
            idx -= section->key_count;
            continue;
        }
        const struct schema_key *key = &section->keys[idx];
        shown = (struct config_key_reference){section->name, key->key,     key->form,
                                              key->fallback, key->meaning, key->read != NULL};
        return &shown;
    }
    return NULL;
}
