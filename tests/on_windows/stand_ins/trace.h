/* What a process asks of the stand-ins, step by step. */
#pragma once

/* The exit code of a process that ends by WINTUN_WORLD_DIE_AT. */
#define DIED 99

/* Writes a line to stderr if the environment contains WINTUN_WORLD_TRACE. Counts a step: at the step whose number is in
 * WINTUN_WORLD_DIE_AT, the process ends at once, as if it were killed. */
void trace(const char *format, ...);
