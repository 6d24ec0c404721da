/* The page at the root: what this is, and where all else is. */
#ifndef DNSPOLICY_WEB_LANDING_H
#define DNSPOLICY_WEB_LANDING_H

/* The caller frees. */
char *landing_render(const char *telemetry_path);

#endif
