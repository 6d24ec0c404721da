/* Turns what libyaml says about a text that is not YAML into a sentence for the author of the text. */
#ifndef DNSPOLICY_SRC_CONFIG_YAML_HINT_H
#define DNSPOLICY_SRC_CONFIG_YAML_HINT_H

#include <stddef.h>
#include <yaml.h>

#include "dnspolicy/config/problems.h"

void yaml_hint_report(const yaml_parser_t *parser, const char *text, size_t len, struct problems *problems);

#endif
